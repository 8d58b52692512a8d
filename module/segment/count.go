package segment

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/store"
)

// Count is how many people a tree selects, and how many of them may be mailed about a topic now. Everybody selected is in
// exactly one of the other figures: the first reason that holds, in the order of the fields, leaves a person out.
type Count struct {
	Profiles   int64 `json:"profiles"`
	NoAddress  int64 `json:"no_address"`
	Withdrawn  int64 `json:"withdrawn"`
	NoConsent  int64 `json:"no_consent"` // never said yes or no
	Suppressed int64 `json:"suppressed"`
	Mailable   int64 `json:"mailable"`
	Millis     int64 `json:"millis"` // how long counting took
}

// Count counts, in one statement. shopID is the shop whose consent counts (0: any shop's), topic the one it would be
// about ("": [consent.DefaultTopic]). It may be asked by whoever may see people; callers check that.
func (s *Segments) Count(ctx context.Context, tree Tree, shopID int64, topic string) (Count, error) {
	began := time.Now()
	if topic == "" {
		topic = consent.DefaultTopic
	}
	q, err := s.Compile(ctx, tree, Scope{ShopID: shopID})
	if err != nil {
		return Count{}, err
	}
	fate := consent.FateSQL(topic, shopID)
	if tree.Root.grants(topic) {
		fate = consent.GrantedFateSQL()
	}
	// The people are found first, as a table of their own that the limit keeps apart: servers would else look up everybody's
	// fate before they are through with the conditions. One expression, so that each question is put once to each person.
	sql := "SELECT " + fate.SQL + " AS fate, COUNT(*) AS n FROM (SELECT p.id FROM crm_profiles AS p" + notTheLiving(tree) + " WHERE " + q.SQL + " LIMIT ?) AS x STRAIGHT_JOIN crm_profiles AS p ON p.id = x.id" +
		fate.Joins + " GROUP BY fate"
	args := slices.Concat(fate.Args, q.Args, []any{int64(math.MaxInt64)}, fate.JoinArgs)
	var rows []struct {
		Fate string
		N    int64
	}
	if err := s.db.NewRaw(sql, args...).Scan(ctx, &rows); err != nil {
		return Count{}, fmt.Errorf("counting a segment: %w", err)
	}
	var c Count
	for _, row := range rows {
		c.Profiles += row.N
		switch row.Fate {
		case consent.FateNoAddress:
			c.NoAddress = row.N
		case consent.FateWithdrawn:
			c.Withdrawn = row.N
		case consent.FateNoConsent:
			c.NoConsent = row.N
		case consent.FateSuppressed:
			c.Suppressed = row.N
		case consent.FateMailable:
			c.Mailable = row.N
		}
	}
	c.Millis = time.Since(began).Milliseconds()
	return c, nil
}

// notTheLiving keeps servers from reading all the living from the index of them, and then asking of each whether they bought
// something or when they registered: the few who did are found by the product and by the time. Other conditions are better
// left to the servers' statistics.
func notTheLiving(tree Tree) string {
	for _, c := range tree.Conditions() {
		if c.Kind == "bought" || c.Kind == "registered" && !c.Has("account") {
			return " IGNORE INDEX (crm_profiles_merged)"
		}
	}
	return ""
}

// grants says whether all who meet n have granted the topic, as far as n says so itself.
func (n Node) grants(topic string) bool {
	if n.Is != nil {
		return n.Is.Kind == "consent" && n.Is.Text("state") == stateGranted && n.Is.Text("topic") == topic
	}
	return slices.ContainsFunc(n.All, func(child Node) bool { return child.grants(topic) })
}

// countersAtOnce is how many conditions are counted side by side; the database does other work too.
const countersAtOnce = 3

// CountEach counts, for each condition of the tree alone, the people who meet it, by path. It puts one statement per
// condition.
func (s *Segments) CountEach(ctx context.Context, tree Tree, shopID int64) (map[string]int64, error) {
	var mu sync.Mutex
	counts := map[string]int64{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(countersAtOnce)
	for path, c := range tree.Conditions() {
		group.Go(func() error {
			n, err := s.people(ctx, Tree{Node{Is: c}}, shopID)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			counts[path] = n
			return nil
		})
	}
	return counts, group.Wait()
}

func (s *Segments) people(ctx context.Context, tree Tree, shopID int64) (n int64, err error) {
	q, err := s.Compile(ctx, tree, Scope{ShopID: shopID})
	if err != nil {
		return 0, err
	}
	if err := s.db.NewRaw("SELECT COUNT(*) FROM crm_profiles AS p WHERE "+q.SQL, q.Args...).Scan(ctx, &n); err != nil {
		return 0, fmt.Errorf("counting a condition: %w", err)
	}
	return n, nil
}

// Person is somebody selected, with what a list shows of them.
type Person struct {
	ID          int64
	Name        contact.Name
	Email       contact.Email // empty: none
	Country     string
	Orders      int64
	Net         money.Money // in the person's main currency
	LastOrderAt time.Time   // zero: never
	Stage       insight.Stage
}

type personRow struct {
	ID          int64
	FirstName   string
	LastName    string
	Email       *string
	Country     string
	Orders      *int64
	Currency    *string
	Net         *decimal.Decimal
	LastOrderAt *time.Time
	Stage       *string
}

func (r personRow) person() Person {
	p := Person{ID: r.ID, Name: contact.Name{First: r.FirstName, Last: r.LastName}, Country: r.Country, Stage: insight.StageLead}
	if r.Email != nil {
		p.Email = contact.Email(*r.Email)
	}
	if r.Stage != nil { // there are facts
		p.Orders, p.Net, p.Stage = *r.Orders, money.New(*r.Net, *r.Currency), insight.Stage(*r.Stage)
	}
	if r.LastOrderAt != nil {
		p.LastOrderAt = *r.LastOrderAt
	}
	return p
}

// Sample gives at most n of the people selected, drawn by the seed: the same seed draws the same people as long as the
// same are selected.
func (s *Segments) Sample(ctx context.Context, tree Tree, shopID int64, n int, seed int64) ([]Person, error) {
	return s.list(ctx, tree, shopID, "", " ORDER BY CRC32(CONCAT(p.id, '/', ?)), p.id LIMIT ?", seed, n)
}

// Members gives the people selected by ascending id, those after the given one (0: from the beginning), at most limit
// (default 50, at most [store.PageMax]).
func (s *Segments) Members(ctx context.Context, tree Tree, shopID, after int64, limit int) ([]Person, error) {
	if limit <= 0 {
		limit = 50
	}
	// Left to itself MariaDB may read everybody still to come from an index that tells the living, and sort them, for each page.
	return s.list(ctx, tree, shopID, " FORCE INDEX (PRIMARY)", " AND p.id > ? ORDER BY p.id LIMIT ?", after, min(limit, store.PageMax))
}

// list draws the ids first, so that facts are joined for the few people shown and not for everybody selected. The hint is
// for the table of profiles.
func (s *Segments) list(ctx context.Context, tree Tree, shopID int64, hint, tail string, args ...any) ([]Person, error) {
	q, err := s.Compile(ctx, tree, Scope{ShopID: shopID})
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := s.db.NewRaw("SELECT p.id FROM crm_profiles AS p"+hint+" WHERE "+q.SQL+tail, append(q.Args, args...)...).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("listing the people of a segment: %w", err)
	}
	return s.persons(ctx, ids)
}

// persons reads people in the order of the ids. Who is no more there is left out.
func (s *Segments) persons(ctx context.Context, ids []int64) ([]Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []personRow
	err := s.db.NewRaw(`SELECT p.id, p.first_name, p.last_name, p.email, p.country, f.orders, f.currency, f.net, f.last_order_at, f.stage
		FROM crm_profiles AS p LEFT JOIN crm_facts AS f ON f.profile_id = p.id WHERE p.id IN (?)`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading the people of a segment: %w", err)
	}
	byID := make(map[int64]Person, len(rows))
	for _, row := range rows {
		byID[row.ID] = row.person()
	}
	people := make([]Person, 0, len(ids))
	for _, id := range ids {
		if p, ok := byID[id]; ok {
			people = append(people, p)
		}
	}
	return people, nil
}
