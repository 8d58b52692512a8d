package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// SetAside is a row in the quarantine.
type SetAside struct {
	ID          int64
	ShopID      int64
	Stream      string
	Key         string // the shop's own
	Reason      string // names the field
	Raw         map[string]string
	FirstSeenAt time.Time
	LastSeenAt  time.Time
}

type setAsideRow struct {
	bun.BaseModel `bun:"table:crm_quarantine,alias:q"`

	ID          int64             `bun:"id,pk,autoincrement"`
	ShopID      int64             `bun:"shop_id"`
	Stream      string            `bun:"stream"`
	ShopKey     string            `bun:"shop_key"`
	Reason      string            `bun:"reason"`
	Raw         map[string]string `bun:"raw"`
	FirstSeenAt time.Time         `bun:"first_seen_at"`
	LastSeenAt  time.Time         `bun:"last_seen_at"`
	Again       bool              `bun:"again"` // somebody asked for it to be read again
}

const (
	inMax       = 500
	reasonChars = 2000
	rawFields   = 100  // of a row that are kept
	rawChars    = 2000 // of each of them
)

// setAside notes the rows that could not be taken. One that was there already keeps its first day.
func (i *Intake) setAside(ctx context.Context, tx bun.IDB, shopID int64, stream string, bad []badRow) error {
	if err := i.withoutErased(ctx, tx, shopID, stream, bad); err != nil {
		return err
	}
	now := i.now()
	last := map[string]setAsideRow{}
	for _, b := range bad {
		key := b.shopKey()
		last[key] = setAsideRow{ShopID: shopID, Stream: stream, ShopKey: key, Reason: cut(b.reason, reasonChars), Raw: b.raw, FirstSeenAt: now, LastSeenAt: now}
	}
	var rows []setAsideRow
	for _, key := range slices.Sorted(maps.Keys(last)) {
		rows = append(rows, last[key])
	}
	for part := range slices.Chunk(rows, inMax) {
		_, err := tx.NewInsert().Model(&part).
			On("DUPLICATE KEY UPDATE reason = VALUES(reason), raw = VALUES(raw), last_seen_at = VALUES(last_seen_at)").
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("setting rows of stream %s aside: %w", stream, err)
		}
	}
	return nil
}

// heal takes rows out of the quarantine that were taken after all.
func (i *Intake) heal(ctx context.Context, tx bun.IDB, shopID int64, stream string, keys []string) error {
	any, err := tx.NewSelect().Model((*setAsideRow)(nil)).Where("shop_id = ?", shopID).Where("stream = ?", stream).Exists(ctx)
	if err != nil || !any {
		return err
	}
	for part := range slices.Chunk(keys, inMax) {
		_, err := tx.NewDelete().Model((*setAsideRow)(nil)).
			Where("shop_id = ?", shopID).Where("stream = ?", stream).Where("shop_key IN (?)", bun.List(part)).
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("taking rows of stream %s out of the quarantine: %w", stream, err)
		}
	}
	return nil
}

// release takes all rows of a stream out of the quarantine but those that are bad now.
func (i *Intake) release(ctx context.Context, tx bun.IDB, shopID int64, stream string, bad []badRow) error {
	q := tx.NewDelete().Model((*setAsideRow)(nil)).Where("shop_id = ?", shopID).Where("stream = ?", stream)
	if len(bad) > 0 {
		keys := make([]string, len(bad))
		for n, b := range bad {
			keys[n] = b.shopKey()
		}
		q = q.Where("shop_key NOT IN (?)", bun.List(keys))
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("emptying the quarantine of stream %s: %w", stream, err)
	}
	return nil
}

// badRow is a row on its way into the quarantine.
type badRow struct {
	key    string
	reason string
	raw    map[string]string
}

// shopKey is under what the row is set aside: its own key, as far as it has one that can be kept.
func (b badRow) shopKey() string {
	if key := cut(b.key, keyMax); key != "" {
		return key
	}
	return "?"
}

// fields is an adapter's row as names and values, nested ones as JSON, bounded.
func fields(row any) map[string]string {
	text, err := json.Marshal(row)
	if err != nil {
		return map[string]string{"row": err.Error()}
	}
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return map[string]string{"row": cut(string(text), rawChars)}
	}
	values := make(map[string]string, len(parts))
	for name, part := range parts {
		var s string
		if json.Unmarshal(part, &s) != nil {
			s = string(part)
		}
		values[name] = s
	}
	return bounded(values)
}

func bounded(values map[string]string) map[string]string {
	kept := make(map[string]string, min(len(values), rawFields))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if len(kept) == rawFields {
			break
		}
		kept[cut(name, keyMax)] = cut(values[name], rawChars)
	}
	return kept
}

// Quarantine lists rows that were set aside, the latest first; with shopID 0 of all shops. next is empty on the last
// page. limit is 50 by default, at most store.PageMax.
func (i *Intake) Quarantine(ctx context.Context, shopID int64, after string, limit int) (rows []SetAside, next string, err error) {
	order := store.Keyset{{Column: "q.id", Desc: true}}
	q := i.db.NewSelect().Model((*setAsideRow)(nil))
	if shopID != 0 {
		q = q.Where("q.shop_id = ?", shopID)
	}
	if after != "" {
		from, err := order.Decode(after)
		if err != nil {
			return nil, "", err
		}
		q = from.After(q)
	}
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, store.PageMax)
	var found []setAsideRow
	if err := order.Order(q).Limit(int64(limit+1)).Scan(ctx, &found); err != nil {
		return nil, "", fmt.Errorf("reading the quarantine: %w", err)
	}
	if len(found) > limit {
		found = found[:limit]
		next = order.Encode(found[limit-1].ID)
	}
	for _, r := range found {
		rows = append(rows, SetAside{ID: r.ID, ShopID: r.ShopID, Stream: r.Stream, Key: r.ShopKey, Reason: r.Reason, Raw: r.Raw,
			FirstSeenAt: r.FirstSeenAt, LastSeenAt: r.LastSeenAt})
	}
	return rows, next, nil
}

// Retry has a shop's rows that are in the quarantine read again, by whoever follows the shop. Staff need the permission to
// manage shops.
func (i *Intake) Retry(ctx context.Context, shopID int64) error {
	if _, err := staff.Require(ctx, staff.ManageShops); err != nil {
		return err
	}
	return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
		if err := askAgain(ctx, tx, shopID); err != nil {
			return err
		}
		return staff.Record(ctx, tx, "shop.read_again", "shop", shopID, nil)
	})
}

func askAgain(ctx context.Context, db bun.IDB, shopID int64) error {
	_, err := db.NewUpdate().Model((*setAsideRow)(nil)).Set("again = TRUE").Where("shop_id = ?", shopID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("having rows of shop %d read again: %w", shopID, err)
	}
	return nil
}

// readAgain reads rows of the quarantine again that somebody asked for: those of one stream in one range of keys where
// the shop has ranges, else the whole stream. more says that there may be others.
func (w *worker) readAgain(ctx context.Context) (more bool, err error) {
	var rows []setAsideRow
	err = w.db.NewSelect().Model(&rows).Column("id", "stream", "shop_key").
		Where("q.shop_id = ?", w.shop.ID).
		Where("q.again").
		Order("q.stream", "q.id").
		Limit(inMax).
		Scan(ctx)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	stream := rows[0].Stream
	rows = slices.DeleteFunc(rows, func(r setAsideRow) bool { return r.Stream != stream })
	auditor, able := w.source.Shop.(adapters.Auditor)
	first, last, chosen := near(rows)
	switch {
	case stream == StreamCategories: // all of them are read all the time
	case able && last > 0:
		rows = chosen
		if err := w.readRange(ctx, stream, auditor.Range(adapters.Stream(stream), first, last), rows); err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			w.report(ctx, stream, err) // they stay aside until somebody asks again
		}
	default:
		if err := w.restart(ctx, w.shop.ID, stream); err != nil {
			return false, err
		}
	}
	ids := make([]int64, len(rows))
	for n, r := range rows {
		ids[n] = r.ID
	}
	_, err = w.db.NewUpdate().Model((*setAsideRow)(nil)).Set("again = FALSE").Where("id IN (?)", bun.List(ids)).Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("noting which rows were read again: %w", err)
	}
	return true, nil
}

// near gives the range of keys of the first row, and the rows in it; last is 0 when that row's key is not an integer.
func near(rows []setAsideRow) (first, last int64, chosen []setAsideRow) {
	var bucket int64
	for _, r := range rows {
		key, err := strconv.ParseInt(r.ShopKey, 10, 64)
		if len(chosen) == 0 {
			if err != nil || key <= 0 {
				return 0, 0, nil
			}
			bucket, first, last = key/smallestStep, key, key
		}
		if err == nil && key/smallestStep == bucket {
			first, last, chosen = min(first, key), max(last, key), append(chosen, r)
		}
	}
	return first, last, chosen
}

// readRange reads a range of a stream again, beside its place. Rows that do not come any more leave the quarantine.
func (w *worker) readRange(ctx context.Context, stream string, from adapters.Cursor, rows []setAsideRow) error {
	at, err := w.loadStream(ctx, w.shop.ID, stream)
	if err != nil {
		return err
	}
	place := adapters.Cursor(at.Place)
	came := map[string]bool{}
	hold := func(ctx context.Context, tx bun.IDB, _ adapters.Cursor, did step) error {
		return w.advance(ctx, tx, at, place, step{next: place, changed: did.changed})
	}
	err = w.flow(stream).renew(ctx, w, from, hold, func(keys []string) error {
		for _, key := range keys {
			came[key] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	var left []string
	for _, r := range rows {
		if !came[r.ShopKey] {
			left = append(left, r.ShopKey)
		}
	}
	return w.heal(ctx, w.db, w.shop.ID, stream, left)
}
