package admin

import (
	"fmt"
	"strings"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/staff"
)

func searchArea() area {
	return area{
		pages: []page{{"search", &searchPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/search", "", a.search)
		},
	}
}

// searchPage is what the words of the bar's field were found in.
type searchPage struct {
	frame
	Groups []searchGroup
	Asked  bool
}

type searchGroup struct {
	ID, Name string
	All      string // address of the list with the same words, or ""
	Hits     []searchHit
}

type searchHit struct{ Icon, Href, Text, More string }

// searchMost is how many hits a group shows.
const searchMost = 8

// search looks through everything the reader may see. One hit alone among people and orders is opened at once only when
// it is an order's number: a name may be somebody else's.
func (a *Admin) search(v *visit) error {
	words := v.query("q")
	page := &searchPage{frame: v.frame("", v.t("search.title")), Asked: words != ""}
	page.Search = words
	if page.Asked {
		page.Intro = v.t("search.for", "words", words)
		for _, find := range []func(string) (searchGroup, error){v.findPeople, v.findOrders, v.findProducts, v.findNewsletters} {
			group, err := find(words)
			if err != nil {
				return err
			}
			if len(group.Hits) > 0 {
				page.Groups = append(page.Groups, group)
			}
		}
	}
	return v.render("search", page)
}

func (v *visit) findPeople(words string) (searchGroup, error) {
	group := searchGroup{ID: "customers", Name: v.t("nav.customers")}
	if !v.may(staff.SeePeople) {
		return group, nil
	}
	hits, err := v.a.rooms.People.Search(v.ctx, words, searchMost)
	if err != nil {
		return group, err
	}
	for _, h := range hits {
		more := []string{}
		for _, part := range []string{h.Profile.Email.Unicode(), v.place(h.Profile)} {
			if part != "" {
				more = append(more, part)
			}
		}
		if h.Matched == customer.MatchedOrder {
			more = append(more, v.t("search.order", "number", h.Value))
		}
		group.Hits = append(group.Hits, searchHit{"person", v.a.link(fmt.Sprintf("/customers/%d", h.Profile.ID)), v.personName(h.Profile), strings.Join(more, " · ")})
	}
	group.All = v.a.link(listPath("/customers", "q", words))
	return group, nil
}

func (v *visit) findOrders(words string) (searchGroup, error) {
	group := searchGroup{ID: "orders", Name: v.t("nav.orders")}
	number := strings.TrimPrefix(words, "#")
	if !v.may(staff.SeePeople) || number == "" || !strings.ContainsAny(number, "0123456789") {
		return group, nil
	}
	orders, err := v.a.rooms.Orders.ByNumber(v.ctx, number, searchMost)
	if err != nil {
		return group, err
	}
	for _, o := range orders {
		row := v.orderRow(o)
		group.Hits = append(group.Hits, searchHit{"receipt", row.Href, "#" + o.Number, strings.Join([]string{row.Person, v.p.Money(o.Total), v.p.Date(o.PlacedAt)}, " · ")})
	}
	group.All = v.a.link(listPath("/orders", "number", number))
	return group, nil
}

func (v *visit) findProducts(words string) (searchGroup, error) {
	group := searchGroup{ID: "products", Name: v.t("nav.products")}
	if !v.may(staff.SeeSales) {
		return group, nil
	}
	products, _, err := v.a.rooms.Catalog.List(v.ctx, catalog.ListFilter{ShopID: v.shop.ID, Query: words, Limit: searchMost})
	if err != nil {
		return group, err
	}
	for _, p := range products {
		more := p.SKU
		if p.HasPrice {
			more = strings.TrimPrefix(more+" · "+v.p.Money(p.Price), " · ")
		}
		group.Hits = append(group.Hits, searchHit{"box", v.a.link(fmt.Sprintf("/products/%d", p.ID)), p.Name, more})
	}
	group.All = v.a.link(listPath("/products", "find", words))
	return group, nil
}

func (v *visit) findNewsletters(words string) (searchGroup, error) {
	group := searchGroup{ID: "newsletters", Name: v.t("nav.newsletters")}
	if !v.may(staff.SeeSales) {
		return group, nil
	}
	letters, _, err := v.a.rooms.Newsletters.List(v.ctx, newsletter.ListFilter{ShopID: v.shop.ID, Query: words, Limit: searchMost})
	if err != nil {
		return group, err
	}
	for _, n := range letters {
		group.Hits = append(group.Hits, searchHit{"mail", v.a.link(fmt.Sprintf("/newsletters/%d", n.ID)), n.Name, n.Subject})
	}
	group.All = v.a.link(listPath("/newsletters", "q", words))
	return group, nil
}
