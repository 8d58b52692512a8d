package follow

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

const (
	pageMax = 500              // rows of a page; with more, MariaDB's plans for IN lists change (from 1000 on) and pages get heavy
	overlap = 5 * time.Minute  // how late a transaction may commit, or a request go on writing, after the time in its row
	rereads = 100              // rows of the overlap that each round delivers again; the others are delivered again when they settle
	future  = 24 * time.Hour   // a change stamped later than this from now is a mistake, and must not hide all that follow
	between = 60 * time.Second // from the start of a sweep or a roll to the next
	rolling = 50               // rows that are rolled over at a time
)

// Source says where the rows of a stream are, and how changes are found there. All SQL in it is fixed text of the
// adapter, with tables as {orders}; the table of the rows goes by the alias t.
type Source struct {
	Letter byte   // in cursors, 'a' to 'z': one for each stream and each place that a shop may keep it in
	Former byte   // the letter of the place where the shop may have kept these rows before; 0: nowhere else
	What   string // in errors: "orders"
	Table  string // "{orders}"
	ID     string // its key column, an integer: the primary key
	Own    string // condition: rows that are delivered themselves
	Any    string // condition: these, and rows that deliver another (refunds, variations); default Own
	Target string // expression: the id to deliver for a row; 0: none; default ID
	Count  string // table and condition for counting
	Window int64  // ids that one statement about the history looks at; 0: as many as needed, nearly all rows are own

	Time   string         // column with the time of the last change, a DATETIME or TIMESTAMP; empty: none by which changes can be followed
	Unix   bool           // Time is an integer, in seconds since 1970
	Zone   *time.Location // what Time is in where that is not UTC; a sweep compares it with the clock
	Along  string         // condition that goes with Time where the index on it begins with another column: "t.state IN ('new','paid')"
	Region int64          // Time has no index: only so many of the highest ids are looked at; 0: it has one
	Feeds  []Feed         // tables that tell of changes by what is added to them; at most three
	Sweep  Sweep          // finds what Time finds in the rows below Region; see SweepByTime
	Roll   Roll           // gives a few rows again, whatever they are; see RollNewest

	Parts   []Part // what a digest sums up; the first is of the rows themselves
	Archive Part   // rows that the shop has moved to a table of their own, by the ids they had; no Table: none. Window must be 0
}

// Feed is a table that only grows and names rows which changed: an order's history, credit slips.
type Feed struct {
	Table  string // "{order_history}"
	ID     string // its key column, an integer: the primary key
	Target string // expression: the id to deliver, of the alias f
	Where  string // condition on rows of the feed; default all
}

// Sweep does one step of a walk over all rows for changes that no index finds.
type Sweep func(ctx context.Context, db DB, p Place, limit int) (Stride, error)

// Roll gives at most limit rows behind p.Rolled, by id; fewer than that end the walk, and it begins again.
type Roll func(ctx context.Context, db DB, p Place, limit int) ([]Hit, error)

// Hit is a row that was found: its own place, and the id to deliver.
type Hit struct {
	ID     int64 // of the row that was found
	Target int64 // of the row to deliver
	at     int64
}

func (h Hit) mark() mark { return mark{h.at, h.ID} }

// Stride is a step of a sweep.
type Stride struct {
	Hits []Hit // at most the limit, by id
	End  int64 // up to this id all was looked at
	Last bool  // and that was the end
}

func (src Source) withDefaults() Source {
	if src.Own == "" {
		src.Own = "TRUE"
	}
	if src.Any == "" {
		src.Any = src.Own
	}
	if src.Target == "" {
		src.Target = "t." + src.ID
	}
	return src
}

// Read gives one page: it finds ids stage by stage, and has load turn them into rows, in the order of the ids.
func Read[T any](ctx context.Context, db DB, now time.Time, src Source, after adapters.Cursor, limit int,
	load func(context.Context, []int64) ([]T, []adapters.BadRow, error)) (adapters.Page[T], error) {
	src = src.withDefaults()
	limit = min(max(limit, 1), pageMax)
	now = now.UTC()
	var p Place
	var err error
	if after != "" {
		if p, err = parseCursor(after); err != nil {
			return adapters.Page[T]{}, fmt.Errorf("%s: %w: %w", db.Platform, adapters.ErrCursor, err)
		}
		if p.source != src.Letter && p.source != src.Former {
			return adapters.Page[T]{}, fmt.Errorf("%s: %w: %q is not one of %s", db.Platform, adapters.ErrCursor, foreign.Cut(string(after)), src.What)
		}
	}
	if p.source != src.Letter && p.stage != stageRange {
		// The very beginning, or the shop has moved its rows elsewhere since (orders from posts to tables of their own). The
		// copied rows have the same ids but not always the same times, so all is read again; a mirror leaves what is equal alone.
		if p, err = src.begin(ctx, db, now); err != nil {
			return adapters.Page[T]{}, err
		}
	}
	ids, done, err := src.gather(ctx, db, &p, now, limit)
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
func (src Source) gather(ctx context.Context, db DB, p *Place, now time.Time, limit int) (ids []int64, done bool, err error) {
	const steps = 12
	seen := map[int64]bool{}
	for range steps {
		stage := p.stage
		found, done, err := src.step(ctx, db, p, now, limit-len(ids))
		if err != nil {
			return nil, false, err
		}
		for _, h := range found {
			if h.Target > 0 && !seen[h.Target] {
				seen[h.Target] = true
				ids = append(ids, h.Target)
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
func (src Source) begin(ctx context.Context, db DB, now time.Time) (Place, error) {
	p := Place{source: src.Letter, seen: now.Unix(), cycle: now.Unix(), since: now.Unix(), rolled: now.Unix(), heard: now.Unix()}
	for i, f := range src.Feeds {
		if err := db.One(ctx, src.What, fmt.Sprintf("SELECT COALESCE(MAX(%s), 0) FROM %s f", f.ID, f.Table), nil, &p.feeds[i]); err != nil {
			return Place{}, err
		}
	}
	if src.Time == "" {
		return p, nil
	}
	highest, err := src.highest(ctx, db)
	if err != nil {
		return Place{}, err
	}
	newest, err := src.newest(ctx, db, highest, mark{at: 1}, mark{now.Add(future).Unix(), math.MaxInt64}, 0)
	if err != nil {
		return Place{}, err
	}
	p.head = newest
	p.tail = mark{at: max(0, newest.at-seconds(overlap))}
	return p, nil
}

// step does one statement's worth of the present stage and, where that is through, moves on to the next. done is the
// end of the round.
func (src Source) step(ctx context.Context, db DB, p *Place, now time.Time, limit int) (found []Hit, done bool, err error) {
	through := false
	switch p.stage {
	case stageHistory:
		found, through, err = src.byID(ctx, db, p, src.Own, math.MaxInt64, limit)
	case stageFresh:
		found, through, err = src.byID(ctx, db, p, src.Any, math.MaxInt64, limit)
	case stageChanged:
		found, through, err = src.changed(ctx, db, p, now, limit)
	case stageSettled:
		found, through, err = src.settled(ctx, db, p, now, limit)
	case stageFeeds:
		found, through, err = src.fed(ctx, db, p, now, limit)
	case stageSweep:
		found, through, err = src.swept(ctx, db, p, now, limit)
	case stageRoll:
		found, through, err = src.rolled(ctx, db, p, now, limit)
	case stageRange:
		return src.byID(ctx, db, p, src.Own, p.roll, limit)
	}
	if err != nil || !through {
		return found, false, err
	}
	p.stage++
	switch p.stage {
	case stageChanged:
		p.pos, err = src.from(ctx, db, p, now)
	case stageFeeds:
		p.pos = mark{0, p.feedFrom(0, now)}
	case stageRange:
		p.stage, done = stageFresh, true
	}
	return found, done, err
}

// byID reads on from the highest id that was looked at, up to another. New rows are found this way even when their time of
// change is an old one, as after an import.
func (src Source) byID(ctx context.Context, db DB, p *Place, condition string, until int64, limit int) (found []Hit, through bool, err error) {
	end := until
	if src.Window > 0 {
		highest, err := src.highest(ctx, db)
		if err != nil {
			return nil, false, err
		}
		last := min(highest, until)
		end = min(p.id+src.Window, last)
		through = end == last
	}
	if end <= p.id {
		return nil, true, nil
	}
	// The key is named because the optimizer, offered an index on the type, may sort all orders for each page.
	statement := fmt.Sprintf("SELECT t.%[1]s, %[2]s FROM %[3]s t FORCE INDEX (PRIMARY) WHERE t.%[1]s > ? AND t.%[1]s <= ? AND %[4]s ORDER BY t.%[1]s LIMIT ?",
		src.ID, src.Target, src.Table, condition)
	args := []any{p.id, end, limit}
	if a := src.Archive; a.Table != "" && p.stage != stageFresh { // what is new is not archived yet
		statement = fmt.Sprintf("(%[1]s) UNION (SELECT %[2]s, %[2]s FROM %[3]s WHERE %[2]s > ? AND %[2]s <= ? AND %[4]s ORDER BY %[2]s LIMIT ?) ORDER BY 1 LIMIT ?",
			statement, a.Key, a.Table, a.where())
		args = append(args, p.id, end, limit, limit)
	}
	err = db.Each(ctx, src.What, statement, args, into(&found))
	switch {
	case err != nil:
		return nil, false, err
	case len(found) == limit:
		p.id, through = found[limit-1].ID, false
	case src.Window > 0:
		p.id = end
	default:
		through = true
		if len(found) > 0 {
			p.id = found[len(found)-1].ID
		}
	}
	return found, through, nil
}

// into scans rows of id and target.
func into(found *[]Hit) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var h Hit
		if err := scan(&h.ID, &h.Target); err != nil {
			return err
		}
		*found = append(*found, h)
		return nil
	}
}

func (src Source) highest(ctx context.Context, db DB) (id int64, err error) {
	err = db.One(ctx, src.What, fmt.Sprintf("SELECT COALESCE(MAX(%s), 0) FROM %s t", src.ID, src.Table), nil, &id)
	return id, err
}

// from is where the changes of this round begin: behind the newest one known or, while that one may still be overtaken
// by a late commit, so far back as the overlap and the number of re-reads allow.
func (src Source) from(ctx context.Context, db DB, p *Place, now time.Time) (mark, error) {
	if src.Time == "" || now.Unix()-p.seen > seconds(overlap) {
		return p.head, nil
	}
	floor := mark{at: max(0, p.head.at-seconds(overlap))}
	oldest, err := src.newest(ctx, db, p.id, floor, p.head, rereads)
	if err != nil {
		return mark{}, err
	}
	if oldest == (mark{}) {
		return floor, nil
	}
	return oldest, nil
}

// newest is the row from which skip newer ones follow, between two marks; the zero mark where there are not so many.
func (src Source) newest(ctx context.Context, db DB, highest int64, from, to mark, skip int) (mark, error) {
	var m mark
	err := db.Each(ctx, src.What, fmt.Sprintf(`SELECT t.%[1]s, t.%[2]s FROM %[3]s t WHERE t.%[2]s >= ? AND t.%[2]s <= ? AND (t.%[2]s < ? OR t.%[1]s <= ?)%[4]s
		ORDER BY t.%[2]s DESC, t.%[1]s DESC LIMIT 1 OFFSET %[5]d`, src.ID, src.Time, src.Table, src.within(highest), skip),
		[]any{src.moment(from.at), src.moment(to.at), src.moment(to.at), to.id}, func(scan func(...any) error) error { return src.scan(&m, scan) })
	return m, err
}

// within is what goes with a condition on the time: the index's other column, or, where there is no index, the highest ids.
func (src Source) within(highest int64) string {
	switch {
	case src.Along != "":
		return " AND " + src.Along
	case src.Region == 0:
		return ""
	}
	return fmt.Sprintf(" AND %s AND t.%s > %d", src.Any, src.ID, highest-src.Region)
}

func (src Source) changed(ctx context.Context, db DB, p *Place, now time.Time, limit int) ([]Hit, bool, error) {
	if src.Time == "" {
		return nil, true, nil
	}
	found, err := src.byTime(ctx, db, p, p.pos, mark{now.Add(future).Unix(), math.MaxInt64}, limit)
	if err != nil {
		return nil, false, err
	}
	if len(found) > 0 {
		p.pos = found[len(found)-1].mark()
		if p.head.before(p.pos) {
			p.head, p.seen = p.pos, now.Unix()
		}
	}
	return found, len(found) < limit, nil
}

// settled delivers rows once more when nothing can overtake them any longer: when they are older than the newest by the
// overlap, or when nothing new has come for that long.
func (src Source) settled(ctx context.Context, db DB, p *Place, now time.Time, limit int) ([]Hit, bool, error) {
	until := mark{p.head.at - seconds(overlap), math.MaxInt64}
	if now.Unix()-p.seen > seconds(overlap) {
		until = p.head
	}
	if src.Time == "" || !p.tail.before(until) {
		return nil, true, nil
	}
	found, err := src.byTime(ctx, db, p, p.tail, until, limit)
	if err != nil {
		return nil, false, err
	}
	if len(found) < limit {
		p.tail = until
		return found, true, nil
	}
	p.tail = found[limit-1].mark()
	return found, false, nil
}

// byTime reads rows behind one mark up to another. Rows of the same second are a statement of their own: both are then
// plain ranges of the index on the time (which ends in the id), however many rows share a second.
func (src Source) byTime(ctx context.Context, db DB, p *Place, from, to mark, limit int) (found []Hit, err error) {
	columns := fmt.Sprintf("SELECT t.%s, t.%s, %s FROM %s t WHERE ", src.ID, src.Time, src.Target, src.Table)
	add := func(scan func(...any) error) error {
		var h Hit
		var m mark
		if err := src.scan(&m, func(into ...any) error { return scan(append(into, &h.Target)...) }); err != nil {
			return err
		}
		h.ID, h.at = m.id, m.at
		found = append(found, h)
		return nil
	}
	end := to.id
	if to.at > from.at {
		end = math.MaxInt64
	}
	err = db.Each(ctx, src.What, columns+fmt.Sprintf("t.%[1]s = ? AND t.%[2]s > ? AND t.%[2]s <= ?%[3]s ORDER BY t.%[2]s LIMIT ?", src.Time, src.ID, src.within(p.id)),
		[]any{src.moment(from.at), from.id, end, limit}, add)
	if err != nil || len(found) == limit || to.at <= from.at {
		return found, err
	}
	err = db.Each(ctx, src.What, columns+fmt.Sprintf("t.%[1]s > ? AND t.%[1]s <= ? AND (t.%[1]s < ? OR t.%[2]s <= ?)%[3]s ORDER BY t.%[1]s, t.%[2]s LIMIT ?",
		src.Time, src.ID, src.within(p.id)), []any{src.moment(from.at), src.moment(to.at), src.moment(to.at), to.id, limit - len(found)}, add)
	return found, err
}

// scan reads an id and a time. A NULL is before all times.
func (src Source) scan(m *mark, scan func(...any) error) error {
	var text string
	if err := scan(&m.id, Text(&text)); err != nil {
		return err
	}
	if src.Unix {
		m.at = foreign.ID(text) // a negative one is none
	} else {
		m.at = unix(text)
	}
	return nil
}

// feedFrom is where a feed's rows of this round begin. Keys are given before they are committed, so the last few come
// again while there is news.
func (p *Place) feedFrom(i int, now time.Time) int64 {
	if now.Unix()-p.heard > seconds(overlap) {
		return p.feeds[i]
	}
	return max(0, p.feeds[i]-rereads)
}

func (src Source) fed(ctx context.Context, db DB, p *Place, now time.Time, limit int) (found []Hit, through bool, err error) {
	i := int(p.pos.at)
	if i >= len(src.Feeds) {
		return nil, true, nil
	}
	f := src.Feeds[i]
	where := f.Where
	if where == "" {
		where = "TRUE"
	}
	err = db.Each(ctx, src.What, fmt.Sprintf("SELECT f.%[1]s, COALESCE(%[2]s, 0) FROM %[3]s f WHERE f.%[1]s > ? AND %[4]s ORDER BY f.%[1]s LIMIT ?", f.ID, f.Target, f.Table, where),
		[]any{p.pos.id, limit}, into(&found))
	if err != nil {
		return nil, false, err
	}
	if len(found) > 0 {
		p.pos.id = found[len(found)-1].ID
		if p.pos.id > p.feeds[i] {
			p.feeds[i], p.heard = p.pos.id, now.Unix()
		}
	}
	if len(found) == limit {
		return found, false, nil
	}
	p.pos = mark{int64(i + 1), 0}
	if i+1 == len(src.Feeds) {
		return found, true, nil
	}
	p.pos.id = p.feedFrom(i+1, now)
	return found, false, nil
}

func (src Source) swept(ctx context.Context, db DB, p *Place, now time.Time, limit int) ([]Hit, bool, error) {
	if src.Sweep == nil {
		return nil, true, nil
	}
	if p.sweep == 0 {
		if now.Unix()-p.cycle < seconds(between) {
			return nil, true, nil
		}
		p.since, p.cycle = p.cycle, now.Unix()
	}
	step, err := src.Sweep(ctx, db, *p, limit)
	if err != nil {
		return nil, false, err
	}
	switch {
	case len(step.Hits) == limit: // the next round goes on behind it
		p.sweep = step.Hits[limit-1].ID
	case step.Last:
		p.sweep = 0
	default:
		p.sweep = step.End
	}
	return step.Hits, true, nil
}

func (src Source) rolled(ctx context.Context, db DB, p *Place, now time.Time, limit int) ([]Hit, bool, error) {
	if src.Roll == nil || now.Unix()-p.rolled < seconds(between) {
		return nil, true, nil
	}
	limit = min(limit, rolling)
	found, err := src.Roll(ctx, db, *p, limit)
	if err != nil {
		return nil, false, err
	}
	p.rolled, p.roll = now.Unix(), 0
	if len(found) == limit {
		p.roll = found[limit-1].ID
	}
	return found, true, nil
}

// SweepByTime walks the rows below Region by their ids, step at a time, for those whose Time has moved since the walk
// before. It is for tables whose time of change has no index.
func (src Source) SweepByTime(step int64) Sweep {
	src = src.withDefaults()
	return func(ctx context.Context, db DB, p Place, limit int) (Stride, error) {
		bound := max(p.id-src.Region, 0)
		s := Stride{End: min(p.sweep+step, bound)}
		s.Last = s.End == bound
		var err error
		s.Hits, err = src.between(ctx, db, "t."+src.Time+" >= ?", p.sweep, s.End, limit, src.local(p.ChangedSince()))
		return s, err
	}
}

// RollNewest gives the newest rows again, of so many ids. It is for edits that leave no time behind.
func (src Source) RollNewest(ids int64) Roll {
	src = src.withDefaults()
	return func(ctx context.Context, db DB, p Place, limit int) ([]Hit, error) {
		return src.between(ctx, db, "TRUE", max(p.roll, p.id-ids), p.id, limit)
	}
}

// between finds rows in a range of ids.
func (src Source) between(ctx context.Context, db DB, condition string, from, to int64, limit int, args ...any) (found []Hit, err error) {
	args = append([]any{from, to}, append(args, limit)...)
	err = db.Each(ctx, src.What, fmt.Sprintf("SELECT t.%[1]s, %[2]s FROM %[3]s t FORCE INDEX (PRIMARY) WHERE t.%[1]s > ? AND t.%[1]s <= ? AND %[4]s AND %[5]s ORDER BY t.%[1]s LIMIT ?",
		src.ID, src.Target, src.Table, src.Any, condition), args, into(&found))
	return found, err
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// moment writes a mark's time as the column holds it.
func (src Source) moment(at int64) any {
	if src.Unix {
		return at
	}
	return moment(at)
}

// local writes a time of the clock as the column holds it.
func (src Source) local(at int64) any {
	if src.Unix || src.Zone == nil {
		return src.moment(at)
	}
	return time.Unix(at, 0).In(src.Zone).Format(time.DateTime)
}

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
