package sqlmap

import (
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

// Products reads products with their variants.
func (s *Shop) Products(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Product], error) {
	return stream(ctx, s, "products", after, limit, func(a *attached, rec record, parts map[string][]record) (adapters.Product, bool) {
		return a.product(rec, parts), true
	})
}

func (a *attached) product(rec record, parts map[string][]record) adapters.Product {
	row := adapters.Product{
		Key: foreign.Str(rec.id), SKU: rec.text("sku"), Name: rec.text("name"), URL: a.site.address(rec.word("url")), ImageURL: a.site.address(rec.word("image")),
		Price: rec.number("price"), RegularPrice: rec.number("regular_price"), Visible: rec.flag("visible", true),
		CreatedAt: rec.time("created_at"), ChangedAt: rec.time("changed_at"), Deleted: rec.flag("deleted", false),
	}
	row.CategoryKeys = keys(rec.word("categories"))
	for _, c := range parts["categories"] {
		if key := c.ref("category"); key != "" && !slices.Contains(row.CategoryKeys, key) {
			row.CategoryKeys = append(row.CategoryKeys, key)
		}
	}
	stock := rec
	variants := parts["variants"]
	if sec := rec.pl.sec.parts["variants"]; sec != nil && sec.single && len(variants) == 1 {
		only := variants[0]
		if variants = nil; !rec.has("stock") && !rec.has("stock_quantity") {
			stock = only
		}
		row.Price, row.RegularPrice = first(row.Price, only.number("price")), first(row.RegularPrice, only.number("regular_price"))
		row.SKU = first(row.SKU, only.text("sku"))
	}
	row.Stock, row.StockQuantity = stock.stock()
	lowest, regular := "", ""
	for _, v := range variants {
		variant := v.variant()
		row.Variants = append(row.Variants, variant)
		if variant.Price != "" && (lowest == "" || less(variant.Price, lowest)) {
			lowest, regular = variant.Price, v.number("regular_price")
		}
	}
	if len(variants) > 0 {
		row.Price, row.RegularPrice = first(row.Price, lowest), first(row.RegularPrice, regular)
		if !rec.has("stock") && !rec.has("stock_quantity") {
			row.Stock = stockOf(row.Variants)
		}
	}
	if !less(row.Price, row.RegularPrice) { // a price before a reduction is higher, and has one to be higher than
		row.RegularPrice = ""
	}
	return row
}

func (rec record) variant() adapters.Variant {
	v := adapters.Variant{Key: foreign.Str(rec.id), SKU: rec.text("sku"), Name: rec.text("name"), Price: rec.number("price")}
	v.Stock, v.StockQuantity = rec.stock()
	return v
}

// has says whether the file has a field for the section.
func (rec record) has(field string) bool { return rec.pl.fields[field] != nil }

// stock takes the shop's word for it, and else goes by the quantity. What is not counted can be had.
func (rec record) stock() (stock adapters.Stock, quantity string) {
	quantity = rec.number("stock_quantity")
	switch word := adapters.Stock(fold(rec.word("stock"))); {
	case word == adapters.InStock, word == adapters.OutOfStock, word == adapters.OnBackorder:
		return word, quantity
	case quantity != "" && !less("0", quantity):
		return adapters.OutOfStock, quantity
	}
	return adapters.InStock, quantity
}

// stockOf is the best of a product's variants.
func stockOf(variants []adapters.Variant) adapters.Stock {
	best := adapters.OutOfStock
	for _, v := range variants {
		switch {
		case v.Stock == adapters.InStock:
			return adapters.InStock
		case v.Stock == adapters.OnBackorder:
			best = adapters.OnBackorder
		}
	}
	return best
}

// keys reads "11, 15".
func keys(text string) []string {
	var list []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if key := foreign.Key(foreign.ID(word)); key != "" {
			list = append(list, key)
		}
	}
	return list
}

func first(texts ...string) string { return foreign.First(texts...) }

// less compares two numbers; an empty one is none.
func less(a, b string) bool {
	x, errX := decimal.NewFromString(a)
	y, errY := decimal.NewFromString(b)
	return errX == nil && errY == nil && x.LessThan(y)
}
