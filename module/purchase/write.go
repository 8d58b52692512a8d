package purchase

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/store"
)

// Delta is those of a batch's orders that differ from the mirror, made by [Book.Compare]. Between that and [Book.Write]
// the caller says whom they belong to: IdentityID and ProfileID of each, and ProductID of their lines.
type Delta struct {
	Orders []Order
	// History says that the orders are of a history being copied: what follows from them is left to [Book.Digest], which
	// takes a tenth of the time once all of them are there.
	History bool

	shopID       int64
	fingerprints []uint64 // of Orders, as they were compared
	owners       []int64  // of Orders: the profile that has it in the mirror; 0: it is not there
}

// Result says what a write did.
type Result struct {
	Profiles []int64 // present and former owners of the orders written, ascending
	Orders   int64
	Lines    int64
	Refunds  int64
}

// Compare finds the orders of a batch that the mirror does not have, or has with other content. An order that comes
// twice counts as it comes last. Orders deleted in the shop before they were ever mirrored are left out. It takes
// Refunded from the refunds, whatever the caller filled in.
func (b *Book) Compare(ctx context.Context, db bun.IDB, shopID int64, orders []Order) (*Delta, error) {
	last := make(map[string]int, len(orders))
	for i, o := range orders {
		last[o.Key] = i
	}
	type known struct {
		ID, ProfileID int64
		ShopKey       string
		Fingerprint   uint64
	}
	there := make(map[string]known, len(last))
	for part := range slices.Chunk(slices.Sorted(maps.Keys(last)), inMax) {
		var rows []known
		err := db.NewSelect().TableExpr("crm_orders").Column("id", "profile_id", "shop_key", "fingerprint").
			Where("shop_id = ?", shopID).
			Where("shop_key IN (?)", bun.List(part)).
			Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("comparing orders: %w", err)
		}
		for _, row := range rows {
			there[row.ShopKey] = row
		}
	}
	delta := &Delta{shopID: shopID}
	for i, o := range orders {
		if last[o.Key] != i {
			continue
		}
		was, mirrored := there[o.Key]
		if o.Deleted && !mirrored {
			continue
		}
		o.ID, o.ShopID = was.ID, shopID
		o.Refunds = slices.Clone(o.Refunds)
		slices.SortFunc(o.Refunds, func(x, y Refund) int { return cmp.Compare(x.Key, y.Key) })
		o.Refunded = money.Zero(o.Total.Currency())
		for _, r := range o.Refunds {
			o.Refunded = o.Refunded.Add(r.Amount)
		}
		print := fingerprint(o)
		if mirrored && was.Fingerprint == print {
			continue
		}
		delta.Orders = append(delta.Orders, o)
		delta.fingerprints = append(delta.fingerprints, print)
		delta.owners = append(delta.owners, was.ProfileID)
	}
	return delta, nil
}

// Write stores a delta: the orders, and their lines and refunds as a whole. It is called in the transaction, and by the
// only process, that compared.
func (b *Book) Write(ctx context.Context, db bun.IDB, d *Delta) (Result, error) {
	if len(d.Orders) == 0 {
		return Result{}, nil
	}
	d = &Delta{Orders: slices.Clone(d.Orders), History: d.History, shopID: d.shopID, fingerprints: d.fingerprints, owners: d.owners} // ids given here may be undone
	touched, renewed := map[int64]bool{}, map[int64]bool{}
	var rewritten []int64
	rows := make([]orderRow, len(d.Orders))
	now := b.clock().UTC()
	for i, o := range d.Orders {
		if o.IdentityID == 0 || o.ProfileID == 0 {
			return Result{}, fmt.Errorf("order %s belongs to nobody: link it before it is written", o.Number)
		}
		touched[o.ProfileID] = true
		if d.owners[i] != 0 {
			touched[d.owners[i]], renewed[d.owners[i]], renewed[o.ProfileID] = true, true, true
		}
		if o.ID != 0 {
			rewritten = append(rewritten, o.ID)
		}
		rows[i] = rowOf(o, d.fingerprints[i], now)
		rows[i].ID = 0 // the key finds it; a mix of given and generated ids in one statement is not portable
	}
	if err := drop(ctx, db, rewritten); err != nil {
		return Result{}, err
	}
	for part := range slices.Chunk(rows, insertMax) {
		_, err := db.NewInsert().Model(&part).On("DUPLICATE KEY UPDATE " + orderUpdate).Returning("NULL").Exec(ctx)
		if err != nil {
			return Result{}, fmt.Errorf("writing orders: %w", err)
		}
	}
	if err := d.identify(ctx, db); err != nil {
		return Result{}, err
	}
	result := Result{Profiles: slices.Sorted(maps.Keys(touched)), Orders: int64(len(rows))}
	var lines []lineRow
	var refunds []refundRow
	for _, o := range d.Orders {
		for i, l := range o.Lines {
			lines = append(lines, lineRow{OrderID: o.ID, Position: i, ShopKey: l.Key, ProductID: l.ProductID, ProductKey: l.ProductKey, VariantKey: l.VariantKey,
				SKU: l.SKU, Name: l.Name, Quantity: l.Quantity, Total: l.Total.Amount(), Tax: l.Tax.Amount()})
		}
		for _, r := range o.Refunds {
			refunds = append(refunds, refundRow{OrderID: o.ID, ShopKey: r.Key, Amount: r.Amount.Amount(), Reason: r.Reason, RefundedAt: r.RefundedAt})
		}
	}
	for part := range slices.Chunk(lines, insertMax) {
		if _, err := db.NewInsert().Model(&part).Exec(ctx); err != nil {
			return Result{}, fmt.Errorf("writing order lines: %w", err)
		}
	}
	for part := range slices.Chunk(refunds, insertMax) {
		if _, err := db.NewInsert().Model(&part).Exec(ctx); err != nil {
			return Result{}, fmt.Errorf("writing refunds: %w", err)
		}
	}
	result.Lines, result.Refunds = int64(len(lines)), int64(len(refunds))
	if d.History {
		return result, nil
	}
	return result, digest(ctx, db, result.Profiles, slices.Sorted(maps.Keys(renewed)))
}

// Apply compares and writes orders whose owners are already known. changed is the profiles touched, former owners
// included, ascending.
func (b *Book) Apply(ctx context.Context, db bun.IDB, shopID int64, orders []Order) (changed []int64, err error) {
	delta, err := b.Compare(ctx, db, shopID, orders)
	if err != nil {
		return nil, err
	}
	result, err := b.Write(ctx, db, delta)
	return result.Profiles, err
}

// Reassign gives all orders of the identities to a profile, after identities were linked, merged or unlinked.
func (b *Book) Reassign(ctx context.Context, db bun.IDB, identityIDs []int64, profileID int64) error {
	if profileID == 0 {
		return errors.New("orders cannot be given to profile 0")
	}
	former, err := owners(ctx, db, identityIDs)
	if err != nil || len(former) == 0 {
		return err
	}
	for part := range slices.Chunk(identityIDs, inMax) {
		_, err := db.NewUpdate().TableExpr("crm_orders").Set("profile_id = ?", profileID).Where("identity_id IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("giving orders to another profile: %w", err)
		}
	}
	all := slices.Compact(slices.Sorted(slices.Values(append(former, profileID))))
	return digest(ctx, db, all, all)
}

// drop takes away the lines and refunds of orders that are written anew.
func drop(ctx context.Context, db bun.IDB, orderIDs []int64) error {
	for part := range slices.Chunk(orderIDs, inMax) {
		for _, table := range []string{"crm_order_lines", "crm_refunds"} {
			if _, err := db.NewDelete().TableExpr(table).Where("order_id IN (?)", bun.List(part)).Exec(ctx); err != nil {
				return fmt.Errorf("replacing the rows of %s: %w", table, err)
			}
		}
	}
	return nil
}

// identify fills in the ids that the database gave to new orders. They are asked for, not counted on from the last one:
// a cluster's ids have gaps.
func (d *Delta) identify(ctx context.Context, db bun.IDB) error {
	fresh := map[string]*Order{}
	for i := range d.Orders {
		if o := &d.Orders[i]; o.ID == 0 {
			fresh[o.Key] = o
		}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(fresh)), inMax) {
		var rows []struct {
			ID      int64
			ShopKey string
		}
		err := db.NewSelect().TableExpr("crm_orders").Column("id", "shop_key").
			Where("shop_id = ?", d.shopID).
			Where("shop_key IN (?)", bun.List(part)).
			Scan(ctx, &rows)
		if err != nil {
			return fmt.Errorf("finding the orders just written: %w", err)
		}
		for _, row := range rows {
			fresh[row.ShopKey].ID = row.ID
		}
	}
	return nil
}

// Mirror is the table of the orders, for comparing it with the shop.
func (b *Book) Mirror() store.Mirror { return store.Mirror{Table: "crm_orders"} }

// Gone marks orders as deleted that the shop does not have any more, and gives the profiles they belong to, ascending.
// They leave revenue; their lines and refunds stay.
func (b *Book) Gone(ctx context.Context, db bun.IDB, shopID int64, keys []string) (profiles []int64, err error) {
	owners := map[int64]bool{}
	for part := range slices.Chunk(keys, inMax) {
		var ids []int64
		err := db.NewSelect().TableExpr("crm_orders").ColumnExpr("DISTINCT profile_id").
			Where("shop_id = ?", shopID).
			Where("shop_key IN (?)", bun.List(part)).
			Where("deleted_at IS NULL").
			Scan(ctx, &ids)
		if err != nil {
			return nil, fmt.Errorf("looking up whose orders were deleted: %w", err)
		}
		for _, id := range ids {
			owners[id] = true
		}
	}
	profiles = slices.Sorted(maps.Keys(owners))
	if err := b.Mirror().Gone(ctx, db, shopID, keys, b.clock()); err != nil {
		return nil, err
	}
	return profiles, digest(ctx, db, profiles, profiles)
}

// Doubt marks a shop's orders whose status is one of the words, in any case, as of unknown content, and says how many they
// were: they are written when they are delivered the next time, also when nothing about them has changed.
func (b *Book) Doubt(ctx context.Context, db bun.IDB, shopID int64, words []string) (orders int64, err error) {
	const ids = 20_000 // looked at by one statement: the words have no index, for they matter only here
	highest, err := b.Mirror().Highest(ctx, db)
	for from := int64(0); err == nil && from < highest; from += ids {
		var res sql.Result
		res, err = db.NewUpdate().TableExpr("crm_orders").Set("fingerprint = 0").
			Where("id > ?", from).
			Where("id <= ?", from+ids).
			Where("shop_id = ?", shopID).
			Where("raw_status IN (?)", bun.List(words)).
			Exec(ctx)
		if err == nil {
			n, _ := res.RowsAffected()
			orders += n
		}
	}
	if err != nil {
		return orders, fmt.Errorf("marking orders as to be read again: %w", err)
	}
	return orders, nil
}
