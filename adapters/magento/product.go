package magento

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// productsSource follows products. A variant is a product of its own that a configurable one links to; it is delivered
// with that one, and by itself only where the shop window shows it by itself. What an order did to the stock shows as a
// reservation or as the order's line, at once. updated_at has no index: it is looked at in the 5,000 newest rows by each
// poll, and in all by a sweep each minute, 5,000 a poll. What moves no time (imports, stock that an office's program
// writes, a price that begins or ends today) comes with a walk over all products, 50 a minute.
func (r *reader) productsSource(ctx context.Context) (follow.Source, error) {
	if err := r.loadCatalog(ctx); err != nil {
		return follow.Source{}, err
	}
	visibility := r.attribute["visibility"].id
	src := follow.Source{
		Letter: 'p', What: "products", Table: "{catalog_product_entity}", ID: "entity_id", Any: "TRUE", Window: 20_000,
		Own:    "NOT " + r.variantOnly("t.entity_id", visibility),
		Target: r.delivered("t.entity_id", visibility),
		Time:   "updated_at", Region: productStep,
		Feeds: []follow.Feed{{Table: "{sales_order_item}", ID: "item_id", Target: r.delivered("f.product_id", visibility)}},
		Parts: r.productParts(),
	}
	if r.layout.staged { // a product has several rows there, and one in this table
		src.Table, src.ID, src.Time, src.Region = "{sequence_product}", "sequence_value", "", 0
		src.Own = "(SELECT 1 FROM {catalog_product_entity} e WHERE e.entity_id = t.sequence_value AND " + r.current("e") + " LIMIT 1) IS NOT NULL AND NOT " + r.variantOnly("t.sequence_value", visibility)
		src.Target = r.delivered("t.sequence_value", visibility)
	}
	if r.layout.sources {
		src.Feeds = []follow.Feed{{Table: "{inventory_reservation}", ID: "reservation_id",
			Target: "(SELECT " + r.delivered("s.entity_id", visibility) + " FROM {catalog_product_entity} s WHERE s.sku = f.sku LIMIT 1)"}}
	}
	src.Sweep, src.Roll = r.sweepProducts(visibility), rollProducts(src)
	return src, nil
}

// variantOnly is the condition that a product is a variant, and not shown by itself. Its subqueries end in LIMIT because
// the optimizer would otherwise read all variants there are, once for each page, and join them.
func (r *reader) variantOnly(id string, visibility int64) string {
	return fmt.Sprintf(`((SELECT 1 FROM {catalog_product_super_link} k WHERE k.product_id = %[1]s LIMIT 1) IS NOT NULL AND (
		SELECT 1 FROM {catalog_product_entity} w JOIN {catalog_product_entity_int} v ON v.%[2]s = w.%[2]s AND v.attribute_id = %[3]d AND v.store_id %[4]s AND v.value > 1
		WHERE w.entity_id = %[1]s AND %[5]s LIMIT 1) IS NULL)`, id, r.layout.link(), visibility, r.scopes(), r.current("w"))
}

// delivered is the product that a product's row is delivered with: itself, or of a mere variant the one that links to it.
func (r *reader) delivered(id string, visibility int64) string {
	return fmt.Sprintf(`CASE WHEN %[1]s THEN COALESCE((SELECT MIN(o.entity_id) FROM {catalog_product_super_link} k JOIN {catalog_product_entity} o ON o.%[2]s = k.parent_id
		WHERE k.product_id = %[3]s), 0) ELSE %[3]s END`, r.variantOnly(id, visibility), r.layout.link(), id)
}

const productStep = 5_000

// sweepProducts walks over the rows by their primary key. In Commerce, also a version whose time has come is a change.
func (r *reader) sweepProducts(visibility int64) follow.Sweep {
	key, begun := r.layout.link(), "FALSE"
	if r.layout.staged {
		begun = "t.created_in BETWEEN ? AND ?"
	}
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
		var highest int64
		if err := db.One(ctx, "products", "SELECT COALESCE(MAX("+key+"), 0) FROM {catalog_product_entity}", nil, &highest); err != nil {
			return follow.Stride{}, err
		}
		step := follow.Stride{End: min(p.Swept()+productStep, highest)}
		step.Last = step.End == highest
		args := []any{p.Swept(), step.End, time.Unix(p.ChangedSince(), 0).UTC().Format(time.DateTime)}
		if r.layout.staged {
			args = append(args, p.ChangedSince(), r.now.Unix())
		}
		err := db.Each(ctx, "products", "SELECT t."+key+", "+r.delivered("t.entity_id", visibility)+" FROM {catalog_product_entity} t FORCE INDEX (PRIMARY) WHERE t."+key+" > ? AND t."+key+
			" <= ? AND (t.updated_at >= ? OR "+begun+") ORDER BY t."+key+" LIMIT ?", append(args, limit), func(scan func(...any) error) error {
			var h follow.Hit
			err := scan(&h.ID, &h.Target)
			step.Hits = append(step.Hits, h)
			return err
		})
		return step, err
	}
}

func rollProducts(src follow.Source) follow.Roll {
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (hits []follow.Hit, err error) {
		err = db.Each(ctx, "products", "SELECT t."+src.ID+" FROM "+src.Table+" t FORCE INDEX (PRIMARY) WHERE t."+src.ID+" > ? AND "+src.Own+" ORDER BY t."+src.ID+" LIMIT ?",
			[]any{p.Rolled(), limit}, func(scan func(...any) error) error {
				var h follow.Hit
				err := scan(&h.ID)
				h.Target = h.ID
				hits = append(hits, h)
				return err
			})
		return hits, err
	}
}

// productPage is how many products a page has at most: each may have hundreds of variants.
const productPage = 100

// Products reads products with their variants. Disabled ones, and those that no list and no search shows, are delivered as
// not visible.
func (s *Shop) Products(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Product], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Product]{}, err
	}
	src, err := r.productsSource(ctx)
	if err != nil {
		return adapters.Page[adapters.Product]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, src, after, min(limit, productPage), r.products)
}

// item is a product or a variant, in text, before anything is believed.
type item struct {
	id, row                     int64 // entity_id, and what its values are kept by
	sku, kind, created, updated string
	ours                        bool // it is sold on our website
}

// shelf is a page of products with all that belongs to them.
type shelf struct {
	attribute  map[string]attribute // as the reader found them
	items      map[int64]item
	variants   map[int64][]item  // by the product
	axes       map[int64][]int64 // the attributes that a product's variants differ in, in order
	values     values
	labels     map[string]string // of options, by their numbers
	stocks     map[int64]stock
	categories map[int64][]string
	paths      map[int64]string
	lowest     map[int64]string // prices worked out by Magento, of what has none of its own
}

// products costs a dozen statements, however many products there are.
func (r *reader) products(ctx context.Context, ids []int64) ([]adapters.Product, []adapters.BadRow, error) {
	s := shelf{attribute: r.attribute}
	for _, load := range []func(context.Context, []int64, *shelf) error{
		r.loadItems, r.loadVariants, r.loadAxes, r.loadValues, r.loadLabels, r.loadStocks, r.loadCategories, r.loadPaths, r.loadLowest,
	} {
		if err := load(ctx, ids, &s); err != nil {
			return nil, nil, err
		}
	}
	var rows []adapters.Product
	var bad []adapters.BadRow
	for _, id := range ids {
		i, ok := s.items[id]
		if !ok {
			continue
		}
		errs := foreign.NewCheck(map[string]string{"sku": i.sku, "type_id": i.kind, "name": s.get(i, "name"), "price": s.get(i, "price"), "special_price": s.get(i, "special_price")})
		if row := r.product(i, &s, errs); errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (s *shelf) get(i item, code string) string { return s.values.get(i.row, s.attribute[code]) }

const enabled = "1"

func (r *reader) product(i item, s *shelf, errs *foreign.Check) adapters.Product {
	price, regular := r.price(i, s, errs)
	row := adapters.Product{
		Key: foreign.Str(i.id), SKU: foreign.Plain(i.sku), Name: foreign.Plain(s.get(i, "name")), URL: r.productURL(i, s),
		ImageURL: r.picture(s.get(i, "image")), CategoryKeys: s.categories[i.id],
		Visible:   s.get(i, "status") == enabled && foreign.ID(s.get(i, "visibility")) > 1 && i.ours,
		CreatedAt: errs.Time("created_at", i.created, nil), ChangedAt: errs.Time("updated_at", i.updated, nil),
	}
	if i.kind == "configurable" { // its own price is none that anybody pays
		price, regular = "", ""
	}
	for _, v := range s.variants[i.id] {
		if s.get(v, "status") != enabled {
			continue
		}
		now, before := r.price(v, s, errs)
		variant := adapters.Variant{Key: foreign.Str(v.id), SKU: foreign.Plain(v.sku), Name: s.variantName(i, v), Price: now}
		variant.Stock, variant.StockQuantity = r.stock(v, s.stocks[v.id], errs)
		row.Variants = append(row.Variants, variant)
		if now != "" && (price == "" || less(now, price)) {
			price, regular = now, before
		}
	}
	row.Price, row.RegularPrice = price, regular
	row.Stock, row.StockQuantity = r.stock(i, s.stocks[i.id], errs)
	if i.kind == "configurable" && row.Stock == adapters.InStock {
		row.Stock = best(row.Variants)
	}
	return row
}

// best is the stock of the variant that can be had soonest.
func best(variants []adapters.Variant) adapters.Stock {
	found := adapters.OutOfStock
	for _, v := range variants {
		switch v.Stock {
		case adapters.InStock:
			return adapters.InStock
		case adapters.OnBackorder:
			found = adapters.OnBackorder
		case adapters.OutOfStock:
		}
	}
	return found
}

// price is what a product costs now, and what it costs otherwise where that is more. A set's price is worked out by
// Magento from its parts, and its special_price is a percentage.
func (r *reader) price(i item, s *shelf, errs *foreign.Check) (now, regular string) {
	if i.kind == "bundle" || i.kind == "grouped" {
		return decimalText("min_price", s.lowest[i.id], errs), ""
	}
	usual := decimalText("price", s.get(i, "price"), errs)
	from := errs.Time("special_from_date", s.get(i, "special_from_date"), r.zone)
	to := errs.Time("special_to_date", s.get(i, "special_to_date"), r.zone)
	special := decimalText("special_price", s.get(i, "special_price"), errs)
	begun, over := !r.now.Before(from), !to.IsZero() && !r.now.Before(to.AddDate(0, 0, 1)) // its last day belongs to it
	if special == "" || !begun || over || usual != "" && !less(special, usual) {
		return usual, ""
	}
	return special, usual
}

func decimalText(field, text string, errs *foreign.Check) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return errs.Number(field, text).String()
}

func less(a, b string) bool {
	x, errX := decimal.NewFromString(a)
	y, errY := decimal.NewFromString(b)
	return errX == nil && errY == nil && x.LessThan(y)
}

// productURL is the address that shoppers know, or the one by id, which Magento always answers.
func (r *reader) productURL(i item, s *shelf) string {
	path := s.paths[i.id]
	if key := s.get(i, "url_key"); path == "" && key != "" && s.get(i, "status") == enabled {
		path = key + r.setting("catalog/seo/product_url_suffix")
	}
	return r.address(cmp.Or(path, "catalog/product/view/id/"+foreign.Str(i.id)))
}

// variantName is "1 kg, whole bean": the labels of the options it has, in the order of the product's attributes.
func (s *shelf) variantName(i, v item) string {
	var parts []string
	for _, attribute := range s.axes[i.id] {
		option := s.values.get(v.row, attributeOf(attribute))
		if label := foreign.Plain(cmp.Or(s.labels[option], option)); label != "" {
			parts = append(parts, label)
		}
	}
	return strings.Join(parts, ", ")
}

// attributeOf is one that variants can differ in: Magento lets only global ones.
func attributeOf(id int64) attribute { return attribute{id: id, global: true} }

func (r *reader) loadItems(ctx context.Context, ids []int64, s *shelf) error {
	s.items = map[int64]item{}
	return r.Each(ctx, "products", "SELECT e.entity_id, e."+r.layout.link()+`, e.sku, e.type_id, e.created_at, e.updated_at,
			EXISTS (SELECT 1 FROM {catalog_product_website} w WHERE w.product_id = e.entity_id AND w.website_id = ?)
		FROM {catalog_product_entity} e WHERE e.entity_id `+follow.In(ids)+" AND "+r.current("e"), []any{r.view.website}, func(scan func(...any) error) error {
		var i item
		err := scan(&i.id, &i.row, follow.Text(&i.sku), &i.kind, follow.Text(&i.created), follow.Text(&i.updated), &i.ours)
		s.items[i.id] = i
		return err
	})
}

func (r *reader) loadVariants(ctx context.Context, ids []int64, s *shelf) error {
	s.variants = map[int64][]item{}
	return r.Each(ctx, "variants", "SELECT p.entity_id, e.entity_id, e."+r.layout.link()+", e.sku, e.type_id FROM "+r.variantTables()+
		" WHERE p.entity_id "+follow.In(ids)+" AND "+r.current("p")+" AND "+r.current("e")+" ORDER BY p.entity_id, e.entity_id", nil,
		func(scan func(...any) error) error {
			var product int64
			var v item
			err := scan(&product, &v.id, &v.row, follow.Text(&v.sku), &v.kind)
			s.variants[product] = append(s.variants[product], v)
			return err
		})
}

func (r *reader) loadAxes(ctx context.Context, ids []int64, s *shelf) error {
	s.axes = map[int64][]int64{}
	return r.Each(ctx, "variants' attributes", "SELECT p.entity_id, a.attribute_id FROM {catalog_product_entity} p JOIN {catalog_product_super_attribute} a ON a.product_id = p."+r.layout.link()+
		" WHERE p.entity_id "+follow.In(ids)+" AND "+r.current("p")+" ORDER BY p.entity_id, a.position, a.product_super_attribute_id", nil,
		func(scan func(...any) error) error {
			var product, attribute int64
			err := scan(&product, &attribute)
			s.axes[product] = append(s.axes[product], attribute)
			return err
		})
}

// loadValues reads the products' and the variants' values, one statement for each type. The optimizer may take a variant's
// values in any order: each has a place of its own.
func (r *reader) loadValues(ctx context.Context, ids []int64, s *shelf) error {
	s.values = values{}
	for _, kind := range valueTypes {
		wanted := numbers(r.attribute, productCodes[kind])
		if kind == "int" {
			for _, axes := range s.axes {
				wanted = append(wanted, axes...)
			}
			slices.Sort(wanted)
			wanted = slices.Compact(wanted)
		}
		link, value := r.layout.link(), "v.value"
		if kind == "datetime" {
			value = "CAST(v.value AS CHAR)" // MySQL's UNION makes a zero date of a date such as 2023-00-15, and hides that it is bad
		}
		text := "SELECT v." + link + ", v.attribute_id, v.store_id, " + value + " FROM %s JOIN {catalog_product_entity_" + kind + "} v ON v." + link + " = e." + link +
			" WHERE %s AND v.attribute_id " + follow.In(wanted) + " AND v.store_id " + r.scopes()
		if err := s.values.read(ctx, r, "products' values", r.either(text, ids)); err != nil {
			return err
		}
	}
	return nil
}

// loadLabels reads what options are called in our store view: there, or else in all.
func (r *reader) loadLabels(ctx context.Context, _ []int64, s *shelf) error {
	var options []int64
	for product, variants := range s.variants {
		for _, v := range variants {
			for _, axis := range s.axes[product] {
				options = append(options, foreign.ID(s.values.get(v.row, attributeOf(axis))))
			}
		}
	}
	slices.Sort(options)
	options = slices.Compact(options)
	s.labels = map[string]string{}
	if len(options) == 0 {
		return nil
	}
	texts := values{}
	err := texts.read(ctx, r, "options", "SELECT option_id, 0, store_id, NULLIF(value, '') FROM {eav_attribute_option_value} WHERE option_id "+follow.In(options)+" AND store_id "+r.scopes())
	for _, option := range options {
		s.labels[foreign.Str(option)] = texts.get(option, attribute{})
	}
	return err
}

// loadCategories leaves the roots out, which are no shelves.
func (r *reader) loadCategories(ctx context.Context, ids []int64, s *shelf) error {
	s.categories = map[int64][]string{}
	return r.Each(ctx, "products' categories", `SELECT k.product_id, k.category_id FROM {catalog_category_product} k
		JOIN {catalog_category_entity} c ON c.entity_id = k.category_id AND c.level > 1 AND `+r.current("c")+" WHERE k.product_id "+follow.In(ids)+" ORDER BY k.product_id, k.category_id", nil,
		func(scan func(...any) error) error {
			var product int64
			var category string
			err := scan(&product, &category)
			s.categories[product] = append(s.categories[product], category)
			return err
		})
}

// loadPaths takes the address without a category in it, of those that are no redirects.
func (r *reader) loadPaths(ctx context.Context, ids []int64, s *shelf) error {
	s.paths = map[int64]string{}
	return r.Each(ctx, "products' addresses", `SELECT u.entity_id, u.request_path, u.metadata IS NULL FROM {url_rewrite} u WHERE u.store_id = ? AND u.entity_id `+follow.In(ids)+
		" AND u.entity_type = 'product' AND u.redirect_type = 0 ORDER BY u.url_rewrite_id", []any{r.view.id}, func(scan func(...any) error) error {
		var product int64
		var path string
		var plain bool
		err := scan(&product, follow.Text(&path), &plain)
		if s.paths[product] == "" || plain {
			s.paths[product] = path
		}
		return err
	})
}

// loadLowest reads the price index, for somebody who is not logged in.
func (r *reader) loadLowest(ctx context.Context, ids []int64, s *shelf) error {
	s.lowest = map[int64]string{}
	return r.Each(ctx, "prices", "SELECT entity_id, min_price FROM {catalog_product_index_price} WHERE entity_id "+follow.In(ids)+" AND customer_group_id = 0 AND website_id = ?",
		[]any{r.view.website}, func(scan func(...any) error) error {
			var product int64
			var price sql.NullString
			err := scan(&product, &price)
			s.lowest[product] = price.String
			return err
		})
}
