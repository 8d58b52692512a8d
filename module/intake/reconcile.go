package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// Findings is what one comparison of a shop with its mirror found, and mended.
type Findings struct {
	Shop        string           `json:"shop"`
	RequestedAt time.Time        `json:"requested_at"`
	StartedAt   time.Time        `json:"started_at"`
	FinishedAt  time.Time        `json:"finished_at"` // zero: it is under way
	Streams     []StreamFindings `json:"streams"`
}

// StreamFindings is what was found in one kind of rows.
type StreamFindings struct {
	Stream   string `json:"stream"`
	Compared int64  `json:"ranges_compared"`
	Reread   int64  `json:"ranges_reread"`
	Missed   Found  `json:"missed"`  // the shop had them, the mirror did not
	Edited   Found  `json:"edited"`  // the mirror had them with other content
	Deleted  Found  `json:"deleted"` // the mirror had them, the shop did not any more
	Aside    Found  `json:"aside"`   // could not be read, and are in the quarantine
	Skipped  string `json:"skipped,omitempty"`
	Error    string `json:"error,omitempty"` // why it was given up
}

// Repaired is how many rows of the mirror were put right: all that were missed, edited and deleted.
func (s StreamFindings) Repaired() int64 { return s.Missed.Rows + s.Edited.Rows + s.Deleted.Rows }

// Found is rows of one sort.
type Found struct {
	Rows int64    `json:"rows"`
	Keys []string `json:"keys,omitempty"` // the shop's own, of the first few
}

const examples = 10

func (f *Found) add(key string) {
	f.Rows++
	if len(f.Keys) < examples {
		f.Keys = append(f.Keys, key)
	}
}

// Repaired is how many rows of the mirror were put right.
func (f Findings) Repaired() (rows int64) {
	for _, s := range f.Streams {
		rows += s.Repaired()
	}
	return rows
}

// Took is how long it took; 0 while it is under way.
func (f Findings) Took() time.Duration {
	if f.FinishedAt.IsZero() {
		return 0
	}
	return f.FinishedAt.Sub(f.StartedAt)
}

func (f Findings) err() error {
	var errs []error
	for _, s := range f.Streams {
		if s.Error != "" {
			errs = append(errs, fmt.Errorf("%s: %s", s.Stream, s.Error))
		}
	}
	return errors.Join(errs...)
}

// reconcileRow is a comparison that was asked for, and how far it is. Whoever holds the shop's lease does it, so that it
// never meets the following of changes.
type reconcileRow struct {
	bun.BaseModel `bun:"table:crm_reconciles,alias:r"`

	ID          int64            `bun:"id,pk,autoincrement"`
	ShopID      int64            `bun:"shop_id"`
	Whole       bool             `bun:"whole"` // also what can only be compared by reading all of it
	Place       string           `bun:"place"`
	Findings    []StreamFindings `bun:"findings"`
	RequestedAt time.Time        `bun:"requested_at"`
	StartedAt   time.Time        `bun:"started_at,nullzero"`
	FinishedAt  time.Time        `bun:"finished_at,nullzero"`
}

func (r reconcileRow) found(shop string) Findings {
	return Findings{Shop: shop, RequestedAt: r.RequestedAt, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, Streams: r.Findings}
}

const (
	reconcilesKept = 90 * 24 * time.Hour
	reconcilePoll  = 500 * time.Millisecond
)

// Reconcile compares a shop, or with an empty name each attached one, with its mirror and mends what differs: rows that
// were missed, edited without a trace, or deleted. It works by ranges of keys that the shop sums up itself; a shop that
// cannot do so is read as a whole. Where another process follows the shop, that one does the work, and this call waits
// for it. Ending ctx leaves the rest to be done by whoever follows the shop next.
func (i *Intake) Reconcile(ctx context.Context, name string, progress func(Progress)) ([]Findings, error) {
	return i.reconcile(ctx, name, true, progress)
}

// ReconcileNightly is [Intake.Reconcile] of all shops, but for what could only be compared by reading all of it.
func (i *Intake) ReconcileNightly(ctx context.Context, progress func(Progress)) ([]Findings, error) {
	return i.reconcile(ctx, "", false, progress)
}

func (i *Intake) reconcile(ctx context.Context, name string, whole bool, progress func(Progress)) ([]Findings, error) {
	var all []Findings
	var errs []error
	for _, source := range i.sources {
		if name != "" && source.Name != name {
			continue
		}
		found, err := i.reconcileShop(ctx, source, whole, progress)
		if err == nil {
			err = found.err()
			all = append(all, found)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("shop %q: %w", source.Name, err))
		}
	}
	if name != "" && len(all) == 0 && len(errs) == 0 {
		return nil, fmt.Errorf("no attached shop is called %q", name)
	}
	return all, errors.Join(errs...)
}

func (i *Intake) reconcileShop(ctx context.Context, source Source, whole bool, progress func(Progress)) (Findings, error) {
	shop, err := i.enrol(ctx, source)
	if err != nil {
		return Findings{}, err
	}
	id, err := i.requestReconcile(ctx, shop.ID, whole)
	if err != nil {
		return Findings{}, err
	}
	for {
		row, err := i.reconcileRow(ctx, id)
		if err != nil {
			return Findings{}, err
		}
		if !row.FinishedAt.IsZero() {
			return row.found(source.Name), nil
		}
		take := func(_ shopRow, lease string) (*store.Lease, error) { return store.TakeLease(ctx, i.db, lease) }
		err = guarded(func() error {
			return i.lead(ctx, source, take, func(ctx context.Context, w *worker) error { return w.reconcileAlone(ctx, progress) })
		})
		if err != nil && !errors.Is(err, store.ErrLeaseHeld) {
			return Findings{}, err
		}
		if err != nil && !rest(ctx, reconcilePoll) {
			return Findings{}, ctx.Err()
		}
	}
}

// reconcileAlone catches up with the shop first: what was merely not followed yet is no finding.
func (w *worker) reconcileAlone(ctx context.Context, progress func(Progress)) error {
	w.progress = progress
	w.pause = func(failures int) time.Duration { return oncePause << failures }
	if err := w.once(ctx); err != nil {
		if ctx.Err() != nil || w.shop.Platform == "" {
			return err
		}
		w.report(ctx, "", err) // the streams that can be read are compared
	}
	return w.auditAll(ctx)
}

// auditAll makes the comparisons that were asked for, to their end.
func (w *worker) auditAll(ctx context.Context) error {
	for {
		more, err := w.audit(ctx)
		if err != nil || !more {
			return err
		}
		if w.auditRests() && !rest(ctx, oncePause) {
			return ctx.Err()
		}
	}
}

// requestReconcile gives the comparison that is asked for already, or asks for one.
func (i *Intake) requestReconcile(ctx context.Context, shopID int64, whole bool) (int64, error) {
	row, err := i.openReconcile(ctx, shopID)
	if err == nil || !errors.Is(err, store.ErrNotFound) {
		return row.ID, err
	}
	_, err = i.db.NewDelete().Model((*reconcileRow)(nil)).Where("shop_id = ?", shopID).Where("finished_at < ?", i.now().Add(-reconcilesKept)).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("forgetting old findings: %w", err)
	}
	row = reconcileRow{ShopID: shopID, Whole: whole, Findings: []StreamFindings{}, RequestedAt: i.now()}
	if _, err := i.db.NewInsert().Model(&row).Exec(ctx); err != nil {
		return 0, fmt.Errorf("asking for shop %d to be compared: %w", shopID, err)
	}
	return row.ID, nil
}

// openReconcile is the comparison of a shop that was asked for first and is not through.
func (i *Intake) openReconcile(ctx context.Context, shopID int64) (reconcileRow, error) {
	var row reconcileRow
	err := i.db.NewSelect().Model(&row).Where("r.shop_id = ?", shopID).Where("r.finished_at IS NULL").Order("r.id").Limit(1).Scan(ctx)
	if err != nil {
		return reconcileRow{}, fmt.Errorf("looking for a comparison to be made: %w", store.NotFound(err))
	}
	return row, nil
}

func (i *Intake) reconcileRow(ctx context.Context, id int64) (reconcileRow, error) {
	var row reconcileRow
	if err := i.db.NewSelect().Model(&row).Where("r.id = ?", id).Scan(ctx); err != nil {
		return reconcileRow{}, fmt.Errorf("reading comparison %d: %w", id, store.NotFound(err))
	}
	return row, nil
}

// lastReconcile is what the latest comparison of a shop that is through has found, or [store.ErrNotFound].
func (i *Intake) lastReconcile(ctx context.Context, shop Shop) (Findings, error) {
	var row reconcileRow
	err := i.db.NewSelect().Model(&row).Where("r.shop_id = ?", shop.ID).Where("r.finished_at IS NOT NULL").Order("r.finished_at DESC").Limit(1).Scan(ctx)
	if err != nil {
		return Findings{}, fmt.Errorf("reading the last comparison: %w", store.NotFound(err))
	}
	return row.found(shop.Name), nil
}

// save moves a comparison on from a place. It fails with [errMoved] when it is not there any more, which keeps a worker
// that lost its lease from writing.
func (r *reconcileRow) save(ctx context.Context, tx bun.IDB, from string) error {
	findings, err := json.Marshal(r.Findings)
	if err != nil {
		return fmt.Errorf("noting findings: %w", err)
	}
	res, err := tx.NewUpdate().Model(r).WherePK().Where("place = ?", from).Where("finished_at IS NULL").
		Set("place = ?", r.Place).
		Set("findings = ?", string(findings)).
		Set("started_at = ?", r.StartedAt).
		Set("finished_at = ?", bun.NullTime{Time: r.FinishedAt}).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("moving comparison %d on: %w", r.ID, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errMoved, err)
	}
	return nil
}

// of gives the findings of a stream, to be added to.
func (r *reconcileRow) of(stream string) *StreamFindings {
	at := slices.IndexFunc(r.Findings, func(s StreamFindings) bool { return s.Stream == stream })
	if at < 0 {
		r.Findings = append(r.Findings, StreamFindings{Stream: stream})
		at = len(r.Findings) - 1
	}
	return &r.Findings[at]
}

// clone is a copy whose findings can be added to before it is known whether they are saved.
func (r reconcileRow) clone() reconcileRow {
	r.Findings = slices.Clone(r.Findings)
	for i := range r.Findings {
		s := &r.Findings[i]
		for _, f := range []*Found{&s.Missed, &s.Edited, &s.Deleted, &s.Aside} {
			f.Keys = slices.Clone(f.Keys)
		}
	}
	return r
}
