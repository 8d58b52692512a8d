package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store"
)

// auditStreams is the streams that are compared, in this order.
var auditStreams = []string{StreamProducts, StreamCustomers, StreamOrders}

// audit is a comparison under way, as far as a worker remembers it: what it must know after a crash is in its row.
type audit struct {
	row      reconcileRow
	stream   string // being compared; empty: none was begun yet
	step     int64
	first    int64 // of the keys that the shop has
	last     int64
	end      int64 // no rows on either side from here on
	sums     map[int64]store.Sum
	width    int64 // buckets that are summed up in one call
	failures int
	until    time.Time
}

// auditRow is the sums of a bucket on both sides as they were when it was last known to be equal.
type auditRow struct {
	bun.BaseModel `bun:"table:crm_audits,alias:a"`

	ShopID     int64  `bun:"shop_id,pk"`
	Stream     string `bun:"stream,pk"`
	Step       int64  `bun:"step,pk"`
	Bucket     int64  `bun:"bucket,pk"`
	ShopRows   int64  `bun:"shop_rows"`
	ShopSum    uint64 `bun:"shop_sum"`
	MirrorRows int64  `bun:"mirror_rows"`
	MirrorSum  uint64 `bun:"mirror_sum"`
}

const (
	smallestStep = 1000    // keys of a bucket
	mostBuckets  = 100_000 // of a stream: where keys are sparse, buckets are wider
	firstWidth   = 16
	mostWidth    = 512
)

// audit does a turn's worth of the comparison that was asked for. more says that there is more of it, now or after a
// pause. An error is the CRM's own database's or the end of ctx; what goes wrong with the shop stays with its stream.
func (w *worker) audit(ctx context.Context) (more bool, err error) {
	if w.audited == nil {
		row, err := w.openReconcile(ctx, w.shop.ID)
		if errors.Is(err, store.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		w.audited = &audit{row: row}
	}
	a := w.audited
	for end := w.now().Add(w.turn); w.now().Before(end); {
		if a.until.After(w.now()) {
			return true, nil
		}
		err := guarded(func() error { return w.auditStep(ctx, a) })
		switch {
		case err == nil:
			a.failures = 0
			if !a.row.FinishedAt.IsZero() {
				w.audited = nil
				return true, nil // somebody may have asked for another meanwhile
			}
		case ctx.Err() != nil:
			return false, ctx.Err()
		case errors.Is(err, errMoved):
			w.audited = nil
			return true, nil
		default:
			if err := w.auditFailed(ctx, a, err); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

// auditFailed waits a little, and after a few times in a row gives the stream up.
func (w *worker) auditFailed(ctx context.Context, a *audit, why error) error {
	w.report(ctx, a.stream, why)
	a.failures++
	a.width = max(1, a.width/2)
	if !adapters.IsTemporary(why) {
		a.failures += onceFailures / 2
	}
	if a.failures < onceFailures {
		a.until = w.now().Add(w.pause(a.failures))
		return nil
	}
	a.failures = 0
	return w.auditLeave(ctx, a, func(found *StreamFindings) { found.Error = cut(why.Error(), reasonChars) })
}

// auditStep begins a stream, compares some buckets of it, or ends the comparison.
func (w *worker) auditStep(ctx context.Context, a *audit) error {
	stream, next, _ := strings.Cut(a.row.Place, " ")
	if stream == "" {
		stream = auditStreams[0]
	}
	switch {
	case stream == auditEnd:
		done := a.row.clone()
		done.FinishedAt = w.now()
		if err := done.save(ctx, w.db, a.row.Place); err != nil {
			return err
		}
		a.row = done
		return nil
	case a.stream != stream:
		return w.auditBegin(ctx, a, stream)
	}
	from, err := strconv.ParseInt(cmp.Or(next, "0"), 10, 64)
	if err != nil {
		return fmt.Errorf("the place %q in a comparison: %w", a.row.Place, err)
	}
	if from = max(from, a.begin()); from >= a.end {
		return w.auditLeave(ctx, a, func(*StreamFindings) {})
	}
	return w.auditRange(ctx, a, from)
}

// auditEnd is the place behind all streams.
const auditEnd = "end"

// auditLeave goes on to the next stream.
func (w *worker) auditLeave(ctx context.Context, a *audit, say func(*StreamFindings)) error {
	next := a.row.clone()
	if next.StartedAt.IsZero() {
		next.StartedAt = w.now()
	}
	stream, _, _ := strings.Cut(cmp.Or(a.row.Place, auditStreams[0]), " ")
	say(next.of(stream))
	next.Place = auditEnd
	if at := slices.Index(auditStreams, stream); at+1 < len(auditStreams) {
		next.Place = auditStreams[at+1]
	}
	if err := next.save(ctx, w.db, a.row.Place); err != nil {
		return err
	}
	a.row = next
	return nil
}

// auditBegin looks what there is of a stream on both sides.
func (w *worker) auditBegin(ctx context.Context, a *audit, stream string) error {
	skip := func(why string) error {
		return w.auditLeave(ctx, a, func(found *StreamFindings) { found.Skipped = why })
	}
	at, err := w.loadStream(ctx, w.shop.ID, stream)
	if err != nil {
		return err
	}
	if at.BackfilledAt.IsZero() {
		return skip("its history is still being copied")
	}
	first, last := int64(0), int64(0)
	auditor, able := w.source.Shop.(adapters.Auditor)
	if able {
		if first, last, err = auditor.Span(ctx, adapters.Stream(stream)); err != nil {
			return err
		}
	}
	if last == 0 {
		if !a.row.Whole {
			return skip("the shop cannot sum its rows up: compare it on demand")
		}
		return w.compareWhole(ctx, a, stream)
	}
	step := int64(smallestStep)
	for last/step > mostBuckets {
		step *= 2
	}
	sums, err := w.mirror(stream).Sums(ctx, w.db, w.shop.ID, step)
	if err != nil {
		return err
	}
	_, err = w.db.NewDelete().Model((*auditRow)(nil)).Where("shop_id = ?", w.shop.ID).Where("stream = ?", stream).Where("step <> ?", step).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting sums of other ranges: %w", err)
	}
	a.stream, a.step, a.first, a.last, a.sums, a.width = stream, step, first, last, sums, firstWidth
	a.end = last - last%step + step
	for bucket := range sums {
		a.end = max(a.end, bucket+step)
	}
	if !a.row.StartedAt.IsZero() {
		return nil
	}
	begun := a.row.clone()
	begun.StartedAt = w.now()
	if err := begun.save(ctx, w.db, a.row.Place); err != nil {
		return err
	}
	a.row = begun
	return nil
}

// begin is the first bucket that has rows on some side.
func (a *audit) begin() int64 {
	first := a.first - a.first%a.step
	for bucket := range a.sums {
		first = min(first, bucket)
	}
	return first
}

// auditRange compares the buckets that one call of the shop sums up.
func (w *worker) auditRange(ctx context.Context, a *audit, from int64) error {
	end := min(from+a.width*a.step, a.end)
	digests, err := w.digests(ctx, a, from, end-1)
	if err != nil {
		return err
	}
	was, err := w.auditRows(ctx, a, from, end-1)
	if err != nil {
		return err
	}
	compared := a.row.clone()
	for bucket := from; bucket < end; bucket += a.step {
		shop, mirror := digests[bucket], a.sums[bucket]
		if shop.Rows > 0 || mirror.Rows > 0 {
			compared.of(a.stream).Compared++
		}
		row, stored := was[bucket]
		if stored && row.ShopRows == shop.Rows && row.ShopSum == shop.Sum && row.MirrorRows == mirror.Rows && row.MirrorSum == mirror.Prints ||
			!stored && shop.Rows == 0 && mirror.Rows == 0 {
			continue
		}
		compared.Place = a.stream + " " + strconv.FormatInt(bucket+a.step, 10)
		if err := w.auditBucket(ctx, a, bucket, shop, compared); err != nil {
			return err
		}
		compared = a.row.clone()
	}
	compared.Place = a.stream + " " + strconv.FormatInt(end, 10)
	if err := compared.save(ctx, w.db, a.row.Place); err != nil {
		return err
	}
	a.row = compared
	w.tellAudit(a, end)
	return nil
}

// digests sums up the shop's side of some buckets. How many at a time is found out by how long it takes.
func (w *worker) digests(ctx context.Context, a *audit, first, last int64) (map[int64]adapters.Digest, error) {
	byBucket := map[int64]adapters.Digest{}
	first, last = max(first, a.first), min(last, a.last)
	if first > last {
		return byBucket, nil // only the mirror has such keys
	}
	auditor, ok := w.source.Shop.(adapters.Auditor)
	if !ok {
		return nil, errors.New("the shop cannot sum its rows up any more")
	}
	if err := w.spare(ctx); err != nil {
		return nil, err
	}
	asked := w.now()
	// Whole buckets, also at the ends: what is compared is what will be read.
	found, err := auditor.Digests(ctx, adapters.Stream(a.stream), first-first%a.step, last-last%a.step+a.step-1, a.step)
	if err != nil {
		return nil, err
	}
	switch took := w.now().Sub(asked); {
	case took > slowAnswer:
		a.width = max(1, a.width/2)
	case took < fastAnswer:
		a.width = min(mostWidth, 2*a.width)
	}
	for _, d := range found {
		byBucket[d.First] = d
	}
	return byBucket, nil
}

func (w *worker) auditRows(ctx context.Context, a *audit, first, last int64) (map[int64]auditRow, error) {
	var rows []auditRow
	err := w.db.NewSelect().Model(&rows).
		Where("a.shop_id = ?", w.shop.ID).
		Where("a.stream = ?", a.stream).
		Where("a.step = ?", a.step).
		Where("a.bucket BETWEEN ? AND ?", first, last).
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the sums of the last comparison: %w", err)
	}
	byBucket := make(map[int64]auditRow, len(rows))
	for _, row := range rows {
		byBucket[row.Bucket] = row
	}
	return byBucket, nil
}

// auditBucket reads a bucket again, mends the mirror, and keeps the sums: the shop's as it was before the reading, so that
// what changed meanwhile is found the next time. next is where the comparison stands afterwards.
func (w *worker) auditBucket(ctx context.Context, a *audit, bucket int64, digest adapters.Digest, next reconcileRow) error {
	last := bucket + a.step - 1
	before, err := w.mirror(a.stream).Range(ctx, w.db, w.shop.ID, bucket, last)
	if err != nil {
		return err
	}
	came := map[string]bool{}
	from := w.source.Shop.(adapters.Auditor).Range(adapters.Stream(a.stream), bucket, last)
	err = w.flow(a.stream).renew(ctx, w, from, w.auditHold(a), func(keys []string) error {
		for _, key := range keys {
			came[key] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = store.InTx(ctx, w.db, func(ctx context.Context, tx bun.Tx) error {
		saved := next.clone()
		found := saved.of(a.stream)
		found.Reread++
		if err := w.gone(ctx, tx, a.stream, missing(before, came)); err != nil {
			return err
		}
		if err := w.auditAside(ctx, tx, a, bucket, came, found); err != nil {
			return err
		}
		after, err := w.mirror(a.stream).Range(ctx, tx, w.shop.ID, bucket, last)
		if err != nil {
			return err
		}
		found.compare(before, after)
		row := auditRow{ShopID: w.shop.ID, Stream: a.stream, Step: a.step, Bucket: bucket, ShopRows: digest.Rows, ShopSum: digest.Sum}
		for _, m := range after {
			row.MirrorSum ^= m.Fingerprint
			if !m.Deleted {
				row.MirrorRows++
			}
		}
		_, err = tx.NewInsert().Model(&row).On(`DUPLICATE KEY UPDATE shop_rows = VALUES(shop_rows), shop_sum = VALUES(shop_sum),
			mirror_rows = VALUES(mirror_rows), mirror_sum = VALUES(mirror_sum)`).Exec(ctx)
		if err != nil {
			return fmt.Errorf("keeping the sums of a comparison: %w", err)
		}
		if err := saved.save(ctx, tx, a.row.Place); err != nil {
			return err
		}
		next = saved
		return nil
	})
	if err == nil {
		a.row = next
	}
	return err
}

// auditHold makes sure, in the transactions that mend, that the comparison is still this worker's.
func (w *worker) auditHold(a *audit) settle {
	return func(ctx context.Context, tx bun.IDB, _ adapters.Cursor, _ step) error {
		held := a.row.clone()
		return held.save(ctx, tx, a.row.Place)
	}
}

// missing is the keys of rows that the mirror has and that did not come, ascending.
func missing(before map[string]store.Mirrored, came map[string]bool) []string {
	var keys []string
	for key, m := range before {
		if !m.Deleted && !came[key] {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// compare counts what was mended between two looks at the mirror.
func (s *StreamFindings) compare(before, after map[string]store.Mirrored) {
	keys := make([]string, 0, len(after))
	for key := range after {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(x, y string) int { return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)) })
	for _, key := range keys {
		was, there := before[key]
		is := after[key]
		live := there && !was.Deleted
		switch {
		case live && is.Deleted:
			s.Deleted.add(key)
		case !live && !is.Deleted:
			s.Missed.add(key)
		case live && was.Fingerprint != 0 && was.Fingerprint != is.Fingerprint: // 0: the content was not known before
			s.Edited.add(key)
		}
	}
}

// auditAside takes rows out of the quarantine that the shop does not have any more, and counts those that stay.
func (w *worker) auditAside(ctx context.Context, tx bun.IDB, a *audit, bucket int64, came map[string]bool, found *StreamFindings) error {
	any, err := tx.NewSelect().Model((*setAsideRow)(nil)).Where("shop_id = ?", w.shop.ID).Where("stream = ?", a.stream).Exists(ctx)
	if err != nil || !any {
		return err
	}
	all := make([]string, a.step)
	for i := range all {
		all[i] = strconv.FormatInt(bucket+int64(i), 10)
	}
	var left []string
	for part := range slices.Chunk(all, inMax) {
		var keys []string
		err := tx.NewSelect().Model((*setAsideRow)(nil)).Column("shop_key").
			Where("shop_id = ?", w.shop.ID).Where("stream = ?", a.stream).Where("shop_key IN (?)", bun.List(part)).
			Order("q.id").Scan(ctx, &keys)
		if err != nil {
			return fmt.Errorf("looking into the quarantine: %w", err)
		}
		for _, key := range keys {
			if came[key] {
				found.Aside.add(key)
			} else {
				left = append(left, key)
			}
		}
	}
	return w.heal(ctx, tx, w.shop.ID, a.stream, left)
}

// mirror is the table that a stream's rows go into.
func (w *worker) mirror(stream string) store.Mirror {
	switch stream {
	case StreamProducts:
		return w.rooms.Catalog.Mirror()
	case StreamCustomers:
		return accounts()
	}
	return w.rooms.Orders.Mirror()
}

// gone marks rows as deleted that the shop does not have any more.
func (w *worker) gone(ctx context.Context, tx bun.IDB, stream string, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	var profiles []int64
	var err error
	switch stream {
	case StreamProducts:
		err = w.rooms.Catalog.Gone(ctx, tx, w.shop.ID, keys)
	case StreamCustomers:
		profiles, err = w.goneCustomers(ctx, tx, keys)
	default:
		profiles, err = w.rooms.Orders.Gone(ctx, tx, w.shop.ID, keys)
	}
	if err != nil || len(profiles) == 0 || w.cfg.OnChange == nil {
		return err
	}
	if err := w.cfg.OnChange(ctx, tx, profiles); err != nil {
		return fmt.Errorf("telling which profiles changed: %w", err)
	}
	return nil
}

func (w *worker) tellAudit(a *audit, at int64) {
	if w.progress != nil {
		w.progress(Progress{Shop: w.source.Name, Stream: "comparing " + a.stream, Done: at - a.begin(), Total: a.end - a.begin()})
	}
}

// auditRests says whether the comparison under way waits before it tries again.
func (w *worker) auditRests() bool { return w.audited != nil && w.audited.until.After(w.now()) }
