package report

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// Config tunes reports. The zero value is good.
type Config struct {
	Clock func() time.Time // default time.Now
}

// Reports keeps the sums and answers from them. It is safe for concurrent use.
type Reports struct {
	db       *bun.DB
	catalog  *catalog.Catalog
	segments *segment.Segments
	clock    func() time.Time
}

// New makes reports over the CRM's database.
func New(db *bun.DB, products *catalog.Catalog, segments *segment.Segments, cfg Config) *Reports {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Reports{db: db, catalog: products, segments: segments, clock: cfg.Clock}
}

func (r *Reports) now() time.Time { return r.clock().UTC().Truncate(time.Microsecond) }

// Query says which orders a report is of. Orders of other currencies are left out.
type Query struct {
	ShopID   int64 // 0: all shops
	Currency string
	Frame    Frame
	People   *segment.Tree // nil: everybody's
}

// Sum is orders and their money, in the query's currency.
type Sum struct {
	Orders          int64
	Gross, Refunded decimal.Decimal
}

// Net is what stays of the orders' totals after refunds.
func (s Sum) Net() decimal.Decimal { return s.Gross.Sub(s.Refunded) }

// Add gives both together.
func (s Sum) Add(t Sum) Sum {
	return Sum{s.Orders + t.Orders, s.Gross.Add(t.Gross), s.Refunded.Add(t.Refunded)}
}

// less gives s without t.
func (s Sum) less(t Sum) Sum {
	return Sum{s.Orders - t.Orders, s.Gross.Sub(t.Gross), s.Refunded.Sub(t.Refunded)}
}

// State is how far the sums are.
type State struct {
	Ready     bool      // they were made once; before that every report is empty
	CheckedAt time.Time // when they were last compared with the orders, all of them
	Corrected int64     // how many sums were wrong then
	Waiting   int64     // people whose orders changed since
}

// State tells.
func (r *Reports) State(ctx context.Context) (State, error) {
	var row struct {
		BuiltAt, CheckedAt bun.NullTime
		Corrected, Waiting int64
	}
	err := r.db.NewRaw(`SELECT MAX(built_at) AS built_at, MAX(checked_at) AS checked_at, COALESCE(MAX(corrected), 0) AS corrected,
		(SELECT COUNT(*) FROM crm_report_changes) AS waiting FROM crm_report_states WHERE id = 1`).Scan(ctx, &row)
	if err != nil {
		return State{}, fmt.Errorf("reading how far the reports are: %w", err)
	}
	return State{!row.BuiltAt.IsZero(), row.CheckedAt.Time, row.Corrected, row.Waiting}, nil
}

// Currencies gives what a shop, or with shopID 0 any, sells in, that of the most orders first.
func (r *Reports) Currencies(ctx context.Context, shopID int64) ([]string, error) {
	if _, err := staff.Require(ctx, staff.SeeSales); err != nil {
		return nil, err
	}
	shops, err := r.shopIDs(ctx, shopID)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = r.db.NewRaw("SELECT currency FROM crm_report_cohorts WHERE shop_id IN (?) AND currency <> '' GROUP BY currency ORDER BY SUM(orders) DESC, currency", bun.List(shops)).Scan(ctx, &codes)
	if err != nil {
		return nil, fmt.Errorf("reading the currencies of orders: %w", err)
	}
	return codes, nil
}

// shopIDs is the shop asked for, or all.
func (r *Reports) shopIDs(ctx context.Context, shopID int64) ([]int64, error) {
	if shopID != 0 {
		return []int64{shopID}, nil
	}
	zones, err := r.zones(ctx, r.db)
	if err != nil {
		return nil, err
	}
	ids := []int64{0} // IN () is not SQL; no shop has it
	for id := range zones {
		ids = append(ids, id)
	}
	return ids, nil
}

// zones gives each shop's time zone.
func (r *Reports) zones(ctx context.Context, db bun.IDB) (map[int64]*time.Location, error) {
	var rows []struct {
		ID   int64
		Zone string
	}
	if err := db.NewRaw("SELECT id, zone FROM crm_shops").Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("reading the shops' time zones: %w", err)
	}
	zones := make(map[int64]*time.Location, len(rows))
	for _, row := range rows {
		zones[row.ID] = locale.Zone(row.Zone)
	}
	return zones, nil
}

// Exported lets a report be taken away, by whoever has [staff.ExportPeople], and keeps in the audit log that it was.
func (r *Reports) Exported(ctx context.Context, name string) error {
	if _, err := staff.Require(ctx, staff.ExportPeople); err != nil {
		return err
	}
	return staff.Record(ctx, r.db, "report.export", "report", 0, map[string]any{"report": name})
}
