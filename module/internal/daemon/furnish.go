package daemon

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/segment"
)

// furnish gives the demo's CRM what an owner would have set up in the first hour: a sender with its postal address, the
// consents of an earlier newsletter program, some segments, and a newsletter to look at. What is there already stays.
func furnish(ctx context.Context, w *world) error {
	shops, err := w.Intake.Shops(ctx)
	if err != nil {
		return err
	}
	if len(shops) == 0 {
		return errors.New("the demo shop was not mirrored")
	}
	shop := shops[0]
	brand, err := w.Newsletters.Brand(ctx, shop.ID)
	if err != nil {
		return err
	}
	if brand.PostalAddress != "" {
		return nil // furnished at an earlier start
	}
	if err := subscribeSome(ctx, w, shop.ID); err != nil {
		return err
	}
	segments, err := furnishSegments(ctx, w, shop.Currency)
	if err != nil {
		return err
	}
	if err := furnishNewsletter(ctx, w, shop, segments["regulars"]); err != nil {
		return err
	}
	brand.PostalAddress = "Skodelica d.o.o., Cankarjevo nabrežje 9, 1000 Ljubljana"
	return w.Newsletters.SaveBrand(ctx, brand)
}

// subscribeSome records, for six of ten people with an address, the consent that they gave an earlier program.
func subscribeSome(ctx context.Context, w *world, shopID int64) error {
	const batch = 2000
	everybody := segment.Tree{Root: segment.All()}
	for after := int64(0); ; {
		people, err := w.Segments.Members(ctx, everybody, shopID, after, batch)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			return nil
		}
		var entries []consent.Entry
		for _, p := range people {
			after = p.ID
			h := fnv.New32a()
			_, _ = h.Write(strconv.AppendInt(nil, p.ID, 10))
			if p.Email != "" && h.Sum32()%10 < 6 {
				entries = append(entries, consent.Entry{ProfileID: p.ID, ShopID: shopID, Topic: consent.DefaultTopic, State: consent.Granted,
					Source: consent.SourceImport, Wording: "Yes, send me Skodelica's news about coffee and tea by e-mail."})
			}
		}
		if _, err := w.Consents.Import(ctx, entries); err != nil {
			return fmt.Errorf("recording the demo's consents: %w", err)
		}
	}
}

// furnishSegments saves the ready questions under their English names and gives their ids by key.
func furnishSegments(ctx context.Context, w *world, currency string) (map[string]int64, error) {
	words, err := locale.Load(segment.Locales)
	if err != nil {
		return nil, err
	}
	p := words.Printer(locale.Reference, nil)
	ids := map[string]int64{}
	for _, preset := range w.Segments.Vocabulary().Presets(segment.About{Currency: currency}) {
		saved, err := w.Segments.Create(ctx, p.T("segment.preset."+preset.Key), preset.Tree)
		if err != nil {
			return nil, fmt.Errorf("saving the segment %s: %w", preset.Key, err)
		}
		ids[preset.Key] = saved.ID
	}
	return ids, nil
}

func furnishNewsletter(ctx context.Context, w *world, shop intake.Shop, segmentID int64) error {
	bestSellers, err := w.Recommend.BestSellers(ctx, shop.ID, 30, 1)
	if err != nil {
		return err
	}
	blocks := []newsletter.Block{
		{Kind: newsletter.KindHeading, Text: "Twenty-four quiet mornings"},
		{Kind: newsletter.KindText, Text: "Dear {{ profile.first_name | default: \"friend\" }},\n\nthe mornings are dark again, and the roaster has been at work since six. " +
			"Here is what we would put on *your* shelf next, going by what stands there already."},
		{Kind: newsletter.KindRecommendations, Text: "Chosen for you", Count: 2, Pick: newsletter.PickCrossSell, Reason: true},
	}
	if len(bestSellers) > 0 {
		blocks = append(blocks, newsletter.Block{Kind: newsletter.KindProduct, ProductID: bestSellers[0].Product.ID})
	}
	blocks = append(blocks,
		newsletter.Block{Kind: newsletter.KindButton, Text: "See the shop", URL: "{{ shop.url }}"},
		newsletter.Block{Kind: newsletter.KindText, Text: "Until soon,\nthe people of Skodelica"})
	for i := range blocks {
		blocks[i].ID = strconv.Itoa(i + 1)
	}
	_, err = w.Newsletters.Create(ctx, newsletter.Newsletter{ShopID: shop.ID, Name: "Advent shelf", Language: "en", SegmentID: segmentID,
		Subject: "{{ profile.first_name | default: \"Hello\" }}, what goes with your coffee", Preheader: "Two things that go with what you have", Blocks: blocks})
	return err
}
