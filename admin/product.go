package admin

import (
	"context"
	"errors"
	"strconv"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func productArea() area {
	return area{
		pages: []page{{"product_list", &productListPage{}}, {"product_show", &productPage{}}, {"product_methods", &methodPage{}},
			{"offer_preview", &offerPreviewPage{}}, {"offer_rules", &offerRulesPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/products", staff.SeeSales, a.productList)
			r.get("/products.csv", staff.ExportPeople, a.productsExport)
			r.get("/products.xlsx", staff.ExportPeople, a.productsExport)
			r.get("/products/methods", staff.SeeSales, a.productMethods)
			r.get("/products/preview", staff.SeePeople, a.offerPreview)
			r.get("/products/rules", staff.SeeSales, a.offerRulesPage)
			r.post("/products/rules", staff.WriteNewsletters, a.offerRulesSave)
			r.get("/products/:id", staff.SeeSales, a.productShow)
			r.post("/products/:id/rules", staff.WriteNewsletters, a.productRule)
		},
	}
}

type productListPage struct {
	frame
	Query        string
	Category     string
	OnlySellable bool
	Filtered     bool
	Categories   []choiceView
	Products     []productRow
	Pager        *pager
	Best         []bestRow
	Export       *exportLinks // nil for those who may not
	SeePeople    bool
}

// productRow is a product as lists show it.
type productRow struct {
	ID          int64
	Name, SKU   string
	Image       string
	Price       money.Money
	HasPrice    bool
	Stock, Tone string
	Hidden      bool
}

type bestRow struct {
	ID     int64
	Name   string
	Image  string
	People string
	Part   string // per cent of the first, for the drawing
}

func (v *visit) productRow(p catalog.Product) productRow {
	row := productRow{ID: p.ID, Name: p.Name, SKU: p.SKU, Image: p.ImageURL, Price: p.Price, HasPrice: p.HasPrice, Hidden: !p.Visible}
	switch {
	case p.Deleted:
		row.Stock, row.Tone = v.t("products.deleted"), "bad"
	case p.Stock == adapters.InStock && p.StockQuantity != nil:
		row.Stock, row.Tone = v.t("products.stock.count", "count", p.StockQuantity.IntPart()), "good"
	case p.Stock == adapters.InStock:
		row.Stock, row.Tone = v.t("products.stock.in"), "good"
	case p.Stock == adapters.OnBackorder:
		row.Stock, row.Tone = v.t("products.stock.backorder"), "warn"
	default:
		row.Stock, row.Tone = v.t("products.stock.out"), "bad"
	}
	return row
}

// productFilter reads the list's filter from the address.
func (v *visit) productFilter() catalog.ListFilter {
	category, err := strconv.ParseInt(v.query("category"), 10, 64)
	if err != nil {
		category = 0
	}
	return catalog.ListFilter{ShopID: v.shop.ID, CategoryID: category, Query: v.query("find"), OnlySellable: v.query("sellable") == "1", After: v.query("after")}
}

func (a *Admin) productList(v *visit) error {
	f := v.productFilter()
	page := &productListPage{frame: v.frame("products", v.t("products.title")), Query: f.Query, OnlySellable: f.OnlySellable}
	page.SeePeople = v.may(staff.SeePeople)
	page.Filtered = f.Query != "" || v.query("category") != "" || f.OnlySellable
	if f.CategoryID != 0 {
		page.Category = v.query("category")
	}
	counts, err := a.rooms.Catalog.Counts(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	if counts.Products > 0 {
		page.Intro = v.t("products.intro", "count", counts.Products, "sellable", counts.Sellable)
	}
	categories, err := a.rooms.Catalog.Categories(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	for _, c := range categories {
		page.Categories = append(page.Categories, choiceView{strconv.FormatInt(c.ID, 10), v.t("products.category", "name", c.Path, "count", c.Products), c.ID == f.CategoryID})
	}
	products, next, err := a.rooms.Catalog.List(v.ctx, f)
	if err != nil {
		return err
	}
	for _, p := range products {
		page.Products = append(page.Products, v.productRow(p))
	}
	page.Pager = v.pager(v.t("products.shown", "count", len(products)), next)
	if v.may(staff.ExportPeople) && len(products) > 0 {
		page.Export = v.exportLinks("/products")
	}
	const best = 6
	sellers, err := a.rooms.Recommend.BestSellers(v.ctx, v.shop.ID, 30, best)
	if err != nil {
		return err
	}
	for _, s := range sellers {
		if s.Buyers == 0 {
			break
		}
		part := 100 * float64(s.Buyers) / float64(sellers[0].Buyers)
		page.Best = append(page.Best, bestRow{s.Product.ID, s.Product.Name, s.Product.ImageURL, v.t("products.people", "count", s.Buyers), strconv.FormatFloat(part, 'f', 1, 64)})
	}
	return v.render("product_list", page)
}

type productPage struct {
	frame
	Product    productRow
	URL        string
	Regular    *money.Money
	Categories []choiceView
	Variants   []productRow
	Sales      recommend.Sales
	GoesWith   []affinityRow
	Run        *recommend.Run // nil: never built
	Rules      *offerRules
	Preview    string // "" for those who may not
}

type affinityRow struct {
	Product productRow
	Reason  string
	Share   string
	Part    string // per cent, for the drawing
}

// shownAffinities is how many products that go with one are shown.
const shownAffinities = 12

func (a *Admin) productShow(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := a.rooms.Catalog.Product(v.ctx, id)
	if err != nil {
		return err
	}
	page := &productPage{frame: v.frame("products", p.Name), Product: v.productRow(p), URL: p.URL}
	page.Back = &backLink{v.t("products.title"), a.link("/products")}
	if !p.RegularPrice.IsZero() && p.HasPrice && p.RegularPrice.Cmp(p.Price) > 0 {
		page.Regular = &p.RegularPrice
	}
	categories, err := a.rooms.Catalog.Categories(v.ctx, p.ShopID)
	if err != nil {
		return err
	}
	for _, c := range categories {
		for _, own := range p.Categories {
			if c.ID == own {
				page.Categories = append(page.Categories, choiceView{Value: a.link("/products?category=" + strconv.FormatInt(c.ID, 10)), Label: c.Path})
			}
		}
	}
	for _, variant := range p.Variants {
		page.Variants = append(page.Variants, v.productRow(catalog.Product{ID: variant.ID, Name: variant.Name, SKU: variant.SKU, Price: variant.Price, HasPrice: variant.HasPrice,
			Stock: variant.Stock, StockQuantity: variant.StockQuantity, Visible: true}))
	}
	if page.Sales, err = a.rooms.Recommend.Sold(v.ctx, id); err != nil {
		return err
	}
	run, err := a.rooms.Recommend.LastRun(v.ctx, p.ShopID)
	if err == nil {
		page.Run = &run
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	companions, err := a.rooms.Recommend.GoesWith(v.ctx, id, shownAffinities)
	if err != nil {
		return err
	}
	for _, one := range companions {
		if one.Both == 0 {
			page.GoesWith = append(page.GoesWith, affinityRow{Product: v.productRow(one.Product), Reason: v.t("rules.with.pin")})
			continue
		}
		share := float64(one.Both) / float64(one.Orders)
		page.GoesWith = append(page.GoesWith, affinityRow{v.productRow(one.Product), v.t("products.both", "both", one.Both, "count", one.Orders),
			v.p.Percent(share, 0), strconv.FormatFloat(100*share, 'f', 1, 64)})
	}
	if v.may(staff.SeePeople) {
		page.Preview = a.link("/products/preview?kind=" + goesWith + "&product=" + strconv.FormatInt(id, 10))
	}
	if page.Rules, err = v.offerRules(p); err != nil {
		return err
	}
	return v.render("product_show", page)
}

// productsExport writes the list as it is shown, all its pages.
func (a *Admin) productsExport(v *visit) error {
	f := v.productFilter()
	head := []string{v.t("products.col.product"), v.t("export.sku"), v.t("products.col.stock"), v.t("export.quantity"), v.t("products.col.price"), v.t("export.currency")}
	return v.export(v.t("export.products", "shop", v.shop.Name, "date", v.today()), head, func(ctx context.Context, out *sheet.Writer) error {
		return a.rooms.Catalog.Export(ctx, f, func(p catalog.Product) error {
			row := v.productRow(p)
			cells := []any{row.Name, row.SKU, row.Stock, nil, nil, nil}
			if p.StockQuantity != nil {
				cells[3] = *p.StockQuantity
			}
			if row.HasPrice {
				cells[4], cells[5] = row.Price.Amount(), row.Price.Currency()
			}
			return out.Write(cells)
		})
	})
}
