package daemon

import (
	"context"
	"errors"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/recommend"
)

type recommendCommand struct {
	Profile string `required:"" placeholder:"EMAIL" help:"Whom to offer something."`
	Count   int    `default:"4" help:"How many products, at most 20."`
	Kind    string `default:"cross_sell" enum:"cross_sell,again,upgrade,best_sellers,newest" help:"What to choose: cross_sell, again, upgrade, best_sellers, newest."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// recommendation is one product in `kupec recommend --json`. Its keys are relied on by others.
type recommendation struct {
	Product  recommendedProduct  `json:"product"`
	Kind     recommend.Kind      `json:"kind"`    // "" for a fallback
	Because  *recommendedProduct `json:"because"` // null: nothing that the person has
	Both     int64               `json:"both"`
	Buyers   int64               `json:"buyers"`
	Reason   string              `json:"reason"`
	Fallback bool                `json:"fallback"`
}

type recommendedProduct struct {
	ID    int64       `json:"id"`
	Key   string      `json:"key"`
	SKU   string      `json:"sku"`
	Name  string      `json:"name"`
	Price money.Money `json:"price"`
}

func product(p catalog.Product) recommendedProduct {
	return recommendedProduct{ID: p.ID, Key: p.Key, SKU: p.SKU, Name: p.Name, Price: p.Price}
}

// Run prints what to offer.
func (c *recommendCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	if c.Count < 1 || c.Count > 20 {
		return errors.New("--count takes a number from 1 to 20")
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	person, err := w.byEmail(ctx, c.Profile)
	if err != nil {
		return err
	}
	words, err := locale.Load(recommend.Locales)
	if err != nil {
		return err
	}
	p := words.Printer(locale.Reference, nil)
	found, err := w.Recommend.For(ctx, person.ShopID, []int64{person.ID}, c.Count, recommend.Options{Kind: recommend.Kind(c.Kind)})
	if err != nil {
		return err
	}
	list := []recommendation{}
	for _, one := range found[person.ID] {
		r := recommendation{Product: product(one.Product), Kind: one.Kind, Both: one.Both, Buyers: one.Buyers, Fallback: one.Fallback, Reason: one.Reason(p)}
		if one.Because != nil {
			because := product(*one.Because)
			r.Because = &because
		}
		list = append(list, r)
	}
	if c.JSON {
		return t.json(struct {
			Profile         int64            `json:"profile"`
			Recommendations []recommendation `json:"recommendations"`
		}{person.ID, list})
	}
	for _, r := range list {
		t.printf("%-50s %12s  %s\n", r.Product.Name, r.Product.Price, r.Reason)
	}
	return nil
}
