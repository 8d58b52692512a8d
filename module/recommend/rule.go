package recommend

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Act is what a rule does.
type Act string

// The acts, and which fields of a rule they use beside the shop.
const (
	Pin    Act = "pin"    // ProductID, OtherID: stands first among what goes with a product
	Forbid Act = "forbid" // OtherID, ProductID or 0: is not offered
	Boost  Act = "boost"  // OtherID, ProductID or 0: counts Factor times as much

	Accessory Act = "accessory" // CategoryID, OtherCategoryID: the products of one are offered to whoever has something of the other
	Margin    Act = "margin"    // OtherID or OtherCategoryID: which part of the price is earned, from 0 to 1

	FavourMargin Act = "favour_margin" // none: what is all margin counts more by Factor, the rest by its part; 0, as without a rule: not
	FavourIdle   Act = "favour_idle"   // none: what nobody bought for a year counts more by Factor, from 30 days on by the time's part
)

// Acts are all of them.
var Acts = []Act{Pin, Forbid, Boost, Accessory, Margin, FavourMargin, FavourIdle}

// Rule is what staff say of products as offers, whatever is counted.
type Rule struct {
	ID              int64
	ShopID          int64
	ProductID       int64 // to whom has this one; 0: to anybody, for any reason
	OtherID         int64 // the product that is, or is not, offered
	CategoryID      int64 // to whom has something of this one, or of one below it
	OtherCategoryID int64 // whose products are offered, those of the ones below it too
	Act             Act
	Factor          float64 // see the acts; 1 where they need none
	CreatedAt       time.Time
}

// Bounds of rules. What is favoured stays among what people want: it gets past nothing that they want MaxFavour more.
const (
	MinFactor = .1
	MaxFactor = 10
	MaxFavour = .5
	MaxRules  = 1_000 // of a shop; all of them are read for each batch
)

// about is what a rule is of: there is one rule of the same things about the same.
func (r Rule) about() string {
	switch r.Act {
	case Margin, FavourMargin, FavourIdle:
		return string(r.Act)
	}
	return "offer"
}

// subject is what a rule is written down by in the log.
func (r Rule) subject() (kind string, id int64) {
	switch {
	case r.OtherID != 0:
		return "product", r.OtherID
	case r.OtherCategoryID != 0:
		return "category", r.OtherCategoryID
	}
	return "shop", r.ShopID
}

// RuleError says what is wrong with a rule. Key is of this package's catalogue.
type RuleError struct {
	Field string
	Key   string
}

func (e *RuleError) Error() string { return fmt.Sprintf("a rule's %s: %s", e.Field, e.Key) }

type ruleRow struct {
	bun.BaseModel `bun:"table:crm_offer_rules"`

	ID              int64 `bun:",pk,autoincrement"`
	ShopID          int64
	ProductID       int64
	OtherID         int64
	CategoryID      int64
	OtherCategoryID int64
	About           string
	Act             string
	Factor          float64
	CreatedBy       int64
	CreatedAt       time.Time
}

func (r ruleRow) rule() Rule {
	return Rule{r.ID, r.ShopID, r.ProductID, r.OtherID, r.CategoryID, r.OtherCategoryID, Act(r.Act), r.Factor, r.CreatedAt}
}

// same is the condition that a row is of the same things as this one, whatever it says of them.
func (r ruleRow) same() (where string, args []any) {
	return "shop_id = ? AND product_id = ? AND other_id = ? AND category_id = ? AND other_category_id = ? AND about = ?",
		[]any{r.ShopID, r.ProductID, r.OtherID, r.CategoryID, r.OtherCategoryID, r.About}
}

// Rules are those in which a product takes part, on either side, the oldest first.
func (e *Engine) Rules(ctx context.Context, shopID, productID int64) ([]Rule, error) {
	all, err := e.rulesOf(ctx, shopID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r Rule) bool { return r.ProductID != productID && r.OtherID != productID }), nil
}

// ShopRules are those of categories and of the shop as a whole, the oldest first.
func (e *Engine) ShopRules(ctx context.Context, shopID int64) ([]Rule, error) {
	all, err := e.rulesOf(ctx, shopID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r Rule) bool { return r.OtherID != 0 }), nil
}

func (e *Engine) rulesOf(ctx context.Context, shopID int64) ([]Rule, error) {
	var rows []ruleRow
	if err := e.db.NewSelect().Model(&rows).Where("shop_id = ?", shopID).OrderExpr("id").Limit(MaxRules).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading rules of offers: %w", err)
	}
	rules := make([]Rule, len(rows))
	for i, r := range rows {
		rules[i] = r.rule()
	}
	return rules, nil
}

// SetRule keeps a rule, in place of any other of the same things. It needs [staff.WriteNewsletters], and holds from the
// next offer. Errors are *RuleError, and [store.ErrNotFound] for products and categories that are not the shop's.
func (e *Engine) SetRule(ctx context.Context, rule Rule) (Rule, error) {
	actor, err := staff.Require(ctx, staff.WriteNewsletters)
	if err != nil {
		return Rule{}, err
	}
	if err := e.checkRule(ctx, &rule); err != nil {
		return Rule{}, err
	}
	row := ruleRow{ShopID: rule.ShopID, ProductID: rule.ProductID, OtherID: rule.OtherID, CategoryID: rule.CategoryID, OtherCategoryID: rule.OtherCategoryID,
		About: rule.about(), Act: string(rule.Act), Factor: rule.Factor, CreatedBy: actor.Account.ID, CreatedAt: e.now()}
	err = store.InTx(ctx, e.db, func(ctx context.Context, tx bun.Tx) error {
		same, args := row.same()
		if _, err := tx.NewDelete().Model((*ruleRow)(nil)).Where(same, args...).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return record(ctx, tx, "offer.rule", row.rule())
	})
	if err != nil {
		return Rule{}, fmt.Errorf("keeping a rule of offers: %w", err)
	}
	return row.rule(), nil
}

// record writes down who made a rule or took it back.
func record(ctx context.Context, tx bun.Tx, action string, r Rule) error {
	kind, id := r.subject()
	detail := map[string]any{"act": r.Act, "factor": r.Factor}
	if r.ProductID != 0 {
		detail["to_owners_of"] = r.ProductID
	}
	if r.CategoryID != 0 {
		detail["to_owners_from_category"] = r.CategoryID
	}
	return staff.Record(ctx, tx, action, kind, id, detail)
}

func (e *Engine) checkRule(ctx context.Context, rule *Rule) error {
	if err := rule.check(); err != nil {
		return err
	}
	for _, id := range []int64{rule.ProductID, rule.OtherID} {
		if id == 0 {
			continue
		}
		if p, err := e.products.Product(ctx, id); err != nil {
			return err
		} else if p.ShopID != rule.ShopID {
			return fmt.Errorf("product %d is of another shop: %w", id, store.ErrNotFound)
		}
	}
	if rule.CategoryID != 0 || rule.OtherCategoryID != 0 {
		all, err := e.products.Categories(ctx, rule.ShopID)
		if err != nil {
			return err
		}
		for _, id := range []int64{rule.CategoryID, rule.OtherCategoryID} {
			if id != 0 && !slices.ContainsFunc(all, func(c catalog.Category) bool { return c.ID == id }) {
				return fmt.Errorf("category %d of the shop: %w", id, store.ErrNotFound)
			}
		}
	}
	all, err := e.rulesOf(ctx, rule.ShopID)
	if err != nil {
		return err
	}
	if len(all) >= MaxRules {
		return &RuleError{"shop", "recommend.rule.many"}
	}
	return nil
}

// check finds what makes no sense in itself, and empties the fields that the act does not use.
func (r *Rule) check() error {
	switch r.Act {
	case Pin, Forbid, Boost:
		r.CategoryID, r.OtherCategoryID = 0, 0
		return r.checkProducts()
	case Accessory:
		r.ProductID, r.OtherID, r.Factor = 0, 0, 1
		switch {
		case r.CategoryID == 0:
			return &RuleError{"category", "recommend.rule.category"}
		case r.OtherCategoryID == 0:
			return &RuleError{"other_category", "recommend.rule.category"}
		case r.CategoryID == r.OtherCategoryID:
			return &RuleError{"other_category", "recommend.rule.same_category"}
		}
	case Margin:
		r.ProductID, r.CategoryID = 0, 0
		switch {
		case (r.OtherID == 0) == (r.OtherCategoryID == 0):
			return &RuleError{"other_category", "recommend.rule.category"}
		case !(r.Factor >= 0 && r.Factor <= 1): // not a number is neither
			return &RuleError{"factor", "recommend.rule.margin"}
		}
	case FavourMargin, FavourIdle:
		r.ProductID, r.OtherID, r.CategoryID, r.OtherCategoryID = 0, 0, 0, 0
		if !(r.Factor >= 0 && r.Factor <= MaxFavour) {
			return &RuleError{"factor", "recommend.rule.favour"}
		}
	default:
		return &RuleError{"act", "recommend.rule.act"}
	}
	return nil
}

func (r *Rule) checkProducts() error {
	switch {
	case r.Act == Pin && r.ProductID == 0:
		return &RuleError{"act", "recommend.rule.pin"}
	case r.ProductID == r.OtherID:
		return &RuleError{"other", "recommend.rule.same"}
	case r.OtherID == 0:
		return &RuleError{"other", "recommend.rule.other"}
	case r.Act != Boost:
		r.Factor = 1
	case !(r.Factor >= MinFactor && r.Factor <= MaxFactor):
		return &RuleError{"factor", "recommend.rule.factor"}
	}
	return nil
}

// DropRule takes a shop's rule back. It needs [staff.WriteNewsletters]; a rule that is not there is [store.ErrNotFound].
func (e *Engine) DropRule(ctx context.Context, shopID, id int64) error {
	if _, err := staff.Require(ctx, staff.WriteNewsletters); err != nil {
		return err
	}
	err := store.InTx(ctx, e.db, func(ctx context.Context, tx bun.Tx) error {
		var row ruleRow
		if err := tx.NewSelect().Model(&row).Where("id = ? AND shop_id = ?", id, shopID).For("UPDATE").Scan(ctx); err != nil {
			return store.NotFound(err)
		}
		if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
			return err
		}
		return record(ctx, tx, "offer.rule_dropped", row.rule())
	})
	if err != nil {
		return fmt.Errorf("taking back rule %d of offers: %w", id, err)
	}
	return nil
}
