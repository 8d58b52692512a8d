package admin

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/recommend"
)

// goesWith is the list of a product, beside the kinds for people.
const goesWith = "goes_with"

// offerPreviewPage is a list as it would be sent now, and why the rest is not on it.
type offerPreviewPage struct {
	frame
	Kinds           []choice
	GoesWith        bool
	Person, Product int64  // 0: not known
	Who, What       string // as typed, or what the known one is called
	Of              string // whose list it is; "" as long as nobody is chosen
	OfHref          string
	People          []choice // whom may be meant; values are addresses of this page
	Unknown         string   // why nobody is chosen
	Offered         []offerRow
	Left            []leftRow
	Counts          []pair
}

// offerRow is a product on the list.
type offerRow struct {
	Product productRow
	Reason  string
	Score   string // in words; "" for what is not ranked by one
	Part    string // per cent of the first, for the drawing; "" likewise
}

// leftRow is a product that is not.
type leftRow struct {
	Product           productRow
	Why, Tone, Reason string
}

// offerWhys are the reasons in the order in which they are counted up, with their tones.
var offerWhys = []struct {
	why  recommend.Why
	tone string
}{{recommend.Owned, ""}, {recommend.Returned, ""}, {recommend.Crowded, ""}, {recommend.Shown, ""}, {recommend.Unsellable, "warn"}, {recommend.Forbidden, "bad"}}

func (a *Admin) offerPreview(v *visit) error {
	page := &offerPreviewPage{frame: v.frame("products", v.t("offers.preview.title"))}
	page.Back = &backLink{v.t("products.title"), a.link("/products")}
	page.Intro = v.t("offers.preview.intro")
	kind := v.query("kind")
	if kind == "" {
		kind = string(recommend.CrossSell)
	}
	page.GoesWith = kind == goesWith
	for _, k := range recommend.Kinds {
		page.Kinds = append(page.Kinds, choice{string(k), v.t("newsletters.pick." + string(k)), string(k) == kind})
	}
	page.Kinds = append(page.Kinds, choice{goesWith, v.t("offers.kind.goes_with"), page.GoesWith})
	if err := v.previewPerson(page, kind); err != nil {
		return err
	}
	if err := v.previewProduct(page); err != nil {
		return err
	}
	var found recommend.Preview
	var err error
	switch {
	case page.GoesWith && page.Product != 0:
		found, err = a.rooms.Recommend.PreviewWith(v.ctx, page.Product, shownAffinities)
	case !page.GoesWith && page.Person != 0:
		found, err = a.rooms.Recommend.Preview(v.ctx, v.shop.ID, page.Person, newsletter.MaxRecommendations, recommend.Options{Kind: recommend.Kind(kind)})
	}
	if err != nil {
		return err
	}
	page.fill(v, found)
	return v.render("offer_preview", page)
}

// known is the number in a field that goes with a text field, as long as nobody typed another text.
func (v *visit) known(field, text, was string) int64 {
	id, err := strconv.ParseInt(v.query(field), 10, 64)
	if err != nil || id <= 0 || v.query(text) != v.query(was) {
		return 0
	}
	return id
}

// previewPerson finds whom the form means; of several, people choose.
func (v *visit) previewPerson(page *offerPreviewPage, kind string) error {
	page.Who, page.Person = strings.TrimSpace(v.query("who")), v.known("person", "who", "who_was")
	if page.Person == 0 && page.Who != "" {
		hits, err := v.a.rooms.People.Search(v.ctx, page.Who, 8)
		if err != nil {
			return err
		}
		for _, h := range hits {
			to := url.Values{"kind": {kind}, "person": {strconv.FormatInt(h.Profile.ID, 10)}}
			page.People = append(page.People, choice{Value: v.a.link("/products/preview?" + to.Encode()), Label: v.personName(h.Profile)})
		}
		if len(hits) == 1 {
			page.Person, page.People = hits[0].Profile.ID, nil
		}
		if len(hits) == 0 && !page.GoesWith {
			page.Unknown = v.t("offers.who.none", "name", page.Who)
		}
	}
	if page.Person == 0 {
		return nil
	}
	p, err := v.a.rooms.People.Profile(v.ctx, page.Person)
	if err != nil {
		return err
	}
	page.Person, page.Who = p.ID, v.personName(p)
	if !page.GoesWith {
		page.Of, page.OfHref = page.Who, v.a.link(fmt.Sprintf("/customers/%d", p.ID))
	}
	return nil
}

// previewProduct finds which product the form means.
func (v *visit) previewProduct(page *offerPreviewPage) error {
	page.What, page.Product = strings.TrimSpace(v.query("what")), v.known("product", "what", "what_was")
	if page.Product == 0 && page.What != "" {
		id, found, err := v.productNamed(v.shop.ID, page.What)
		if err != nil {
			return err
		}
		if page.Product = id; !found && page.GoesWith {
			page.Unknown = v.t("rules.unknown", "name", page.What)
		}
	}
	if page.Product == 0 {
		return nil
	}
	p, err := v.a.rooms.Catalog.Product(v.ctx, page.Product)
	if err != nil {
		return err
	}
	page.What = p.Name
	if page.GoesWith {
		page.Of, page.OfHref = p.Name, v.a.link(fmt.Sprintf("/products/%d", p.ID))
	}
	return nil
}

func (page *offerPreviewPage) fill(v *visit, found recommend.Preview) {
	most := 0.0
	for _, s := range found.Offered {
		if !s.Placed {
			most = max(most, s.Score)
		}
	}
	for _, s := range found.Offered {
		row := offerRow{Product: v.productRow(s.Product), Reason: v.offerReason(s, page.GoesWith)}
		switch {
		case s.Placed && s.Both > 0: // else the reason says so
			row.Score = v.t("offers.placed")
		case s.Score > 0 && !s.Placed:
			row.Score = v.t("offers.score", "score", v.p.Number(significant(s.Score)))
			row.Part = strconv.FormatFloat(100*s.Score/most, 'f', 1, 64)
		}
		page.Offered = append(page.Offered, row)
	}
	for _, l := range found.Left {
		row := leftRow{Product: v.productRow(l.Product), Why: v.t("offers.why." + string(l.Why))}
		if l.Why == recommend.Unsellable {
			row.Why = v.t("offers.lacks." + string(l.Lacks()))
		}
		for _, w := range offerWhys {
			if w.why == l.Why {
				row.Tone = w.tone
			}
		}
		if l.Because != nil {
			row.Reason = v.offerReason(l.Suggestion, page.GoesWith)
		}
		page.Left = append(page.Left, row)
	}
	for _, w := range offerWhys {
		if n := found.Count[w.why]; n > 0 {
			page.Counts = append(page.Counts, pair{v.t("offers.why." + string(w.why)), v.p.Number(n)})
		}
	}
}

// offerReason is a reason with its numbers; what goes with a product is counted in orders, not in people.
func (v *visit) offerReason(s recommend.Suggestion, inOrders bool) string {
	if inOrders && s.Both > 0 {
		return v.t("products.both", "both", s.Both, "count", s.Buyers)
	}
	return s.Reason(v.p)
}

// significant rounds to three digits that count.
func significant(f float64) float64 {
	if f == 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(f))))
	return math.Round(f*scale) / scale
}
