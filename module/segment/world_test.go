package segment_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/migrations"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store/storetest"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// The small world that trees are asked about, once in the database and once in memory.
type (
	person struct {
		id           int64
		email        string
		shop         int64
		country      string
		city         string
		language     string
		phone        string
		name         string
		company      string
		line1        string
		account      bool
		registeredAt time.Time
		gone         bool // merged or erased
		noFacts      bool
		stage        string
		consents     map[string]string // "topic/shop": state
		suppressed   bool
		orders       []order
		carts        []time.Time // when they were touched last; zero: nobody knows
		prediction   *prediction
		habits       *habits
		group        string           // "": in none
		refills      map[int64]string // product: day on which it is due
	}
	habits struct {
		products, categories int64
		discounted           float64 // below 0: not known
		weekday, hour        int64   // below 0: not known
	}
	prediction struct {
		currency                  string
		recency, frequency, money int64
		orders                    map[string]float64 // by horizon; nil: nothing is expected
		low, high                 map[string]int64
		worth                     float64 // below 0: not known
		nextOn                    string  // "": not told
		overdue                   bool
	}
	order struct {
		id       int64
		counts   bool
		currency string
		net      decimal.Decimal
		placedAt time.Time // zero: unknown
		products []int64
		pieces   int64
		coupons  []string
		refunds  []time.Time // zero: nobody knows when
	}
	world struct {
		people     []person
		saved      map[int64]segment.Tree
		categories map[int64][]int64 // product: its categories
		below      map[int64][]int64 // category: itself and all below
	}
)

var (
	countries  = []string{"SI", "AT", "DE", ""}
	stages     = []string{"lead", "new", "active", "loyal", "won_back", "slipping", "lost"}
	currencies = []string{"EUR", "USD"}
	topics     = []string{"newsletter", "offers"}
	cities     = []string{"Koper", "Škofja Loka", "Linz", ""}
	languages  = []string{"sl", "sl-SI", "de_AT", "de", "en", ""}
	coupons    = []string{"WELCOME10", "WELCOME", "OBJEM 5%"}
	horizons   = []string{"30", "90", "365"}
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
		one.fill(r)
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
			o.pieces = int64(len(o.products)) + r.Int64N(4)
			for _, code := range coupons {
				if r.IntN(6) == 0 {
					o.coupons = append(o.coupons, code)
				}
			}
			for r.IntN(4) == 0 {
				o.refunds = append(o.refunds, momentOrNone(r))
			}
			one.orders = append(one.orders, o)
		}
		w.people = append(w.people, one)
	}
	return w
}

// fill draws what a profile says, and what is expected of it.
func (p *person) fill(r *rand.Rand) {
	maybe := func(text string) string {
		if r.IntN(2) == 0 {
			return ""
		}
		return text
	}
	p.shop, p.city, p.language = 1+r.Int64N(2), cities[r.IntN(len(cities))], languages[r.IntN(len(languages))]
	p.phone, p.name, p.company, p.line1 = maybe("+38640111222"), maybe("Ana"), maybe("d.o.o."), maybe("Trg 1")
	p.habits = &habits{products: r.Int64N(5), categories: r.Int64N(5), discounted: float64(r.IntN(102)-1) / 100, weekday: r.Int64N(8), hour: r.Int64N(25) - 1}
	if r.IntN(3) > 0 {
		p.group = string(insight.Groups[r.IntN(len(insight.Groups))])
	}
	p.refills = map[int64]string{}
	for range r.IntN(3) {
		p.refills[1+r.Int64N(products)] = now.AddDate(0, 0, r.IntN(160)-80).Format(time.DateOnly)
	}
	for range r.IntN(3) {
		p.carts = append(p.carts, momentOrNone(r))
	}
	if r.IntN(3) == 0 {
		return
	}
	p.prediction = &prediction{currency: currencies[r.IntN(2)], recency: 1 + r.Int64N(5), frequency: 1 + r.Int64N(5), money: 1 + r.Int64N(5), worth: -1, overdue: r.IntN(4) == 0}
	if r.IntN(3) > 0 {
		p.prediction.orders, p.prediction.low, p.prediction.high = map[string]float64{}, map[string]int64{}, map[string]int64{}
		for _, h := range horizons {
			p.prediction.orders[h] = float64(r.IntN(1200)) / 4
			p.prediction.low[h] = r.Int64N(2)
			p.prediction.high[h] = p.prediction.low[h] + r.Int64N(2)
		}
	}
	if r.IntN(3) > 0 {
		p.prediction.worth = float64(r.IntN(400)) / 4
	}
	if r.IntN(3) > 0 {
		p.prediction.nextOn = now.AddDate(0, 0, r.IntN(100)).Format(time.DateOnly)
	}
}

func momentOrNone(r *rand.Rand) time.Time {
	if r.IntN(6) == 0 {
		return time.Time{}
	}
	return moment(r)
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

func (f *prediction) row(profile int64) string {
	values := []string{fmt.Sprintf("%d,1,1,%d,%d,%d,'%s'", profile, f.recency, f.frequency, f.money, f.currency)}
	if f.worth < 0 {
		values = append(values, "NULL")
	} else {
		values = append(values, fmt.Sprint(f.worth))
	}
	for _, h := range horizons {
		if f.orders == nil {
			values = append(values, "NULL,NULL,NULL")
		} else {
			values = append(values, fmt.Sprintf("%g,%d,%d", f.orders[h], f.low[h], f.high[h]))
		}
	}
	if f.nextOn == "" {
		values = append(values, "NULL")
	} else {
		values = append(values, "'"+f.nextOn+"'")
	}
	return "(" + strings.Join(values, ",") + fmt.Sprintf(",%t)", f.overdue)
}

func (h *habits) columns() string {
	if h == nil {
		return "0,0,NULL,NULL,NULL"
	}
	or := func(known bool, v any) string {
		if !known {
			return "NULL"
		}
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%d,%d,%s,%s,%s", h.products, h.categories, or(h.discounted >= 0, h.discounted), or(h.weekday > 0, h.weekday), or(h.hour >= 0, h.hour))
}

// save writes the world into the database, facts included, as insight would compute them.
func (w *world) save(t testing.TB, db *bun.DB) {
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
	var profiles, orders, lines, facts, revenue, consents, suppressions, refunds, carts, predictions, groups, refills []string
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
		profiles = append(profiles, fmt.Sprintf("(%d,%d,'%s','',%s,'%s','%s','%s','%s','%s','%s',%t,%s,%s,%s,%s,%s)", p.id, p.shop, p.name, email, p.country,
			p.city, p.language, p.phone, p.company, p.line1, p.account, at(p.registeredAt), at(now), at(now), merged, erased))
		for i, changed := range p.carts {
			carts = append(carts, fmt.Sprintf("(1,'%d-%d',%d,'EUR',%s,1,%s)", p.id, i, p.id, at(changed), at(now)))
		}
		if p.prediction != nil {
			predictions = append(predictions, p.prediction.row(p.id))
		}
		net, count := map[string]decimal.Decimal{}, map[string]int{}
		for _, o := range p.orders {
			status, deleted := []string{"paid", "completed", "refunded"}[o.id%3], "NULL"
			if !o.counts {
				status = []string{"pending", "failed", "cancelled", "paid"}[o.id%4]
				if status == "paid" {
					deleted = at(now)
				}
			} else {
				net[o.currency], count[o.currency] = net[o.currency].Add(o.net), count[o.currency]+1
			}
			orders = append(orders, fmt.Sprintf("(%d,1,'%d','%d',1,%d,'%s','%s',%s,0,0,0,5,'%s',%s,%s,1)", o.id, o.id, o.id, p.id, status, o.currency, o.net.Add(decimal.NewFromInt(5)),
				strings.Join(o.coupons, "\\n"), at(o.placedAt), deleted))
			for i, refunded := range o.refunds {
				refunds = append(refunds, fmt.Sprintf("(%d,'%d',1,%s)", o.id, i, at(refunded)))
			}
			for i, product := range o.products {
				quantity := int64(1)
				if i == 0 {
					quantity += o.pieces - int64(len(o.products))
				}
				lines = append(lines, fmt.Sprintf("(%d,%d,'%d',%d,'x',%d,1,0)", o.id, i, i, product, quantity))
			}
		}
		for currency, sum := range net {
			revenue = append(revenue, fmt.Sprintf("(%d,'%s',%d,0,0,%s)", p.id, currency, count[currency], sum))
		}
		if !p.noFacts {
			first, last := p.firstAndLast()
			facts = append(facts, fmt.Sprintf("(%d,%d,%s,%s,'%s',%s,%s)", p.id, len(p.counting()), at(first), at(last), p.stage, at(now), p.habits.columns()))
		}
		if p.group != "" {
			groups = append(groups, fmt.Sprintf("(%d,1,555,555,555,'%s','')", p.id, p.group))
		}
		for product, due := range p.refills {
			refills = append(refills, fmt.Sprintf("(%d,%d,1,'2026-01-01','%s','%s','%s',30,3)", p.id, product, due, due, due))
		}
		for key, state := range p.consents {
			topic, shop, _ := strings.Cut(key, "/")
			consents = append(consents, fmt.Sprintf("(%d,'%s',%s,'%s',1,%s)", p.id, topic, shop, state, at(now)))
		}
	}
	insert("crm_profiles", "id,shop_id,first_name,last_name,email,country,city,language,phone,company,line1,has_account,registered_at,created_at,updated_at,merged_into,erased_at", profiles)
	insert("crm_orders", "id,shop_id,shop_key,number,identity_id,profile_id,status,currency,total,tax,shipping,discount,refunded,coupons,placed_at,deleted_at,fingerprint", orders)
	insert("crm_order_lines", "order_id,position,shop_key,product_id,name,quantity,total,tax", lines)
	insert("crm_facts", "profile_id,orders,first_order_at,last_order_at,stage,refreshed_at,products,categories,discounted_share,weekday,hour", facts)
	insert("crm_rfm", "profile_id,shop_id,independent,nested,fixed,rfm_group,group_before", groups)
	insert("crm_refill_dates", "profile_id,product_id,shop_id,last_on,due_on,due_from,due_to,every_days,purchases", refills)
	insert("crm_fact_revenue", "profile_id,currency,orders,gross,refunded,net", revenue)
	insert("crm_consent_states", "profile_id,topic,shop_id,state,consent_id,changed_at", consents)
	insert("crm_suppressions", "email_hash,reason,at", suppressions)
	for _, file := range []string{"20261125000431_fill_bought", "20261125000433_fill_latest_orders", "20261125000435_fill_pieces"} { // as for a mirror that is older than they are
		fill, err := migrations.Files.ReadFile(file + ".up.sql")
		if err == nil {
			_, err = db.ExecContext(context.Background(), string(fill))
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	insert("crm_refunds", "order_id,shop_key,amount,refunded_at", refunds)
	insert("crm_carts", "shop_id,shop_key,profile_id,currency,changed_at,fingerprint,seen_at", carts)
	insert("crm_predictions", "profile_id,shop_id,run_id,recency,frequency,money,currency,worth,orders_30,low_30,high_30,orders_90,low_90,high_90,orders_365,low_365,high_365,next_on,overdue", predictions)
}

// keep saves two segments for others to rest on, the second on the first.
func (w *world) keep(t testing.TB, db *bun.DB) {
	t.Helper()
	w.saved = map[int64]segment.Tree{}
	for i, root := range []segment.Node{
		segment.Any(segment.Is("orders", segment.Values{"at_least": 2, "days": 60}), segment.Is("bought", segment.Values{"category": segment.Ref{Name: "Shelf 2"}})),
		segment.All(segment.Not(segment.Is("segment", segment.Values{"segment": 1})), segment.Is("known", segment.Values{"what": "phone"})),
	} {
		id := int64(i + 1)
		tree, err := segment.Standard().Check(segment.Tree{Root: root})
		if err == nil {
			_, err = db.NewRaw("INSERT INTO crm_segments (id, name, tree, created_at, updated_at) VALUES (?, ?, ?, ?, ?)", id, fmt.Sprint("Rest ", id), string(tree.JSON()), now, now).Exec(context.Background())
		}
		if err != nil {
			t.Fatal(err)
		}
		w.saved[id] = tree
	}
}

type bundle struct {
	db       *bun.DB
	segments *segment.Segments
	world    *world
	clock    func() time.Time
}

func setup(t testing.TB, people int) bundle {
	t.Helper()
	db := storetest.DB(t)
	clock := func() time.Time { return now }
	segments, err := segment.New(db, segment.Config{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	w := randomWorld(rand.New(rand.NewPCG(1, uint64(people))), people)
	w.save(t, db)
	return bundle{db, segments, w, clock}
}
