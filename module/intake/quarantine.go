package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

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
}

const (
	inMax       = 500
	reasonChars = 2000
	rawFields   = 100  // of a row that are kept
	rawChars    = 2000 // of each of them
)

// setAside notes the rows that could not be taken. One that was there already keeps its first day.
func (i *Intake) setAside(ctx context.Context, tx bun.IDB, shopID int64, stream string, bad []badRow) error {
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

// Retry has the streams of a shop that have rows in the quarantine read again from their beginning. Rows that were taken
// already are compared, not written again. Staff need the permission to manage shops.
func (i *Intake) Retry(ctx context.Context, shopID int64) error {
	if _, err := staff.Require(ctx, staff.ManageShops); err != nil {
		return err
	}
	return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewUpdate().Model((*streamRow)(nil)).Set("place = ''").
			Where("shop_id = ?", shopID).
			Where("stream IN (SELECT q.stream FROM crm_quarantine q WHERE q.shop_id = ?)", shopID).
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("having shop %d read again: %w", shopID, err)
		}
		return staff.Record(ctx, tx, "shop.read_again", "shop", shopID, nil)
	})
}
