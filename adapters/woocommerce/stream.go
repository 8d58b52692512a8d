package woocommerce

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
)

const (
	pageMax = 500              // rows of a page; with more, MariaDB's plans for IN lists change (from 1000 on) and pages get heavy
	overlap = 5 * time.Minute  // how late a transaction may commit, or a request go on writing, after the time in its row
	rereads = 100              // rows of the overlap that each round delivers again; the others are delivered again when they settle
	future  = 24 * time.Hour   // a change stamped later than this from now is a mistake, and must not hide all that follow
	between = 60 * time.Second // from the start of a sweep or a roll to the next
	rolling = 50               // rows that are rolled over at a time
)

// source says where the rows of a stream are, and how changes are found there. All SQL in it is fixed text.
type source struct {
	letter byte   // in cursors
	former byte   // the letter of the place where the shop may have kept these rows before; 0: nowhere else
	what   string // in errors
	table  string // "{wc_orders}"
	id     string // its key column
	own    string // condition: rows that are delivered themselves
	any    string // condition: these, and rows that deliver another (refunds, variations)
	target string // expression: the id to deliver for a row
	count  string // table and condition for counting
	window int64  // ids that one statement about the history looks at; 0: as many as needed, nearly all rows are own
	time   string // column with the time of the last change; empty: none by which changes can be followed
	region int64  // time has no index: only so many of the highest ids are looked at; 0: it has one
	sweep  func(ctx context.Context, r *reader, p place, limit int) (stride, error)
	roll   func(ctx context.Context, r *reader, p place, limit int) ([]hit, error)
}

// hit is a row that was found: its own place, and the id to deliver.
type hit struct {
	mark
	target int64
}

// stride is a step of a sweep.
type stride struct {
	hits []hit // at most the limit, by id
	end  int64 // up to this id all was looked at
	last bool  // and that was the end
}

// read gives one page: it finds ids stage by stage, and has load turn them into rows.
func read[T any](ctx context.Context, s *Shop, r *reader, src source, after adapters.Cursor, limit int,
	load func(context.Context, []int64) ([]T, []adapters.BadRow, error)) (adapters.Page[T], error) {
	limit = min(max(limit, 1), pageMax)
	now := s.cfg.Now().UTC()
	var p place
	var err error
	if after != "" {
		if p, err = parseCursor(after); err != nil {
			return adapters.Page[T]{}, err
		}
		if p.source != src.letter && p.source != src.former {
			return adapters.Page[T]{}, fmt.Errorf("woocommerce: the cursor %q is not one of %s", cut(string(after)), src.what)
		}
	}
	if p.source != src.letter {
		// The very beginning, or the shop has moved its orders between posts and tables of their own since. The copied
		// rows have the same ids but not always the same times, so all is read again; a mirror leaves what is equal alone.
		if p, err = src.begin(ctx, r, now); err != nil {
			return adapters.Page[T]{}, err
		}
	}
	ids, done, err := src.gather(ctx, r, &p, now, limit)
	if err != nil {
		return adapters.Page[T]{}, err
	}
	page := adapters.Page[T]{Next: p.cursor(), More: !done}
	if len(ids) == 0 {
		return page, nil
	}
	if page.Rows, page.Bad, err = load(ctx, ids); err != nil {
		return adapters.Page[T]{}, err
	}
	return page, nil
}

// gather walks the stages until the page is full, the round is over, or enough has been looked at for one call.
func (src source) gather(ctx context.Context, r *reader, p *place, now time.Time, limit int) (ids []int64, done bool, err error) {
	const steps = 12
	seen := map[int64]bool{}
	for range steps {
		stage := p.stage
		found, done, err := src.step(ctx, r, p, now, limit-len(ids))
		if err != nil {
			return nil, false, err
		}
		for _, h := range found {
			if h.target > 0 && !seen[h.target] {
				seen[h.target] = true
				ids = append(ids, h.target)
			}
		}
		// The history's last page holds nothing else: its rows come in the order of their ids.
		if done || len(ids) >= limit || stage == stageHistory && p.stage != stageHistory && len(ids) > 0 {
			return ids, done, nil
		}
	}
	return ids, false, nil
}

// begin takes the watermark: whatever changes from here on is found by following, however long the history takes.
func (src source) begin(ctx context.Context, r *reader, now time.Time) (place, error) {
	p := place{source: src.letter, seen: now.Unix(), cycle: now.Unix(), since: now.Unix(), rolled: now.Unix()}
	if src.time == "" {
		return p, nil
	}
	highest, err := src.highest(ctx, r)
	if err != nil {
		return place{}, err
	}
	newest, err := src.newest(ctx, r, highest, mark{at: 1}, mark{now.Add(future).Unix(), math.MaxInt64}, 0)
	if err != nil {
		return place{}, err
	}
	p.head = newest
	p.tail = mark{at: max(0, newest.at-seconds(overlap))}
	return p, nil
}

// step does one statement's worth of the present stage and, where that is through, moves on to the next. done is the
// end of the round.
func (src source) step(ctx context.Context, r *reader, p *place, now time.Time, limit int) (found []hit, done bool, err error) {
	through := false
	switch p.stage {
	case stageHistory:
		found, through, err = src.byID(ctx, r, p, src.own, limit)
	case stageFresh:
		found, through, err = src.byID(ctx, r, p, src.any, limit)
	case stageChanged:
		found, through, err = src.changed(ctx, r, p, now, limit)
	case stageSettled:
		found, through, err = src.settled(ctx, r, p, now, limit)
	case stageSweep:
		found, through, err = src.swept(ctx, r, p, now, limit)
	case stageRoll:
		found, through, err = src.rolled(ctx, r, p, now, limit)
	}
	if err != nil || !through {
		return found, false, err
	}
	p.stage++
	if p.stage == stageChanged {
		p.pos, err = src.from(ctx, r, p, now)
	}
	if p.stage == stages {
		p.stage, done = stageFresh, true
	}
	return found, done, err
}

// byID reads on from the highest id that was looked at. New rows are found this way even when their time of change is an
// old one, as after an import.
func (src source) byID(ctx context.Context, r *reader, p *place, condition string, limit int) (found []hit, through bool, err error) {
	end := int64(math.MaxInt64)
	if src.window > 0 {
		highest, err := src.highest(ctx, r)
		if err != nil {
			return nil, false, err
		}
		end = min(p.id+src.window, highest)
		through = end == highest
		if end <= p.id {
			return nil, true, nil
		}
	}
	// The key is named because the optimizer, offered an index on the type, may sort all orders for each page.
	err = r.each(ctx, src.what, fmt.Sprintf("SELECT %s, %s FROM %s t FORCE INDEX (PRIMARY) WHERE %s > ? AND %s <= ? AND %s ORDER BY %s LIMIT ?",
		src.id, src.target, src.table, src.id, src.id, condition, src.id), []any{p.id, end, limit},
		func(scan func(...any) error) error {
			var h hit
			if err := scan(&h.id, &h.target); err != nil {
				return err
			}
			found = append(found, h)
			return nil
		})
	switch {
	case err != nil:
		return nil, false, err
	case len(found) == limit:
		p.id, through = found[limit-1].id, false
	case src.window > 0:
		p.id = end
	default:
		through = true
		if len(found) > 0 {
			p.id = found[len(found)-1].id
		}
	}
	return found, through, nil
}

func (src source) highest(ctx context.Context, r *reader) (id int64, err error) {
	err = r.one(ctx, src.what, fmt.Sprintf("SELECT COALESCE(MAX(%s), 0) FROM %s t", src.id, src.table), nil, &id)
	return id, err
}

// from is where the changes of this round begin: behind the newest one known or, while that one may still be overtaken
// by a late commit, so far back as the overlap and the number of re-reads allow.
func (src source) from(ctx context.Context, r *reader, p *place, now time.Time) (mark, error) {
	if src.time == "" || now.Unix()-p.seen > seconds(overlap) {
		return p.head, nil
	}
	floor := mark{at: max(0, p.head.at-seconds(overlap))}
	oldest, err := src.newest(ctx, r, p.id, floor, p.head, rereads)
	if err != nil {
		return mark{}, err
	}
	if oldest == (mark{}) {
		return floor, nil
	}
	return oldest, nil
}

// newest is the row from which skip newer ones follow, between two marks; the zero mark where there are not so many.
func (src source) newest(ctx context.Context, r *reader, highest int64, from, to mark, skip int) (mark, error) {
	var m mark
	err := r.each(ctx, src.what, fmt.Sprintf(`SELECT %[1]s, %[2]s FROM %[3]s t WHERE %[2]s >= ? AND %[2]s <= ? AND (%[2]s < ? OR %[1]s <= ?)%[4]s
		ORDER BY %[2]s DESC, %[1]s DESC LIMIT 1 OFFSET %[5]d`, src.id, src.time, src.table, src.within(highest), skip),
		[]any{moment(from.at), moment(to.at), moment(to.at), to.id}, m.scan)
	return m, err
}

// within limits a condition on an unindexed time to the highest ids.
func (src source) within(highest int64) string {
	if src.region == 0 {
		return ""
	}
	return fmt.Sprintf(" AND %s AND %s > %d", src.any, src.id, highest-src.region)
}

func (src source) changed(ctx context.Context, r *reader, p *place, now time.Time, limit int) ([]hit, bool, error) {
	if src.time == "" {
		return nil, true, nil
	}
	found, err := src.byTime(ctx, r, p, p.pos, mark{now.Add(future).Unix(), math.MaxInt64}, limit)
	if err != nil {
		return nil, false, err
	}
	if len(found) > 0 {
		p.pos = found[len(found)-1].mark
		if p.head.before(p.pos) {
			p.head, p.seen = p.pos, now.Unix()
		}
	}
	return found, len(found) < limit, nil
}

// settled delivers rows once more when nothing can overtake them any longer: when they are older than the newest by the
// overlap, or when nothing new has come for that long.
func (src source) settled(ctx context.Context, r *reader, p *place, now time.Time, limit int) ([]hit, bool, error) {
	until := mark{p.head.at - seconds(overlap), math.MaxInt64}
	if now.Unix()-p.seen > seconds(overlap) {
		until = p.head
	}
	if src.time == "" || !p.tail.before(until) {
		return nil, true, nil
	}
	found, err := src.byTime(ctx, r, p, p.tail, until, limit)
	if err != nil {
		return nil, false, err
	}
	if len(found) < limit {
		p.tail = until
		return found, true, nil
	}
	p.tail = found[limit-1].mark
	return found, false, nil
}

// byTime reads rows behind one mark up to another. Rows of the same second are a statement of their own: both are then
// plain ranges of the index on the time (which ends in the id), however many rows share a second.
func (src source) byTime(ctx context.Context, r *reader, p *place, from, to mark, limit int) (found []hit, err error) {
	columns := fmt.Sprintf("SELECT %s, %s, %s FROM %s t WHERE ", src.id, src.time, src.target, src.table)
	add := func(scan func(...any) error) error {
		var h hit
		if err := h.scan(func(into ...any) error { return scan(append(into, &h.target)...) }); err != nil {
			return err
		}
		found = append(found, h)
		return nil
	}
	end := to.id
	if to.at > from.at {
		end = math.MaxInt64
	}
	err = r.each(ctx, src.what, columns+fmt.Sprintf("%[1]s = ? AND %[2]s > ? AND %[2]s <= ?%[3]s ORDER BY %[2]s LIMIT ?", src.time, src.id, src.within(p.id)),
		[]any{moment(from.at), from.id, end, limit}, add)
	if err != nil || len(found) == limit || to.at <= from.at {
		return found, err
	}
	err = r.each(ctx, src.what, columns+fmt.Sprintf("%[1]s > ? AND %[1]s <= ? AND (%[1]s < ? OR %[2]s <= ?)%[3]s ORDER BY %[1]s, %[2]s LIMIT ?",
		src.time, src.id, src.within(p.id)), []any{moment(from.at), moment(to.at), moment(to.at), to.id, limit - len(found)}, add)
	return found, err
}

// scan reads an id and a time.
func (m *mark) scan(scan func(...any) error) error {
	var text string
	if err := scan(&m.id, &text); err != nil {
		return err
	}
	m.at = unix(text)
	return nil
}

func (src source) swept(ctx context.Context, r *reader, p *place, now time.Time, limit int) ([]hit, bool, error) {
	if src.sweep == nil {
		return nil, true, nil
	}
	if p.sweep == 0 {
		if now.Unix()-p.cycle < seconds(between) {
			return nil, true, nil
		}
		p.since, p.cycle = p.cycle, now.Unix()
	}
	step, err := src.sweep(ctx, r, *p, limit)
	if err != nil {
		return nil, false, err
	}
	p.sweep = step.end
	if len(step.hits) == limit {
		p.sweep = step.hits[limit-1].id
		return step.hits, false, nil
	}
	if step.last {
		p.sweep = 0
	}
	return step.hits, true, nil
}

// changedSince is what a sweep looks for: as the sweep before this one began, less the overlap.
func (p place) changedSince() int64 { return max(0, p.since-seconds(overlap)) }

func (src source) rolled(ctx context.Context, r *reader, p *place, now time.Time, limit int) ([]hit, bool, error) {
	if src.roll == nil || now.Unix()-p.rolled < seconds(between) {
		return nil, true, nil
	}
	limit = min(limit, rolling)
	found, err := src.roll(ctx, r, *p, limit)
	if err != nil {
		return nil, false, err
	}
	p.rolled, p.roll = now.Unix(), 0
	if len(found) == limit {
		p.roll = found[limit-1].id
	}
	return found, true, nil
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// moment writes a time as DATETIME columns compare it. Zero dates are before all.
func moment(at int64) string { return time.Unix(at, 0).UTC().Format("2006-01-02 15:04:05") }

// unix reads a DATETIME. One of a day that does not exist (2023-00-15, 2023-02-31) becomes a later one, never an earlier:
// a page must not begin where the one before it began.
func unix(text string) int64 {
	var n [6]int
	fields := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	for i := range min(len(fields), len(n)) {
		for _, digit := range fields[i] {
			n[i] = min(n[i]*10+int(digit-'0'), 9999)
		}
	}
	return max(0, time.Date(n[0], time.Month(max(n[1], 1)), max(n[2], 1), n[3], n[4], n[5], 0, time.UTC).Unix())
}
