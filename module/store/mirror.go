package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"
)

// Mirror is a table that holds the rows of shops. It has the columns id, shop_id, shop_key, fingerprint and deleted_at,
// and a unique key on the second and the third.
type Mirror struct{ Table string }

// Mirrored is what a mirror knows of one row of a shop, but for its content.
type Mirrored struct {
	Key         string // the shop's own
	Fingerprint uint64 // of its content; 0: not known
	Deleted     bool
}

// Sum sums up the mirrored rows of a range of keys: two sums are equal as long as nothing was written between them.
type Sum struct {
	Rows   int64  // not deleted
	Prints uint64 // all fingerprints, by exclusive or
}

const (
	mirrorIDs  = 20_000 // looked at by one statement
	mirrorKeys = 500    // of one IN list
)

// integral is the condition that a shop's key is written as an integer.
const integral = "shop_key = CAST(CAST(shop_key AS UNSIGNED) AS CHAR) COLLATE utf8mb4_bin AND LENGTH(shop_key) < 19"

// Sums adds up a shop's rows in ranges of step keys that begin at multiples of step, those with integer keys only. It
// walks the table by its primary key: the ranges cost no index of their own.
func (m Mirror) Sums(ctx context.Context, db bun.IDB, shopID, step int64) (map[int64]Sum, error) {
	sums := map[int64]Sum{}
	highest, err := m.Highest(ctx, db)
	for from := int64(0); err == nil && from < highest; from += mirrorIDs {
		var rows []struct {
			Bucket, There int64
			Prints        uint64
		}
		err = db.NewRaw(`SELECT number - MOD(number, ?) AS bucket, COUNT(IF(deleted_at IS NULL, 1, NULL)) AS there, BIT_XOR(fingerprint) AS prints
			FROM (SELECT CAST(shop_key AS UNSIGNED) AS number, fingerprint, deleted_at FROM ? WHERE id > ? AND id <= ? AND shop_id = ? AND `+integral+`) r
			GROUP BY bucket`, step, bun.Ident(m.Table), from, from+mirrorIDs, shopID).Scan(ctx, &rows)
		for _, row := range rows {
			sum := sums[row.Bucket]
			sums[row.Bucket] = Sum{sum.Rows + row.There, sum.Prints ^ row.Prints}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("adding up %s: %w", m.Table, err)
	}
	return sums, nil
}

// Highest is the highest id there is.
func (m Mirror) Highest(ctx context.Context, db bun.IDB) (id int64, err error) {
	err = db.NewRaw("SELECT COALESCE(MAX(id), 0) FROM ?", bun.Ident(m.Table)).Scan(ctx, &id)
	return id, err
}

// Range gives a shop's rows with integer keys from first to last, by key.
func (m Mirror) Range(ctx context.Context, db bun.IDB, shopID, first, last int64) (map[string]Mirrored, error) {
	keys := make([]string, 0, last-first+1)
	for n := first; n <= last; n++ {
		keys = append(keys, strconv.FormatInt(n, 10))
	}
	return m.Find(ctx, db, shopID, keys)
}

// Find gives those of the shop's rows that are there, by key.
func (m Mirror) Find(ctx context.Context, db bun.IDB, shopID int64, keys []string) (map[string]Mirrored, error) {
	found := make(map[string]Mirrored, len(keys))
	for part := range slices.Chunk(keys, mirrorKeys) {
		var rows []mirroredRow
		err := db.NewSelect().TableExpr(m.Table).ColumnExpr(mirroredColumns).
			Where("shop_id = ?", shopID).
			Where("shop_key IN (?)", bun.List(part)).
			Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("looking rows of %s up by the shop's keys: %w", m.Table, err)
		}
		for _, row := range rows {
			found[row.ShopKey] = row.mirrored()
		}
	}
	return found, nil
}

// Each gives all of a shop's rows with ids up to a highest one, in portions.
func (m Mirror) Each(ctx context.Context, db bun.IDB, shopID, highest int64, do func([]Mirrored) error) error {
	for from := int64(0); from < highest; from += mirrorIDs {
		var rows []mirroredRow
		err := db.NewSelect().TableExpr(m.Table).ColumnExpr(mirroredColumns).
			Where("id > ?", from).
			Where("id <= ?", min(from+mirrorIDs, highest)).
			Where("shop_id = ?", shopID).
			Scan(ctx, &rows)
		if err != nil {
			return fmt.Errorf("reading %s: %w", m.Table, err)
		}
		portion := make([]Mirrored, len(rows))
		for i, row := range rows {
			portion[i] = row.mirrored()
		}
		if err := do(portion); err != nil {
			return err
		}
	}
	return nil
}

// Gone marks rows as deleted that the shop does not have any more. Their content counts as not known from then on: should
// the shop deliver one after all, it is written whatever it holds.
func (m Mirror) Gone(ctx context.Context, db bun.IDB, shopID int64, keys []string, at time.Time) error {
	for part := range slices.Chunk(keys, mirrorKeys) {
		_, err := db.NewUpdate().TableExpr(m.Table).Set("deleted_at = ?", at.UTC()).Set("fingerprint = 0").
			Where("shop_id = ?", shopID).
			Where("shop_key IN (?)", bun.List(part)).
			Where("deleted_at IS NULL").
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("marking rows of %s as deleted: %w", m.Table, err)
		}
	}
	return nil
}

const mirroredColumns = "shop_key, fingerprint, deleted_at IS NOT NULL AS deleted"

type mirroredRow struct {
	ShopKey     string
	Fingerprint uint64
	Deleted     bool
}

func (r mirroredRow) mirrored() Mirrored { return Mirrored{r.ShopKey, r.Fingerprint, r.Deleted} }
