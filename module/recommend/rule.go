package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Act is what a rule does.
type Act string

// The acts.
const (
	Pin    Act = "pin"    // stands first among what goes with a product
	Forbid Act = "forbid" // is not offered
	Boost  Act = "boost"  // counts Factor times as much
)

// Rule is what staff say of a product as an offer, whatever is counted.
type Rule struct {
	ID        int64
	ShopID    int64
	ProductID int64 // to whom has this one; 0: to anybody, for any reason
	OtherID   int64 // the product that is, or is not, offered
	Act       Act
	Factor    float64 // of Boost: from MinFactor to MaxFactor
	CreatedAt time.Time
}

// Bounds of rules.
const (
	MinFactor = .1
	MaxFactor = 10
	MaxRules  = 1_000 // of a shop; all of them are read for each batch
)

// RuleError says what is wrong with a rule. Key is of this package's catalogue.
type RuleError struct {
	Field string
	Key   string
}

func (e *RuleError) Error() string { return fmt.Sprintf("a rule's %s: %s", e.Field, e.Key) }

type ruleRow struct {
	bun.BaseModel `bun:"table:crm_offer_rules"`

	ID        int64 `bun:",pk,autoincrement"`
	ShopID    int64
	ProductID int64
	OtherID   int64
	Act       string
	Factor    float64
	CreatedBy int64
	CreatedAt time.Time
}

func (r ruleRow) rule() Rule {
	return Rule{r.ID, r.ShopID, r.ProductID, r.OtherID, Act(r.Act), r.Factor, r.CreatedAt}
}

// Rules are those in which a product takes part, on either side, the oldest first.
func (e *Engine) Rules(ctx context.Context, shopID, productID int64) ([]Rule, error) {
	all, err := e.rulesOf(ctx, shopID)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r Rule) bool { return r.ProductID != productID && r.OtherID != productID }), nil
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

// SetRule keeps a rule, in place of any other of the same two products. It needs [staff.WriteNewsletters], and holds from the
// next offer. Errors are *RuleError, and [store.ErrNotFound] for products that are not the shop's.
func (e *Engine) SetRule(ctx context.Context, rule Rule) (Rule, error) {
	actor, err := staff.Require(ctx, staff.WriteNewsletters)
	if err != nil {
		return Rule{}, err
	}
	if err := e.checkRule(ctx, &rule); err != nil {
		return Rule{}, err
	}
	row := ruleRow{ShopID: rule.ShopID, ProductID: rule.ProductID, OtherID: rule.OtherID, Act: string(rule.Act), Factor: rule.Factor,
		CreatedBy: actor.Account.ID, CreatedAt: e.now()}
	err = store.InTx(ctx, e.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM crm_offer_rules WHERE shop_id = ? AND product_id = ? AND other_id = ?", row.ShopID, row.ProductID, row.OtherID).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return err
		}
		return staff.Record(ctx, tx, "offer.rule", "product", row.OtherID, map[string]any{"act": row.Act, "factor": row.Factor, "to_owners_of": row.ProductID})
	})
	if err != nil {
		return Rule{}, fmt.Errorf("keeping a rule of offers: %w", err)
	}
	return row.rule(), nil
}

func (e *Engine) checkRule(ctx context.Context, rule *Rule) error {
	switch {
	case !slices.Contains([]Act{Pin, Forbid, Boost}, rule.Act):
		return &RuleError{"act", "recommend.rule.act"}
	case rule.Act == Pin && rule.ProductID == 0:
		return &RuleError{"act", "recommend.rule.pin"}
	case rule.ProductID == rule.OtherID:
		return &RuleError{"other", "recommend.rule.same"}
	case rule.Act != Boost:
		rule.Factor = 1
	case !(rule.Factor >= MinFactor && rule.Factor <= MaxFactor): // not a number is neither
		return &RuleError{"factor", "recommend.rule.factor"}
	}
	for _, id := range []int64{rule.ProductID, rule.OtherID} {
		if id == 0 && rule.ProductID == 0 {
			continue
		}
		if p, err := e.products.Product(ctx, id); err != nil {
			return err
		} else if p.ShopID != rule.ShopID {
			return fmt.Errorf("product %d is of another shop: %w", id, store.ErrNotFound)
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
		return staff.Record(ctx, tx, "offer.rule_dropped", "product", row.OtherID, map[string]any{"act": row.Act, "to_owners_of": row.ProductID})
	})
	if err != nil {
		return fmt.Errorf("taking back rule %d of offers: %w", id, err)
	}
	return nil
}

// rulebook is a shop's rules, to be asked.
type rulebook struct {
	pair map[[2]int64]Rule
	pins map[int64][]int64 // by product, the oldest first
}

func newRulebook(rules []Rule) *rulebook {
	b := &rulebook{pair: make(map[[2]int64]Rule, len(rules)), pins: map[int64][]int64{}}
	for _, r := range rules {
		b.pair[[2]int64{r.ProductID, r.OtherID}] = r
		if r.Act == Pin {
			b.pins[r.ProductID] = append(b.pins[r.ProductID], r.OtherID)
		}
	}
	return b
}

// forbids says whether a product is never offered.
func (b *rulebook) forbids(other int64) bool { return b.pair[[2]int64{0, other}].Act == Forbid }

// factor is how many times a tie counts; 0: not at all.
func (b *rulebook) factor(product, other int64) float64 {
	factor := 1.0
	for _, r := range []Rule{b.pair[[2]int64{0, other}], b.pair[[2]int64{product, other}]} {
		switch r.Act {
		case Forbid:
			return 0
		case Boost:
			factor *= r.Factor
		}
	}
	return factor
}

// pinned is a score above any that is counted.
const pinned = 1e12

// apply makes what is counted for a product follow the rules: links that are forbidden go, those that are pinned stand first,
// and come also where nothing was counted.
func (b *rulebook) apply(product int64, links []link, pins bool) []link {
	out := make([]link, 0, len(links))
	at := map[int64]int{}
	for _, l := range links {
		if l.Score *= b.factor(product, l.OtherID); l.Score > 0 {
			at[l.OtherID] = len(out)
			out = append(out, l)
		}
	}
	if pins {
		for i, other := range b.pins[product] {
			if b.forbids(other) {
				continue
			}
			k, counted := at[other]
			if !counted {
				k = len(out)
				out = append(out, link{ProductID: product, OtherID: other})
			}
			out[k].Score = pinned * float64(len(b.pins[product])-i)
		}
	}
	slices.SortStableFunc(out, func(a, b link) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

// isEmpty says that there is nothing to follow.
func (b *rulebook) isEmpty() bool { return len(b.pair) == 0 }
