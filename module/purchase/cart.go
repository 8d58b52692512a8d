package purchase

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// Cart is what somebody has put together in a shop and not ordered yet.
type Cart struct {
	Key        string // the shop's own
	ProfileID  int64  // 0: nobody who is known
	AccountKey string // empty: a guest's
	Email      string // normalised; empty: not known
	Phone      string
	Name       contact.Name
	Currency   string
	CreatedAt  time.Time
	ChangedAt  time.Time
	Lines      []CartLine
}

// CartLine is a position of a cart.
type CartLine struct {
	ProductKey string
	VariantKey string
	Quantity   decimal.Decimal
	Total      decimal.NullDecimal // with tax; not valid: the shop keeps no price with it
}

type cartRow struct {
	bun.BaseModel `bun:"table:crm_carts,alias:c"`

	ID          int64     `bun:"id,pk,autoincrement"`
	ShopID      int64     `bun:"shop_id"`
	ShopKey     string    `bun:"shop_key"`
	ProfileID   int64     `bun:"profile_id"`
	AccountKey  string    `bun:"account_key"`
	Email       string    `bun:"email"`
	Phone       string    `bun:"phone"`
	FirstName   string    `bun:"first_name"`
	LastName    string    `bun:"last_name"`
	Currency    string    `bun:"currency"`
	CreatedAt   time.Time `bun:"created_at,nullzero"`
	ChangedAt   time.Time `bun:"changed_at,nullzero"`
	Fingerprint uint64    `bun:"fingerprint"`
	SeenAt      time.Time `bun:"seen_at"`
}

const cartUpdate = `DUPLICATE KEY UPDATE profile_id = VALUES(profile_id), account_key = VALUES(account_key), email = VALUES(email), phone = VALUES(phone),
	first_name = VALUES(first_name), last_name = VALUES(last_name), currency = VALUES(currency), created_at = VALUES(created_at),
	changed_at = VALUES(changed_at), fingerprint = VALUES(fingerprint), seen_at = VALUES(seen_at)`

type cartLineRow struct {
	bun.BaseModel `bun:"table:crm_cart_lines,alias:l"`

	CartID     int64               `bun:"cart_id,pk"`
	Position   int                 `bun:"position,pk"`
	ProductKey string              `bun:"product_key"`
	VariantKey string              `bun:"variant_key"`
	Quantity   decimal.Decimal     `bun:"quantity"`
	Total      decimal.NullDecimal `bun:"total"`
}

func (c Cart) fingerprint() uint64 {
	f := store.NewFingerprint().Int(c.ProfileID).Text(c.AccountKey).Text(c.Email).Text(c.Phone).Text(c.Name.First).Text(c.Name.Last).
		Text(c.Currency).Time(c.CreatedAt).Time(c.ChangedAt)
	for _, l := range c.Lines {
		f = f.Text(l.ProductKey).Text(l.VariantKey).Decimal(l.Quantity).Bool(l.Total.Valid).Decimal(l.Total.Decimal)
	}
	return f.Sum()
}

// ApplyCarts stores a shop's carts, those that differ from the mirror only, and says how many they were. All of them count
// as seen at a time, for [Book.DropCarts]. One that comes twice counts as it comes last. It is called in a transaction.
func (b *Book) ApplyCarts(ctx context.Context, db bun.IDB, shopID int64, carts []Cart, seen time.Time) (changed int64, err error) {
	last := make(map[string]Cart, len(carts))
	for _, c := range carts {
		last[c.Key] = c
	}
	keys := slices.Sorted(maps.Keys(last))
	there, err := b.cartRows(ctx, db, shopID, keys)
	if err != nil {
		return 0, err
	}
	var rows []cartRow
	var rewritten []int64
	for _, key := range keys {
		c := last[key]
		print := c.fingerprint()
		was, known := there[key]
		if known && was.Fingerprint == print {
			continue
		}
		if known {
			rewritten = append(rewritten, was.ID)
		}
		rows = append(rows, cartRow{ShopID: shopID, ShopKey: key, ProfileID: c.ProfileID, AccountKey: c.AccountKey, Email: c.Email, Phone: c.Phone,
			FirstName: c.Name.First, LastName: c.Name.Last, Currency: c.Currency, CreatedAt: c.CreatedAt, ChangedAt: c.ChangedAt, Fingerprint: print, SeenAt: seen.UTC()})
	}
	for part := range slices.Chunk(keys, inMax) {
		_, err := db.NewUpdate().TableExpr("crm_carts").Set("seen_at = ?", seen.UTC()).Where("shop_id = ?", shopID).Where("shop_key IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return 0, fmt.Errorf("noting that carts are there: %w", err)
		}
	}
	if err := dropCartLines(ctx, db, rewritten); err != nil {
		return 0, err
	}
	for part := range slices.Chunk(rows, insertMax) {
		if _, err := db.NewInsert().Model(&part).On(cartUpdate).Returning("NULL").Exec(ctx); err != nil {
			return 0, fmt.Errorf("writing carts: %w", err)
		}
	}
	return int64(len(rows)), b.writeCartLines(ctx, db, shopID, rows, last)
}

func (b *Book) writeCartLines(ctx context.Context, db bun.IDB, shopID int64, rows []cartRow, carts map[string]Cart) error {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = row.ShopKey
	}
	written, err := b.cartRows(ctx, db, shopID, keys)
	if err != nil {
		return err
	}
	var lines []cartLineRow
	for _, key := range keys {
		for i, l := range carts[key].Lines {
			lines = append(lines, cartLineRow{CartID: written[key].ID, Position: i, ProductKey: l.ProductKey, VariantKey: l.VariantKey, Quantity: l.Quantity, Total: l.Total})
		}
	}
	for part := range slices.Chunk(lines, insertMax) {
		if _, err := db.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("writing what is in carts: %w", err)
		}
	}
	return nil
}

func (b *Book) cartRows(ctx context.Context, db bun.IDB, shopID int64, keys []string) (map[string]cartRow, error) {
	found := make(map[string]cartRow, len(keys))
	for part := range slices.Chunk(keys, inMax) {
		var rows []cartRow
		err := db.NewSelect().Model(&rows).Column("id", "shop_key", "fingerprint").Where("c.shop_id = ?", shopID).Where("c.shop_key IN (?)", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("comparing carts: %w", err)
		}
		for _, row := range rows {
			found[row.ShopKey] = row
		}
	}
	return found, nil
}

// DropCarts forgets a shop's carts that were not seen since a time, and says how many they were: they were ordered,
// emptied or thrown away.
func (b *Book) DropCarts(ctx context.Context, db bun.IDB, shopID int64, since time.Time) (dropped int64, err error) {
	for {
		var ids []int64
		err := db.NewSelect().TableExpr("crm_carts").Column("id").Where("shop_id = ?", shopID).Where("seen_at < ?", since.UTC()).Limit(inMax).Scan(ctx, &ids)
		if err != nil {
			return dropped, fmt.Errorf("looking for carts that are gone: %w", err)
		}
		if len(ids) == 0 {
			return dropped, nil
		}
		if err := dropCartLines(ctx, db, ids); err != nil {
			return dropped, err
		}
		if _, err := db.NewDelete().TableExpr("crm_carts").Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return dropped, fmt.Errorf("forgetting carts: %w", err)
		}
		dropped += int64(len(ids))
	}
}

func dropCartLines(ctx context.Context, db bun.IDB, cartIDs []int64) error {
	for part := range slices.Chunk(cartIDs, inMax) {
		if _, err := db.NewDelete().TableExpr("crm_cart_lines").Where("cart_id IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting what was in carts: %w", err)
		}
	}
	return nil
}

// CartsOf gives the open carts of a profile, the latest first, with what is in them.
func (b *Book) CartsOf(ctx context.Context, profileID int64) ([]Cart, error) {
	var rows []cartRow
	err := b.db.NewSelect().Model(&rows).Where("c.profile_id = ?", profileID).Order("c.changed_at DESC", "c.id DESC").Limit(store.PageMax).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	at := make(map[int64]int, len(rows))
	ids, carts := make([]int64, len(rows)), make([]Cart, len(rows))
	for i, r := range rows {
		at[r.ID], ids[i] = i, r.ID
		carts[i] = Cart{Key: r.ShopKey, ProfileID: r.ProfileID, AccountKey: r.AccountKey, Email: r.Email, Phone: r.Phone,
			Name: contact.Name{First: r.FirstName, Last: r.LastName}, Currency: r.Currency, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt}
	}
	var lines []cartLineRow
	if err := b.db.NewSelect().Model(&lines).Where("l.cart_id IN (?)", bun.List(ids)).Order("l.cart_id", "l.position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading what is in carts of profile %d: %w", profileID, err)
	}
	for _, l := range lines {
		c := &carts[at[l.CartID]]
		c.Lines = append(c.Lines, CartLine{ProductKey: l.ProductKey, VariantKey: l.VariantKey, Quantity: l.Quantity, Total: l.Total})
	}
	return carts, nil
}
