package segment

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// MaxMonths is how far back a backtest looks.
const MaxMonths = 24

// AfterDays is for how many days after a day a backtest looks at what people bought.
const AfterDays = 30

// BacktestJob is the kind of the background job that makes a backtest.
const BacktestJob = "segment.backtest"

// ErrTooYoung says that no month is over whose first day had customers and thirty days after it.
var ErrTooYoung = errors.New("there is no first of a month yet that has orders before it and thirty days after it")

// Backtest is who would have been in a segment on the first of each month, and what they bought then.
type Backtest struct {
	SegmentID int64     `json:"segment"`
	MadeAt    time.Time `json:"made_at"`
	Millis    int64     `json:"millis"`
	Months    []Month   `json:"months"` // oldest first
	Edited    bool      `json:"edited"` // the segment's conditions were edited since
}

// Month is the first day of one, at its beginning in the first shop's zone.
type Month struct {
	Day     string `json:"day"`
	Segment Cohort `json:"people"`
	All     Cohort `json:"all"` // everybody who had ordered before the day
}

// Cohort is people of a day and what they bought in the [AfterDays] after it.
type Cohort struct {
	People  int64     `json:"people"`
	Ordered int64     `json:"ordered"`
	Revenue []Revenue `json:"revenue"` // net of refunds, largest first
}

// Revenue is what orders of one currency came to.
type Revenue struct {
	Currency string          `json:"currency"`
	Orders   int64           `json:"orders"`
	Net      decimal.Decimal `json:"net"`
}

// Share is how many of the people ordered, 0 to 1.
func (c Cohort) Share() float64 {
	if c.People == 0 {
		return 0
	}
	return float64(c.Ordered) / float64(c.People)
}

type backtestRow struct {
	bun.BaseModel `bun:"table:crm_segment_backtests"`

	ID        int64 `bun:",pk,autoincrement"`
	SegmentID int64
	TreeHash  []byte
	Months    string
	Millis    int64
	MadeAt    time.Time
}

type backtestTask struct {
	Segment int64 `json:"segment"`
	Months  int   `json:"months"`
}

func backtestKey(id int64) string { return fmt.Sprintf("%s %d", BacktestJob, id) }

// StartBacktest has a backtest made in the background; one that waits or runs is left to it. It needs [staff.WriteSegments],
// and the audit log keeps it. A tree that cannot be answered of the past is a [*PastError], at once.
func (s *Segments) StartBacktest(ctx context.Context, jobs *job.Queue, id int64, months int) error {
	if _, err := staff.Require(ctx, staff.WriteSegments); err != nil {
		return err
	}
	saved, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	if _, err := s.vocabulary.AsOf(saved.Tree, s.now().Format(dayLayout)); err != nil {
		return err
	}
	err = store.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := jobs.Enqueue(ctx, tx, BacktestJob, backtestTask{id, months}, job.Options{UniqueKey: backtestKey(id), MaxAttempts: 2}); err != nil {
			return err
		}
		return staff.Record(ctx, tx, "segment.backtest", "segment", id, map[string]any{"name": saved.Name})
	})
	if err != nil {
		return fmt.Errorf("beginning a backtest of segment %d: %w", id, err)
	}
	return nil
}

// PendingBacktest gives the job that makes a segment's backtest, or [store.ErrNotFound].
func (s *Segments) PendingBacktest(ctx context.Context, jobs *job.Queue, id int64) (job.Job, error) {
	return jobs.Pending(ctx, backtestKey(id))
}

// RunBacktest is the handler of [BacktestJob].
func (s *Segments) RunBacktest(ctx context.Context, run *job.Run) error {
	var task backtestTask
	if err := run.Payload(&task); err != nil {
		return err
	}
	_, err := s.Backtest(ctx, task.Segment, task.Months, func(done, total int64) { _ = run.Progress(ctx, done, total, "") })
	var past *PastError
	var invalid *InvalidError
	if errors.As(err, &past) || errors.As(err, &invalid) || errors.Is(err, ErrTooYoung) || errors.Is(err, store.ErrNotFound) {
		return job.Permanent(err)
	}
	return err
}

// Backtest makes a backtest of a saved segment over at most so many months, and keeps it. At a million customers a month
// takes seconds. progress may be nil.
func (s *Segments) Backtest(ctx context.Context, id int64, months int, progress func(done, total int64)) (Backtest, error) {
	if _, err := staff.Require(ctx, staff.WriteSegments); err != nil {
		return Backtest{}, err
	}
	var r row
	if err := s.db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
		return Backtest{}, fmt.Errorf("reading segment %d: %w", id, store.NotFound(err))
	}
	tree, err := s.vocabulary.Parse([]byte(r.Tree))
	if err != nil {
		return Backtest{}, fmt.Errorf("reading segment %d: %w", id, err)
	}
	began := time.Now()
	b := Backtest{SegmentID: id, MadeAt: s.now()}
	if b.Months, err = s.months(ctx, tree, months, progress); err != nil {
		return Backtest{}, err
	}
	b.Millis = time.Since(began).Milliseconds()
	raw, err := json.Marshal(b.Months)
	if err != nil {
		return Backtest{}, err
	}
	hash := sha256.Sum256([]byte(r.Tree))
	kept := backtestRow{SegmentID: id, TreeHash: hash[:], Months: string(raw), Millis: b.Millis, MadeAt: b.MadeAt}
	if _, err := s.db.NewInsert().Model(&kept).Exec(ctx); err != nil {
		return Backtest{}, fmt.Errorf("keeping a backtest: %w", err)
	}
	if _, err := s.db.NewDelete().Model((*backtestRow)(nil)).Where("segment_id = ? AND id < ?", id, kept.ID).Exec(ctx); err != nil {
		return Backtest{}, fmt.Errorf("taking an earlier backtest away: %w", err)
	}
	return b, nil
}

// LastBacktest gives the backtest that is kept of a segment, or [store.ErrNotFound]. It needs [staff.SeeSales].
func (s *Segments) LastBacktest(ctx context.Context, id int64) (Backtest, error) {
	if _, err := staff.Require(ctx, staff.SeeSales); err != nil {
		return Backtest{}, err
	}
	var kept struct {
		Months string
		Millis int64
		MadeAt time.Time
		Edited bool
	}
	err := s.db.NewRaw(`SELECT b.months, b.millis, b.made_at, b.tree_hash <> UNHEX(SHA2(s.tree, 256)) AS edited FROM crm_segment_backtests b JOIN crm_segments s ON s.id = b.segment_id
		WHERE b.segment_id = ? ORDER BY b.id DESC LIMIT 1`, id).Scan(ctx, &kept)
	if err != nil {
		return Backtest{}, fmt.Errorf("reading the backtest of segment %d: %w", id, store.NotFound(err))
	}
	b := Backtest{SegmentID: id, MadeAt: kept.MadeAt, Millis: kept.Millis, Edited: kept.Edited}
	if err := json.Unmarshal([]byte(kept.Months), &b.Months); err != nil {
		return Backtest{}, fmt.Errorf("reading the backtest of segment %d: %w", id, err)
	}
	return b, nil
}

// months answers for each first of a month that has customers before it and all its days after it.
func (s *Segments) months(ctx context.Context, tree Tree, months int, progress func(done, total int64)) ([]Month, error) {
	zone, err := s.zone(ctx, 0)
	if err != nil {
		return nil, err
	}
	now := s.now().In(zone)
	if _, err := s.vocabulary.AsOf(tree, now.Format(dayLayout)); err != nil {
		return nil, err
	}
	var first bun.NullTime
	if err := s.db.NewRaw("SELECT MIN(first_order_at) FROM crm_facts").Scan(ctx, &first); err != nil {
		return nil, fmt.Errorf("looking for the first order: %w", err)
	}
	var days []time.Time
	for back := min(months, MaxMonths); back >= 0; back-- {
		day := time.Date(now.Year(), now.Month()-time.Month(back), 1, 0, 0, 0, 0, zone)
		if !first.IsZero() && day.After(first.Time) && !day.AddDate(0, 0, AfterDays).After(now) {
			days = append(days, day)
		}
	}
	if len(days) == 0 {
		return nil, ErrTooYoung
	}
	if len(days) > months {
		days = days[len(days)-months:]
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "DROP TEMPORARY TABLE IF EXISTS crm_then") }() // it ends with the connection too
	var list []Month
	for i, day := range days {
		m, err := s.month(ctx, conn, tree, day)
		if err != nil {
			return nil, fmt.Errorf("asking who it was on %s: %w", day.Format(dayLayout), err)
		}
		list = append(list, m)
		if progress != nil {
			progress(int64(i+1), int64(len(days)))
		}
	}
	return list, nil
}

// month puts the people of a day into a temporary table, so that they are selected once and not again for each figure.
func (s *Segments) month(ctx context.Context, conn bun.Conn, tree Tree, day time.Time) (Month, error) {
	m := Month{Day: day.Format(dayLayout)}
	then, err := s.vocabulary.AsOf(tree, m.Day)
	if err != nil {
		return m, err
	}
	q, err := s.Compile(ctx, then, Scope{})
	if err != nil {
		return m, err
	}
	for _, sql := range []string{"DROP TEMPORARY TABLE IF EXISTS crm_then", "CREATE TEMPORARY TABLE crm_then (profile_id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB"} {
		if _, err := conn.ExecContext(ctx, sql); err != nil {
			return m, err
		}
	}
	// Who was first seen later was nobody yet, though "never ordered" is true of them too.
	result, err := conn.NewRaw("INSERT INTO crm_then SELECT p.id FROM crm_profiles AS p WHERE "+q.SQL+" AND p.first_seen_at < ?", append(q.Args, day.UTC())...).Exec(ctx)
	if err != nil {
		return m, err
	}
	if m.Segment.People, err = result.RowsAffected(); err != nil {
		return m, err
	}
	if err := conn.NewRaw("SELECT COUNT(*) FROM crm_facts WHERE first_order_at < ?", day.UTC()).Scan(ctx, &m.All.People); err != nil {
		return m, err
	}
	if err := m.Segment.buy(ctx, conn, day, "crm_then AS t ON t.profile_id = o.profile_id"); err != nil {
		return m, err
	}
	return m, m.All.buy(ctx, conn, day, "crm_facts AS t ON t.profile_id = o.profile_id AND t.first_order_at < ?", day.UTC())
}

// buy adds what the people who are joined as t bought after a day. People may pay in several currencies: the row of no
// currency, which ROLLUP adds, counts each once.
func (c *Cohort) buy(ctx context.Context, conn bun.Conn, day time.Time, who string, args ...any) error {
	var rows []struct {
		Currency *string
		People   int64
		Orders   int64
		Net      decimal.NullDecimal // of no orders MySQL adds a row too
	}
	err := conn.NewRaw("SELECT o.currency, COUNT(DISTINCT o.profile_id) AS people, COUNT(*) AS orders, SUM(o.total - o.refunded) AS net FROM crm_orders AS o FORCE INDEX (crm_orders_placed) STRAIGHT_JOIN "+who+
		" WHERE o.placed_at >= ? AND o.placed_at < ? AND o.status IN (?) AND o.deleted_at IS NULL GROUP BY o.currency WITH ROLLUP",
		append(args, day.UTC(), day.AddDate(0, 0, AfterDays).UTC(), bun.List(purchase.Counting))...).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	c.Revenue = []Revenue{}
	for _, r := range rows {
		if r.Currency == nil {
			c.Ordered = r.People
			continue
		}
		c.Revenue = append(c.Revenue, Revenue{*r.Currency, r.Orders, r.Net.Decimal})
	}
	slices.SortFunc(c.Revenue, func(a, b Revenue) int {
		return cmp.Or(b.Net.Cmp(a.Net), strings.Compare(a.Currency, b.Currency))
	})
	return nil
}
