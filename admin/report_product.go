package admin

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/report"
	"github.com/kupec/kupec/module/sheet"
)

// productsShown is how many products the page lists; the export has all.
const productsShown = 50

func (r *reporting) amount(f float64) money.Money {
	return money.New(decimal.NewFromFloat(f), r.q.Currency)
}

// sortedBy is the order of products that the address asks for.
func (r *reporting) sortedBy() report.ProductSort {
	if by := report.ProductSort(r.query("sort")); slices.Contains(report.ProductSorts, by) {
		return by
	}
	return report.ByNet
}

// products is what each product brought.
func (r *reporting) products() error {
	by := r.sortedBy()
	found, err := r.a.rooms.Reports.Products(r.ctx, r.q, by, productsShown)
	if err != nil {
		return r.told(err)
	}
	r.page.Figures = []namedFigure{
		{Name: r.t("reports.products.count"), Value: r.p.Number(found.Count)},
		{Name: r.t("reports.products.net"), Value: r.cash(found.Sum.Net), More: r.t("reports.discounts.of", "share", r.part(found.Sum.Net, found.Orders.Net()))},
		{Name: r.t("reports.products.rest"), Value: r.cash(found.Rest()), More: r.t("reports.products.rest.text")},
	}
	if r.segment == 0 {
		r.page.Figures = append(r.page.Figures, namedFigure{Name: r.t("reports.products.rebought"), Value: r.share(found.Sum.Rebought, found.Sum.Orders), More: r.t("reports.products.rebought.text")})
	} else {
		r.page.Notes = append(r.page.Notes, r.t("reports.products.segment"))
	}
	t := &reportTable{Title: r.t("reports.products.table"), Text: r.t("reports.products.text", "count", report.Telling), Columns: r.productColumns(by)}
	for i, p := range found.Products {
		t.Rows = append(t.Rows, r.productCells(p))
		if i < barsShown && by == report.ByNet {
			r.page.Bars = append(r.page.Bars, bar{Name: r.productName(p), Href: r.productLink(p), Image: p.Image, Value: r.cash(p.Net), More: r.part(p.Net, found.Sum.Net), Part: partDrawn(p.Net, found.Products[0].Net)})
		}
	}
	if by == report.ByNet {
		r.page.Heading = r.t("reports.products.chart")
	}
	if found.Count > int64(len(found.Products)) {
		r.page.Notes = append(r.page.Notes, r.t("reports.products.more", "shown", len(found.Products), "count", found.Count))
	}
	r.page.Table = t
	r.stream = func(each func([]cell) error) error {
		return r.a.rooms.Reports.EachProduct(r.ctx, r.q, by, func(p report.ProductSum) error { return each(r.productExport(p)) })
	}
	return nil
}

// productColumns are the heads of the list; a press on one that can be sorted by does so.
func (r *reporting) productColumns(by report.ProductSort) []column {
	columns := r.heads("product", "net", "orders", "quantity", "rebought", "firsts", "returned")
	for i, sort := range map[int]report.ProductSort{1: report.ByNet, 2: report.ByOrders, 4: report.ByRebought, 6: report.ByReturned} {
		name := string(sort)
		if sort == report.ByNet {
			name = ""
		}
		columns[i].Href = r.a.link(r.here("sort", name))
		if sort == by {
			columns[i].Sorted = "descending"
		}
	}
	return columns
}

func (r *reporting) productName(p report.ProductSum) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.ProductID == 0:
		return r.t("reports.products.none")
	}
	return r.t("reports.products.nameless", "id", strconv.FormatInt(p.ProductID, 10))
}

// productLink leads to the product's own report, with what was asked for.
func (r *reporting) productLink(p report.ProductSum) string {
	if p.ProductID == 0 {
		return ""
	}
	return r.a.link(r.to(reportKind{name: "products/" + strconv.FormatInt(p.ProductID, 10)}))
}

// telling is a rate where enough orders stand behind it.
func (r *reporting) telling(part, whole int64) cell {
	if whole < report.Telling {
		return cell{Text: "–", Num: true}
	}
	return r.shareCell(part, whole)
}

func (r *reporting) productCells(p report.ProductSum) []cell {
	rebought := r.telling(p.Rebought, p.Orders)
	if r.segment != 0 {
		rebought = cell{Text: "–", Num: true}
	}
	head := headCell(r.productName(p), r.productLink(p), p.Name)
	head.Small, head.Image = p.SKU, p.Image
	who := report.NewPeople(report.OfOrders, r.q.Frame)
	who.Product = p.ProductID
	first := report.NewPeople(report.OfFirst, r.q.Frame)
	first.Product = p.ProductID
	if p.ProductID == 0 {
		who, first = report.People{}, report.People{}
	}
	return []cell{head, r.cashCell(p.Net), r.countCell(p.Orders, r.whom(who)), {Text: r.p.Number(p.Quantity), Num: true, Value: p.Quantity}, rebought,
		r.countCell(p.Firsts, r.whom(first)), r.telling(p.Returned, p.Firsts)}
}

// productExport has what the page has, and what its rates are made of.
func (r *reporting) productExport(p report.ProductSum) []cell {
	return []cell{{Value: r.productName(p)}, {Value: p.SKU}, {Value: p.Net}, {Value: p.Gross}, {Value: p.Orders}, {Value: p.Quantity}, {Value: p.Rebought}, {Value: p.Firsts}, {Value: p.Returned}}
}

// product is what one product brought, whom, and what they bought next.
func (r *reporting) product(id int64) error {
	p, err := r.a.rooms.Reports.Product(r.ctx, r.q, id)
	if err != nil {
		return r.told(err)
	}
	next, err := r.a.rooms.Reports.Next(r.ctx, r.q, id, barsShown)
	if err != nil {
		return err
	}
	r.page.Figures = []namedFigure{
		{Name: r.t("reports.net"), Value: r.cash(p.Net)},
		{Name: r.t("reports.orders"), Value: r.p.Number(p.Orders)},
		{Name: r.t("reports.col.rebought"), Value: r.productCells(p)[4].Text, More: r.t("reports.product.rebought.text", "count", p.Rebought)},
		{Name: r.t("reports.col.returned"), Value: r.telling(p.Returned, p.Firsts).Text, More: r.t("reports.product.returned.text", "count", p.Firsts)},
	}
	r.page.Heading = r.t("reports.product.next")
	for _, f := range next.Products {
		r.page.Bars = append(r.page.Bars, bar{Name: f.Name, Href: r.productLink(report.ProductSum{ProductID: f.ProductID}), Image: f.Image, Value: r.share(f.Orders, next.Again), More: r.t("reports.product.next.orders", "count", f.Orders),
			Part: percent(float64(f.Orders) * 100 / float64(next.Again))})
	}
	r.page.Notes = []string{r.t("reports.product.next.text", "again", next.Again, "count", next.Orders)}
	who, first := report.NewPeople(report.OfOrders, r.q.Frame), report.NewPeople(report.OfFirst, r.q.Frame)
	who.Product, first.Product = id, id
	came, stayed := first, first
	came.Again, stayed.Again = "yes", "no"
	r.page.Table = &reportTable{Title: r.t("reports.product.people"), Columns: r.heads("who", "count")}
	for _, row := range []struct {
		key  string
		n    int64
		what report.People
	}{{"orders", p.Orders, who}, {"first", p.Firsts, first}, {"came", p.Returned, came}, {"stayed", p.Firsts - p.Returned, stayed}} {
		r.page.Table.Rows = append(r.page.Table.Rows, []cell{headCell(r.t("reports.product."+row.key), "", nil), r.countCell(row.n, r.whom(row.what))})
	}
	return nil
}

// categories is what the categories of a level brought.
func (r *reporting) categories() error {
	parent, err := strconv.ParseInt(r.query("below"), 10, 64)
	if err != nil {
		parent = 0
	}
	found, err := r.a.rooms.Reports.Categories(r.ctx, r.q, parent)
	if err != nil {
		return r.told(err)
	}
	r.page.Figures = []namedFigure{{Name: r.t("reports.net"), Value: r.cash(found.Net)}, {Name: r.t("reports.categories.count"), Value: r.p.Number(len(found.Categories))}}
	r.page.Heading = r.t("reports.categories.chart")
	t := &reportTable{Title: r.t("reports.categories.table"), Text: r.t("reports.categories.text"), Columns: r.heads("category", "products", "quantity", "gross", "net", "net_share")}
	if parent != 0 {
		r.page.Heading, r.page.Back = found.Path, &backLink{r.t("reports.categories"), r.a.link(r.here("below", ""))}
	}
	for i, c := range found.Categories {
		href := ""
		if c.Below {
			href = r.a.link(r.here("below", strconv.FormatInt(c.CategoryID, 10)))
		}
		if i < barsShown {
			r.page.Bars = append(r.page.Bars, bar{Name: c.Name, Href: href, Value: r.cash(c.Net), More: r.part(c.Net, found.Net), Part: partDrawn(c.Net, found.Categories[0].Net)})
		}
		t.Rows = append(t.Rows, []cell{headCell(c.Name, href, c.Name), r.countCell(c.Products, ""), {Text: r.p.Number(c.Quantity), Num: true, Value: c.Quantity}, r.cashCell(c.Gross), r.cashCell(c.Net),
			{Text: r.part(c.Net, found.Net), Num: true, Value: partOf(c.Net, found.Net)}})
	}
	for _, row := range []struct {
		key string
		net decimal.Decimal
	}{{"none", found.None}, {"several", found.Several.Neg()}, {"rest", found.Rest}} {
		if key := "reports.categories." + row.key; !row.net.IsZero() {
			if parent != 0 && row.key == "none" {
				key = "reports.categories.here"
			}
			t.Rows = append(t.Rows, []cell{headCell(r.t(key), "", r.t(key)), {}, {}, {}, r.cashCell(row.net), {}})
		}
	}
	t.Foot = []cell{headCell(r.t("reports.all"), "", nil), {}, {}, {}, r.cashCell(found.Net), {}}
	r.page.Table = t
	return nil
}

// exportReport writes a report's table, of products and cohorts all of it.
func (v *visit) exportReport(k reportKind) error {
	r, err := v.reporting(k)
	if err != nil {
		return err
	}
	if r.page.Waiting || r.page.Nothing {
		return errNoPage
	}
	if err := k.write(r); err != nil {
		return err
	}
	if r.page.Table == nil {
		return errNoPage // what was asked for cannot be told; the page says why
	}
	if err := v.a.rooms.Reports.Exported(v.ctx, k.name); err != nil {
		return err
	}
	head := columnNames(r.page.Table.Columns)
	switch k.name {
	case "products":
		head = columnNames(r.heads("product", "sku", "net", "gross", "orders", "quantity", "rebought_orders", "firsts", "returned_people"))
	case "cohorts":
		head = columnNames(r.heads("first", "people", "later", "came", "came_share", "orders", "net", "net_so_far", "net_each"))
	}
	name := v.t("reports.file", "report", v.t("reports."+k.name+".tab"), "shop", v.shop.Name, "currency", r.q.Currency, "date", v.today())
	return v.export(name, head, func(ctx context.Context, out *sheet.Writer) error {
		r.ctx = ctx
		return r.write(out)
	})
}

func columnNames(columns []column) (names []string) {
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return names
}

// write gives out the rows. The page's own are few; those of a stream are never held.
func (r *reporting) write(out *sheet.Writer) error {
	each := func(row []cell) error {
		values := make([]any, len(row))
		for i, c := range row {
			values[i] = c.Value
		}
		return out.Write(values)
	}
	if r.stream != nil {
		return r.stream(each)
	}
	for _, row := range r.page.Table.Rows {
		if err := each(row); err != nil {
			return fmt.Errorf("writing a report: %w", err)
		}
	}
	return nil
}
