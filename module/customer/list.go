package customer

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Sort is what a list of people is ordered by.
type Sort string

// The orders there are. Those by orders and money tell only of people whose facts are worked out, which takes seconds
// after somebody comes in.
const (
	SortName       Sort = "name"
	SortRegistered Sort = "registered"
	SortLastOrder  Sort = "last_order"
	SortOrders     Sort = "orders"
	SortNet        Sort = "net"
)

// Condition is SQL over crm_profiles under the alias p, made by code such as a compiled segment, with its arguments.
type Condition struct {
	SQL  string
	Args []any
}

// ListFilter chooses people and their order. Zero fields do not restrict.
type ListFilter struct {
	Query      string // as for Search: the best 200 hits
	Where      Condition
	Stage      string // as insight names it
	HasAccount *bool
	Country    string
	Sort       Sort // default SortName
	Desc       bool
	After      string // where the page before ended
	Limit      int    // default 50, at most store.PageMax
}

// Row is one person in a list, with figures from crm_facts.
type Row struct {
	Profile     Profile
	Orders      int64
	Net         money.Money   // in the currency most was paid in; zero without orders
	LastOrderAt time.Time     // zero: never
	Stage       string        // empty: not worked out yet
	Consent     consent.State // on any topic of any shop, a grant before a withdrawal; empty: never asked
}

type listRow struct {
	profileRow  `bun:",extend"`
	Orders      *int64
	Net         *string
	Currency    *string
	LastOrderAt bun.NullTime
	Stage       *string
}

// narrow is up to how many people a filter may choose for the list to be sorted in memory rather than read along the
// index of the order, where few hits would mean reading very much.
const narrow = 900

type order struct {
	keys  store.Keyset
	index string
	facts bool // crm_facts drives
}

func (f ListFilter) order() (order, error) {
	key := func(columns ...string) (keys store.Keyset) {
		for _, c := range columns {
			keys = append(keys, store.Key{Column: c, Desc: f.Desc})
		}
		return keys
	}
	staged := ""
	if f.Stage != "" { // stages are made of orders: along a plain index all people of other stages might be read first
		staged = "stage_"
	}
	switch f.Sort {
	case SortName, "":
		return order{keys: key("p.last_name", "p.first_name", "p.id"), index: "crm_profiles_name"}, nil
	case SortRegistered:
		index := "crm_profiles_registered"
		if f.HasAccount != nil { // guests never registered: along the other index they would all be read first
			index = "crm_profiles_merged"
		}
		return order{keys: key("p.registered_at", "p.id"), index: index}, nil
	case SortLastOrder:
		return order{keys: key("f.last_order_at", "f.profile_id"), index: "crm_facts_" + staged + "last_order", facts: true}, nil
	case SortOrders:
		return order{keys: key("f.orders", "f.profile_id"), index: "crm_facts_" + staged + "orders", facts: true}, nil
	case SortNet:
		return order{keys: key("f.net", "f.profile_id"), index: "crm_facts_" + staged + "net", facts: true}, nil
	}
	return order{}, fmt.Errorf("people cannot be sorted by %q", string(f.Sort))
}

func (r listRow) values(s Sort) []any {
	switch s {
	case SortRegistered:
		return []any{nilTime(r.RegisteredAt), r.ID}
	case SortLastOrder:
		return []any{nilTime(r.LastOrderAt), r.ID}
	case SortOrders:
		return []any{*r.Orders, r.ID}
	case SortNet:
		return []any{*r.Net, r.ID}
	default:
		return []any{r.LastName, r.FirstName, r.ID}
	}
}

func nilTime(t bun.NullTime) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t.Time
}

// List gives a page of people, and the cursor of the next page, empty at the end. It needs staff.SeePeople. Any order
// and filter is read along an index, so that the page takes milliseconds among a million.
func (r *Registry) List(ctx context.Context, f ListFilter) (page []Row, next string, err error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return nil, "", err
	}
	by, err := f.order()
	if err != nil {
		return nil, "", err
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, store.PageMax)

	few, chosen, err := r.choose(ctx, f)
	if err != nil || few && len(chosen) == 0 {
		return nil, "", err
	}
	q := r.db.NewSelect().ColumnExpr("p.?", bun.Safe("id"))
	for _, c := range profileColumns[1:] {
		q = q.Column("p." + c)
	}
	q = q.Column("f.orders", "f.net", "f.currency", "f.last_order_at", "f.stage").Limit(int64(f.Limit) + 1)
	switch {
	case few && by.facts:
		q = q.TableExpr("crm_profiles AS p").Join("JOIN crm_facts AS f ON f.profile_id = p.id").Where("p.id IN (?)", bun.List(chosen))
	case few:
		q = q.TableExpr("crm_profiles AS p").Join("LEFT JOIN crm_facts AS f ON f.profile_id = p.id").Where("p.id IN (?)", bun.List(chosen))
	case by.facts:
		q = f.where(q.TableExpr("crm_facts AS f FORCE INDEX (?)", bun.Ident(by.index)).Join("STRAIGHT_JOIN crm_profiles AS p ON p.id = f.profile_id"))
	default:
		q = f.where(q.TableExpr("crm_profiles AS p FORCE INDEX (?)", bun.Ident(by.index)).Join("LEFT JOIN crm_facts AS f ON f.profile_id = p.id"))
	}
	q = by.keys.Order(q)
	if f.After != "" {
		place, err := by.keys.Decode(f.After)
		if err != nil {
			return nil, "", err
		}
		q = place.After(q)
	}
	var rows []listRow
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, "", fmt.Errorf("listing people: %w", err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = by.keys.Encode(rows[f.Limit-1].values(f.Sort)...)
	}
	page, err = r.rows(ctx, rows)
	return page, next, err
}

// where adds the filter to a query over p, and f when it is about stages.
func (f ListFilter) where(q *bun.SelectQuery) *bun.SelectQuery {
	q = q.Where("p.merged_into IS NULL AND p.erased_at IS NULL")
	if f.HasAccount != nil {
		q = q.Where("p.has_account = ?", *f.HasAccount)
	}
	if f.Country != "" {
		q = q.Where("p.country = ?", f.Country)
	}
	if f.Stage != "" {
		q = q.Where("f.stage = ?", f.Stage)
	}
	if f.Where.SQL != "" {
		q = q.Where(f.Where.SQL, f.Where.Args...)
	}
	return q
}

// choose gives the people that the filter leaves, when they are few.
func (r *Registry) choose(ctx context.Context, f ListFilter) (few bool, ids []int64, err error) {
	q := r.db.NewSelect().TableExpr("crm_profiles AS p").ColumnExpr("p.id").Limit(narrow + 1)
	switch {
	case f.Query != "":
		hits, err := r.Search(ctx, f.Query, store.PageMax)
		if err != nil || len(hits) == 0 {
			return true, nil, err
		}
		found := make([]int64, len(hits))
		for i, h := range hits {
			found[i] = h.Profile.ID
		}
		q = q.Where("p.id IN (?)", bun.List(found))
	case f.Country == "" && f.Where.SQL == "":
		return false, nil, nil // a stage, or having an account, is never so rare
	}
	if f.Stage != "" {
		q = q.Join("JOIN crm_facts AS f ON f.profile_id = p.id")
	}
	if err := f.where(q).Scan(ctx, &ids); err != nil {
		return false, nil, fmt.Errorf("choosing people: %w", err)
	}
	return len(ids) <= narrow, ids, nil
}

func (r *Registry) rows(ctx context.Context, rows []listRow) ([]Row, error) {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	states, err := r.consents.StatesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	page := make([]Row, len(rows))
	for i, row := range rows {
		page[i] = Row{Profile: row.profile(), LastOrderAt: row.LastOrderAt.Time}
		if row.Orders != nil {
			page[i].Orders, page[i].Stage = *row.Orders, *row.Stage
			if page[i].Net, err = money.Parse(*row.Net, *row.Currency); err != nil && *row.Currency != "" {
				return nil, fmt.Errorf("facts of profile %d: %w", row.ID, err)
			}
		}
		for _, s := range states[row.ID] {
			if page[i].Consent != consent.Granted {
				page[i].Consent = s.State
			}
		}
	}
	return page, nil
}
