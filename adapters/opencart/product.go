package opencart

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// productsSource follows products. date_modified moves when staff save a product, and has no index: it is swept. What a sale
// does to the stock moves no time, but the order's lines name the product, and are a feed. And each minute 50 products are
// delivered again whatever their times, for reductions that begin or end by their date.
func (r *reader) productsSource() follow.Source {
	target := "IF(" + r.master("t") + " > 0, " + r.master("t") + ", t.product_id)"
	src := follow.Source{
		Letter: 'p', What: "products", Table: "{product}", ID: "product_id", Own: r.masters(), Any: "TRUE", Target: target,
		Feeds: []follow.Feed{{Table: "{order_product}", ID: "order_product_id", Target: strings.ReplaceAll(target, "t.", "f."), Where: "f.product_id > 0"}},
		Parts: r.productParts(),
	}
	src.Sweep, src.Roll = r.sweepModified(src, "TRUE"), src.RollNewest(1<<40)
	return src
}

func (r *reader) productParts() []follow.Part {
	columns := func(alias string) []string {
		names := []string{"product_id", "model", "quantity", "image", "price", "tax_class_id", "date_available", "subtract", "status", "date_added", "date_modified"}
		if r.has("product.sku") {
			names = append(names, "sku")
		}
		if r.has("product.master_id") {
			names = append(names, "variant")
		}
		for i := range names {
			names[i] = alias + "." + names[i]
		}
		return names
	}
	parts := []follow.Part{
		{Table: "{product} t", Key: "t.product_id", Where: r.masters(), Columns: columns("t")},
		{Table: "{product_description} d", Key: "d.product_id", Columns: []string{"d.language_id", "d.name"}},
		{Table: "{product_to_category} c", Key: "c.product_id", Columns: []string{"c.category_id"}},
		{Table: "{product_to_store} s", Key: "s.product_id", Columns: []string{"s.store_id"}},
		{Table: "{product_option_value} v", Key: "v.product_id", Columns: []string{"v.product_option_value_id", "v.quantity", "v.subtract", "v.price", "v.price_prefix"}},
	}
	reductions := []string{"x.customer_group_id", "x.priority", "x.price", "x.date_start", "x.date_end"}
	parts = append(parts, follow.Part{Table: "{product_discount} x", Key: "x.product_id", Columns: append([]string{"x.quantity"}, reductions...)})
	if r.has("product_special") {
		parts = append(parts, follow.Part{Table: "{product_special} x", Key: "x.product_id", Columns: reductions})
	}
	if r.has("product_code") {
		parts = append(parts, follow.Part{Table: "{product_code} k", Key: "k.product_id", Columns: []string{"k.code", "k.value"}})
	}
	if r.has("product.master_id") {
		parts = append(parts, follow.Part{Table: "{product} v", Key: "v.master_id", Where: "v.master_id > 0", Columns: columns("v")})
	}
	return parts
}

// Products reads products with their variants.
func (s *Shop) Products(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Product], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Product]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), r.productsSource(), after, limit, r.products)
}

// product is a row of the table, a master or a variant.
type product struct {
	id, taxClass               int64
	model, sku, image, price   string
	quantity                   int64
	counted, on, here          bool // counted: sales lower the quantity; here: the shop's own store has it
	available, added, modified string
	variant                    string // of a variant: which values of its master's options it stands for
}

// shelf is all that belongs to the products of a page.
type shelf struct {
	till
	backorders bool // what is not there can be ordered
	home       string
	products   map[int64]product // masters and variants
	variants   map[int64][]int64
	names      map[int64]string
	codes      map[int64]string
	offers     map[int64]offer
	categories map[int64][]string
	options    map[int64][]optionValue
	words      map[int64]string
}

func (r *reader) products(ctx context.Context, of []int64) ([]adapters.Product, []adapters.BadRow, error) {
	s, err := r.shelf(ctx, of)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Product
	var bad []adapters.BadRow
	for _, id := range of {
		p, ok := s.products[id]
		if !ok {
			continue // deleted since it was found
		}
		errs := foreign.NewCheck(map[string]string{"name": s.names[id], "price": p.price, "date_added": p.added, "date_modified": p.modified, "date_available": p.available})
		row := r.product(s, p, errs)
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

// shelf costs a statement for each kind of thing, however many products there are.
func (r *reader) shelf(ctx context.Context, of []int64) (s shelf, err error) {
	s.backorders = r.settings["config_stock_checkout"] == "1"
	if s.variants, err = r.variantIDs(ctx, of); err != nil {
		return s, err
	}
	all := ids(slices.Concat(append(slices.Collect(maps.Values(s.variants)), of)...)...)
	for _, read := range []func() error{
		func() error { s.till, err = r.till(ctx); return err },
		func() error { s.home, err = r.home(ctx); return err },
		func() error { s.products, err = r.productRows(ctx, all); return err },
		func() error {
			s.names, err = r.names(ctx, "products", "product_description", "product_id", of)
			return err
		},
		func() error { s.codes, err = r.productCodes(ctx, all); return err },
		func() error { s.offers, err = r.offers(ctx, s.products); return err },
		func() error { s.categories, err = r.productCategories(ctx, of); return err },
		func() error { s.options, err = r.options(ctx, of); return err },
		func() error { s.words, err = r.keywords(ctx, "product_id", of); return err },
	} {
		if err := read(); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (r *reader) product(s shelf, p product, errs *foreign.Check) adapters.Product {
	available := errs.Time("date_available", p.available, r.zone)
	row := adapters.Product{
		Key: foreign.Str(p.id), SKU: s.sku(p), Name: s.names[p.id], ImageURL: image(s.home, p.image),
		Stock: s.stock(p.quantity), StockQuantity: p.stockQuantity(), CategoryKeys: s.categories[p.id],
		Visible:   p.on && p.here && !available.After(r.now),
		CreatedAt: errs.Time("date_added", p.added, r.zone), ChangedAt: errs.Time("date_modified", p.modified, r.zone),
	}
	if row.URL = friendly(s.home, s.words[p.id]); row.URL == "" {
		row.URL = address(s.home, "product/product", "product_id", row.Key)
	}
	variants, of := s.variantsOf(p)
	row.Variants = variants
	if of.now.IsZero() && !p.on {
		return row // nobody has said yet what it will cost
	}
	row.Price = s.shown(of.now, of.taxClass).String()
	if of.now.LessThan(of.regular) {
		row.RegularPrice = s.shown(of.regular, of.taxClass).String()
	}
	return row
}

// variantsOf are a product's variants, and the price of the cheapest or, where there are none, its own.
func (s shelf) variantsOf(p product) (variants []adapters.Variant, cheapest offer) {
	cheapest = s.offers[p.id]
	add := func(v adapters.Variant, of offer) {
		if len(variants) == 0 || of.now.LessThan(cheapest.now) {
			cheapest = of
		}
		v.Price = s.shown(of.now, of.taxClass).String()
		variants = append(variants, v)
	}
	if len(s.variants[p.id]) > 0 {
		for _, id := range s.variants[p.id] {
			if v := s.products[id]; v.on {
				add(adapters.Variant{Key: foreign.Str(id), SKU: s.sku(v), Name: variantName(v.variant, s.options[p.id]), Stock: s.stock(v.quantity), StockQuantity: v.stockQuantity()}, s.offers[id])
			}
		}
		return variants, cheapest
	}
	for _, chosen := range combinations(s.options[p.id]) {
		of := s.offers[p.id]
		for _, value := range chosen {
			of = of.plus(value.surcharge)
		}
		add(s.optionVariant(p, chosen), of)
	}
	return variants, cheapest
}

// optionVariant is a combination of a product's options. There is as much of it as of the scarcest part that is counted.
func (s shelf) optionVariant(p product, chosen []optionValue) adapters.Variant {
	v := adapters.Variant{Key: variantKey(chosen), Name: optionNames(chosen), Stock: s.stock(p.quantity)}
	least, counted := p.quantity, p.counted
	for _, value := range chosen {
		if !value.counted {
			continue
		}
		if !counted || value.quantity < least {
			least, counted = value.quantity, true
		}
		if value.quantity <= 0 {
			v.Stock = s.stock(value.quantity)
		}
	}
	if counted {
		v.StockQuantity = foreign.Str(least)
	}
	return v
}

// stock goes by the quantity, also where sales do not lower it, as the checkout does. What is not there can be ordered all
// the same in the whole shop or nowhere; the text that each product has for that case is for reading only.
func (s shelf) stock(quantity int64) adapters.Stock {
	switch {
	case quantity > 0:
		return adapters.InStock
	case s.backorders:
		return adapters.OnBackorder
	}
	return adapters.OutOfStock
}

// stockQuantity is empty where sales do not lower the quantity.
func (p product) stockQuantity() string {
	if !p.counted {
		return ""
	}
	return foreign.Str(p.quantity)
}

// sku is a product's own or, as many shops leave it empty, the model that OpenCart demands of each.
func (s shelf) sku(p product) string {
	return foreign.First(s.codes[p.id], p.sku, p.model)
}

func (r *reader) productRows(ctx context.Context, of []int64) (map[int64]product, error) {
	sku, variant := "''", "''"
	if r.has("product.sku") {
		sku = "t.sku"
	}
	if r.has("product.master_id") {
		variant = "t.variant"
	}
	rows := map[int64]product{}
	err := r.Each(ctx, "products", "SELECT t.product_id, COALESCE(t.tax_class_id, 0), t.model, "+sku+`, t.image, t.price, COALESCE(t.quantity, 0), COALESCE(t.subtract, 0), COALESCE(t.status, 0),
			s.product_id IS NOT NULL, t.date_available, t.date_added, t.date_modified, `+variant+`
		FROM {product} t LEFT JOIN {product_to_store} s ON s.product_id = t.product_id AND s.store_id = 0 WHERE t.product_id `+follow.In(of), nil,
		func(scan func(...any) error) error {
			var p product
			err := scan(&p.id, &p.taxClass, follow.Text(&p.model), follow.Text(&p.sku), follow.Text(&p.image), follow.Text(&p.price), &p.quantity, &p.counted, &p.on,
				&p.here, follow.Text(&p.available), follow.Text(&p.added), follow.Text(&p.modified), follow.Text(&p.variant))
			p.model, p.sku = foreign.Plain(p.model), foreign.Plain(p.sku)
			rows[p.id] = p
			return err
		})
	return rows, err
}

// productCodes reads SKUs where they are rows of their own, from 4.1 on.
func (r *reader) productCodes(ctx context.Context, of []int64) (map[int64]string, error) {
	codes := map[int64]string{}
	if !r.has("product_code") || len(of) == 0 {
		return codes, nil
	}
	err := r.Each(ctx, "products' codes", "SELECT k.product_id, k.value FROM {product_code} k WHERE k.product_id "+follow.In(of)+" AND k.code = 'sku' ORDER BY k.product_code_id DESC", nil,
		func(scan func(...any) error) error {
			var id int64
			var text string
			err := scan(&id, follow.Text(&text))
			codes[id] = foreign.Plain(text)
			return err
		})
	return codes, err
}

func (r *reader) productCategories(ctx context.Context, of []int64) (map[int64][]string, error) {
	all := map[int64][]string{}
	err := r.Each(ctx, "products' categories", "SELECT product_id, category_id FROM {product_to_category} WHERE product_id "+follow.In(of)+" ORDER BY product_id, category_id", nil,
		func(scan func(...any) error) error {
			var id, category int64
			err := scan(&id, &category)
			all[id] = append(all[id], foreign.Str(category))
			return err
		})
	return all, err
}
