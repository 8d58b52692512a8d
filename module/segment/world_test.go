package segment_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store/storetest"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// The small world that trees are asked about, once in the database and once in memory.
type (
	person struct {
		id           int64
		email        string
		country      string
		account      bool
		registeredAt time.Time
		gone         bool // merged or erased
		noFacts      bool
		stage        string
		consents     map[string]string // "topic/shop": state
		suppressed   bool
		orders       []order
	}
	order struct {
		id       int64
		counts   bool
		currency string
		net      decimal.Decimal
		placedAt time.Time // zero: unknown
		products []int64
	}
	world struct {
		people     []person
		categories map[int64][]int64 // product: its categories
		below      map[int64][]int64 // category: itself and all below
	}
)

var (
	countries  = []string{"SI", "AT", "DE", ""}
	stages     = []string{"lead", "new", "active", "loyal", "slipping", "lost"}
	currencies = []string{"EUR", "USD"}
	topics     = []string{"newsletter", "offers"}
)

const (
	products   = 6
	categories = 5 // 1 > 2 > 3; 4; 5
)

// randomWorld makes people whose times lie densely around the bounds that random conditions use.
func randomWorld(r *rand.Rand, people int) *world {
	w := &world{categories: map[int64][]int64{}, below: map[int64][]int64{1: {1, 2, 3}, 2: {2, 3}, 3: {3}, 4: {4}, 5: {5}}}
	for p := int64(1); p <= products; p++ {
		for c := int64(1); c <= categories; c++ {
			if r.IntN(3) == 0 {
				w.categories[p] = append(w.categories[p], c)
			}
		}
	}
	var orders int64
	for id := int64(1); id <= int64(people); id++ {
		one := person{id: id, country: countries[r.IntN(len(countries))], account: r.IntN(2) == 0, stage: stages[r.IntN(len(stages))],
			gone: r.IntN(12) == 0, noFacts: r.IntN(10) == 0, consents: map[string]string{}, suppressed: r.IntN(8) == 0}
		if r.IntN(6) > 0 {
			one.email = fmt.Sprintf("p%d@example.com", id)
		}
		if r.IntN(3) > 0 {
			one.registeredAt = moment(r)
		}
		for _, topic := range topics {
			for shop := 1; shop <= 2; shop++ {
				switch r.IntN(4) {
				case 0:
					one.consents[fmt.Sprintf("%s/%d", topic, shop)] = "granted"
				case 1:
					one.consents[fmt.Sprintf("%s/%d", topic, shop)] = "withdrawn"
				}
			}
		}
		for range r.IntN(6) {
			if one.noFacts {
				break // facts are only missing for people without orders
			}
			orders++
			o := order{id: orders, counts: r.IntN(4) > 0, currency: currencies[r.IntN(2)], net: decimal.New(int64(r.IntN(20000)), -2)}
			if r.IntN(10) > 0 {
				o.placedAt = moment(r)
			}
			for range 1 + r.IntN(3) {
				o.products = append(o.products, 1+r.Int64N(products))
			}
			one.orders = append(one.orders, o)
		}
		w.people = append(w.people, one)
	}
	return w
}

func moment(r *rand.Rand) time.Time {
	t := now.Add(-time.Duration(r.Int64N(100*24*60)) * time.Minute)
	switch r.IntN(4) {
	case 0: // exactly so many days ago
		t = now.AddDate(0, 0, -r.IntN(100))
	case 1: // midnight in Ljubljana
		d := now.AddDate(0, 0, -r.IntN(100))
		t = time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, ljubljana)
	}
	return t.UTC().Add(time.Duration(r.IntN(3)-1) * time.Microsecond)
}

var ljubljana = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		panic(err)
	}
	return zone
}()

func (p person) counting() (all []order) {
	for _, o := range p.orders {
		if o.counts {
			all = append(all, o)
		}
	}
	return all
}

func (p person) firstAndLast() (first, last time.Time) {
	for _, o := range p.counting() {
		if o.placedAt.IsZero() {
			continue
		}
		if first.IsZero() || o.placedAt.Before(first) {
			first = o.placedAt
		}
		if o.placedAt.After(last) {
			last = o.placedAt
		}
	}
	return first, last
}

// save writes the world into the database, facts included, as insight would compute them.
func (w *world) save(t *testing.T, db *bun.DB) {
	t.Helper()
	insert := func(table, columns string, rows []string) {
		if len(rows) == 0 {
			return
		}
		if _, err := db.ExecContext(context.Background(), "INSERT INTO "+table+" ("+columns+") VALUES "+strings.Join(rows, ",")); err != nil {
			t.Fatalf("filling %s: %v", table, err)
		}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return "NULL"
		}
		return "'" + t.UTC().Format("2006-01-02 15:04:05.000000") + "'"
	}
	insert("crm_shops", "id,name,platform,zone,created_at", []string{"(1,'a','woocommerce','Europe/Ljubljana','2020-01-01')", "(2,'b','woocommerce','UTC','2020-01-01')"})
	var rows []string
	parents := map[int]string{2: "c1", 3: "c2"}
	for c := 1; c <= categories; c++ {
		rows = append(rows, fmt.Sprintf("(%d,1,'c%d','%s','Shelf %d')", c, c, parents[c], c))
	}
	insert("crm_categories", "id,shop_id,shop_key,parent_key,name", rows)
	var shelved []string
	rows = nil
	for p := int64(1); p <= products; p++ {
		rows = append(rows, fmt.Sprintf("(%d,1,'p%d','SKU-%d','Thing %d','EUR','in',1,1)", p, p, p, p))
		for _, c := range w.categories[p] {
			shelved = append(shelved, fmt.Sprintf("(%d,%d)", p, c))
		}
	}
	insert("crm_products", "id,shop_id,shop_key,sku,name,currency,stock,visible,fingerprint", rows)
	insert("crm_product_categories", "product_id,category_id", shelved)
	var profiles, orders, lines, facts, revenue, consents, suppressions []string
	for _, p := range w.people {
		email, merged, erased := "NULL", "NULL", "NULL"
		if p.email != "" {
			email = "'" + p.email + "'"
			if p.suppressed {
				suppressions = append(suppressions, fmt.Sprintf("(UNHEX(SHA2('%s',256)),'bounced',%s)", p.email, at(now)))
			}
		}
		if p.gone && p.id%2 == 0 {
			merged = "1"
		} else if p.gone {
			erased = at(now)
		}
		profiles = append(profiles, fmt.Sprintf("(%d,1,'First %d','Last',%s,'%s',%t,%s,%s,%s,%s,%s)", p.id, p.id, email, p.country, p.account, at(p.registeredAt), at(now), at(now), merged, erased))
		net := map[string]decimal.Decimal{}
		for _, o := range p.orders {
			status, deleted := []string{"paid", "completed", "refunded"}[o.id%3], "NULL"
			if !o.counts {
				status = []string{"pending", "failed", "cancelled", "paid"}[o.id%4]
				if status == "paid" {
					deleted = at(now)
				}
			} else {
				net[o.currency] = net[o.currency].Add(o.net)
			}
			orders = append(orders, fmt.Sprintf("(%d,1,'%d','%d',1,%d,'%s','%s',%s,0,0,0,5,%s,%s,1)", o.id, o.id, o.id, p.id, status, o.currency, o.net.Add(decimal.NewFromInt(5)), at(o.placedAt), deleted))
			for i, product := range o.products {
				lines = append(lines, fmt.Sprintf("(%d,%d,'%d',%d,'x',1,1,0)", o.id, i, i, product))
			}
		}
		for currency, sum := range net {
			revenue = append(revenue, fmt.Sprintf("(%d,'%s',1,0,0,%s)", p.id, currency, sum))
		}
		if !p.noFacts {
			first, last := p.firstAndLast()
			facts = append(facts, fmt.Sprintf("(%d,%d,%s,%s,'%s',%s)", p.id, len(p.counting()), at(first), at(last), p.stage, at(now)))
		}
		for key, state := range p.consents {
			topic, shop, _ := strings.Cut(key, "/")
			consents = append(consents, fmt.Sprintf("(%d,'%s',%s,'%s',1,%s)", p.id, topic, shop, state, at(now)))
		}
	}
	insert("crm_profiles", "id,shop_id,first_name,last_name,email,country,has_account,registered_at,created_at,updated_at,merged_into,erased_at", profiles)
	insert("crm_orders", "id,shop_id,shop_key,number,identity_id,profile_id,status,currency,total,tax,shipping,discount,refunded,placed_at,deleted_at,fingerprint", orders)
	insert("crm_order_lines", "order_id,position,shop_key,product_id,name,quantity,total,tax", lines)
	insert("crm_facts", "profile_id,orders,first_order_at,last_order_at,stage,refreshed_at", facts)
	insert("crm_fact_revenue", "profile_id,currency,orders,gross,refunded,net", revenue)
	insert("crm_consent_states", "profile_id,topic,shop_id,state,consent_id,changed_at", consents)
	insert("crm_suppressions", "email_hash,reason,at", suppressions)
}

// members is the reference: slow, plain, and written from the package comment.
func (w *world) members(tree segment.Tree, shopID int64) (ids []int64) {
	for _, p := range w.people {
		if !p.gone && w.meets(p, tree.Root, shopID) {
			ids = append(ids, p.id)
		}
	}
	return ids
}

func (w *world) meets(p person, n segment.Node, shopID int64) bool {
	switch {
	case n.Is != nil:
		return w.holds(p, n.Is, shopID)
	case n.Not != nil:
		return !w.meets(p, *n.Not, shopID)
	case n.Any != nil:
		return slices.ContainsFunc(n.Any, func(child segment.Node) bool { return w.meets(p, child, shopID) })
	}
	return !slices.ContainsFunc(n.All, func(child segment.Node) bool { return !w.meets(p, child, shopID) })
}

func (w *world) holds(p person, c *segment.Condition, shopID int64) bool {
	zone := ljubljana
	if shopID == 2 {
		zone = time.UTC
	}
	switch c.Kind {
	case "orders":
		n := int64(0)
		for _, o := range p.counting() {
			if inFrame(c, o.placedAt, zone) {
				n++
			}
		}
		return c.Has("at_least") && n >= c.Int("at_least") || c.Has("at_most") && n <= c.Int("at_most") || c.Has("exactly") && n == c.Int("exactly")
	case "spent":
		var sum decimal.Decimal
		for _, o := range p.counting() {
			if o.currency == c.Text("currency") && inFrame(c, o.placedAt, zone) {
				sum = sum.Add(o.net)
			}
		}
		return c.Has("at_least") && sum.GreaterThanOrEqual(c.Amount("at_least")) || c.Has("at_most") && sum.LessThanOrEqual(c.Amount("at_most"))
	case "last_order", "first_order":
		if c.Has("never") {
			return len(p.counting()) == 0
		}
		first, last := p.firstAndLast()
		if c.Kind == "first_order" {
			last = first
		}
		return inMoment(c, last, zone)
	case "bought", "not_bought":
		n := int64(0)
		for _, o := range p.counting() {
			if inFrame(c, o.placedAt, zone) && slices.ContainsFunc(o.products, func(id int64) bool { return w.is(c, id) }) {
				n++
			}
		}
		if c.Kind == "not_bought" {
			return n == 0
		}
		return n >= c.Int("at_least")
	case "registered":
		if c.Has("account") {
			return p.account == c.Flag("account")
		}
		return inMoment(c, p.registeredAt, zone)
	case "consent":
		said := map[string]bool{}
		for key, state := range p.consents {
			topic, shop, _ := strings.Cut(key, "/")
			if topic == c.Text("topic") && (shopID == 0 || shop == fmt.Sprint(shopID)) {
				said[state] = true
			}
		}
		return c.Text("state") == "none" && len(said) == 0 || said[c.Text("state")]
	case "country":
		return slices.Contains(c.List("in"), p.country)
	case "stage":
		if p.noFacts {
			return slices.Contains(c.List("in"), "lead")
		}
		return slices.Contains(c.List("in"), p.stage)
	}
	panic("the reference does not know " + c.Kind)
}

func (w *world) is(c *segment.Condition, product int64) bool {
	if c.Has("product") {
		r := c.Ref("product")
		return product == r.ID || r.Name == fmt.Sprintf("SKU-%d", product)
	}
	r := c.Ref("category")
	id := r.ID
	if id == 0 {
		if _, err := fmt.Sscanf(r.Name, "Shelf %d", &id); err != nil {
			panic(err)
		}
	}
	return slices.ContainsFunc(w.categories[product], func(c int64) bool { return slices.Contains(w.below[id], c) })
}

func inFrame(c *segment.Condition, t time.Time, zone *time.Location) bool {
	if !c.Has("days") && !c.Has("from") && !c.Has("before") {
		return true
	}
	if t.IsZero() {
		return false
	}
	if c.Has("days") {
		return now.Sub(t) <= time.Duration(c.Int("days"))*24*time.Hour
	}
	return inDates(c, t, zone)
}

func inMoment(c *segment.Condition, t time.Time, zone *time.Location) bool {
	if t.IsZero() {
		return false
	}
	age := now.Sub(t)
	const day = 24 * time.Hour
	switch {
	case c.Has("within"):
		return age <= time.Duration(c.Int("within"))*day
	case c.Has("over"):
		return age > time.Duration(c.Int("over"))*day
	case c.Has("between"):
		from, to := c.Span("between")
		return age >= time.Duration(from)*day && age <= time.Duration(to)*day
	}
	return inDates(c, t, zone)
}

func inDates(c *segment.Condition, t time.Time, zone *time.Location) bool {
	day := t.In(zone).Format("2006-01-02")
	return (!c.Has("from") || day >= c.Text("from")) && (!c.Has("to") || day <= c.Text("to")) && (!c.Has("before") || day < c.Text("before"))
}

// randomTree fills the slots of random kinds at random; it knows kinds only by their fields.
func randomTree(r *rand.Rand, v *segment.Vocabulary, depth int) segment.Node {
	if depth == 0 || r.IntN(3) > 0 {
		return randomCondition(r, v)
	}
	if r.IntN(4) == 0 {
		return segment.Not(randomTree(r, v, depth-1))
	}
	nodes := make([]segment.Node, 1+r.IntN(3))
	for i := range nodes {
		nodes[i] = randomTree(r, v, depth-1)
	}
	if r.IntN(2) == 0 {
		return segment.Any(nodes...)
	}
	return segment.All(nodes...)
}

func randomCondition(r *rand.Rand, v *segment.Vocabulary) segment.Node {
	kinds := v.Kinds()
	kind := kinds[r.IntN(len(kinds))]
	for {
		values := segment.Values{}
		for _, slot := range kind.Slots {
			for _, f := range slot.Options[r.IntN(len(slot.Options))].Fields {
				values[f.Name] = randomValue(r, kind.Name, f)
			}
		}
		node := segment.Is(kind.Name, values)
		if _, err := v.Check(segment.Tree{Root: node}); err == nil { // a frame may end before it begins: throw again
			return node
		}
	}
}

func randomValue(r *rand.Rand, kind string, f segment.Field) any {
	some := func(all []string) []string {
		n := 1 + r.IntN(len(all))
		picked := make([]string, n)
		for i, k := range r.Perm(len(all))[:n] {
			picked[i] = all[k]
		}
		return picked
	}
	switch f.Type {
	case segment.Whole:
		if f.Max > 10_000 {
			return max(f.Min, r.Int64N(5)) // a count of orders
		}
		return 1 + r.Int64N(100)
	case segment.Amount:
		return decimal.New(r.Int64N(30000), -2)
	case segment.Currency:
		return currencies[r.IntN(2)]
	case segment.Flag:
		return kind != "registered" || r.IntN(2) == 0
	case segment.Day:
		return now.AddDate(0, 0, -r.IntN(100)).Format("2006-01-02")
	case segment.Span:
		from := r.Int64N(60)
		return [2]int64{from, from + r.Int64N(40)}
	case segment.Word:
		if len(f.Options) > 0 {
			return f.Options[r.IntN(len(f.Options))]
		}
		return topics[r.IntN(len(topics))]
	case segment.Words:
		return some(f.Options)
	case segment.Country:
		return some(countries[:3])
	case segment.Product:
		id := 1 + r.Int64N(products)
		if r.IntN(2) == 0 {
			return segment.Ref{Name: fmt.Sprintf("SKU-%d", id)}
		}
		return segment.Ref{ID: id}
	case segment.Category:
		id := 1 + r.Int64N(categories)
		if r.IntN(2) == 0 {
			return segment.Ref{Name: fmt.Sprintf("Shelf %d", id)}
		}
		return segment.Ref{ID: id}
	}
	panic("a type of field that the test does not know")
}

type bundle struct {
	db       *bun.DB
	segments *segment.Segments
	world    *world
}

func setup(t *testing.T, people int) bundle {
	t.Helper()
	db := storetest.DB(t)
	segments, err := segment.New(db, segment.Config{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	w := randomWorld(rand.New(rand.NewPCG(1, uint64(people))), people)
	w.save(t, db)
	return bundle{db, segments, w}
}
