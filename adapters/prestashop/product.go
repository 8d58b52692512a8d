package prestashop

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// productsSource follows products. From 1.7.0 on their time of change has an index, behind the state; before, it is followed
// among the newest 1,000 and swept. Each shop of an installation has a time of its own, which a sweep of 2,000 products a
// round looks at. What a sale does to the stock moves no time at all, but three tables grow when it happens, or when staff
// count or make a reduction: order_detail, stock_mvt, specific_price. 50 products are delivered again each minute, whatever
// their times, for the rest: reductions that begin and end by the clock, and stock that modules write.
func (r *reader) productsSource() follow.Source {
	src := follow.Source{
		Letter: 'p', What: "products", Table: "{product}", ID: "id_product", Own: r.saved(),
		Time: "date_upd", Region: 1_000,
		Feeds: []follow.Feed{
			{Table: "{order_detail}", ID: "id_order_detail", Target: "f.product_id"},
			{Table: "{specific_price}", ID: "id_specific_price", Target: "f.id_product"},
		},
		Roll:  r.rollProducts,
		Parts: r.productParts(),
	}
	if r.shape.drafts {
		src.Region, src.Along = 0, "t.state = 1"
		// Before 1.7.0 a movement is of a warehouse's stock, which few shops keep.
		src.Feeds = append(src.Feeds, follow.Feed{Table: "{stock_mvt}", ID: "id_stock_mvt",
			Target: "(SELECT k.id_product FROM {stock_available} k WHERE k.id_stock_available = f.id_stock)"})
	}
	const here = "(SELECT MAX(o.date_upd) FROM {product_shop} o WHERE o.id_product = t.id_product)"
	src.Sweep = r.sweep(walk{what: "products", table: "{product}", id: "id_product", region: src.Region, step: 2_000,
		condition: r.saved() + " AND (t.id_product <= @below AND t.date_upd >= ? OR " + here + " >= ? AND " + here + " > t.date_upd)"})
	return src
}

// saved leaves out products that staff have begun and never saved, and those that are not in the shop that was asked for.
// Saving moves their time.
func (r *reader) saved() string {
	own := "TRUE"
	if r.shape.drafts {
		own = "t.state = 1"
	}
	if r.wanted {
		own += fmt.Sprintf(" AND (SELECT COUNT(*) FROM {product_shop} o WHERE o.id_product = t.id_product AND o.id_shop = %d) > 0", r.shop)
	}
	return own
}

func (r *reader) productParts() []follow.Part {
	here := fmt.Sprintf("%%s.id_shop = %d", r.shop)
	of := func(alias string) string { return fmt.Sprintf(here, alias) }
	reduction := []string{"x.id_specific_price", "x.id_product_attribute", "x.price", "x.reduction", "x.reduction_type", "x.reduction_tax", "x.from", "x.to", "x.from_quantity"}
	return []follow.Part{
		{Table: "{product} t LEFT JOIN {product_shop} h ON h.id_product = t.id_product AND " + of("h"), Key: "t.id_product", Where: r.saved(), Columns: []string{
			"t.id_product", "t.reference", "t.date_add", "t.date_upd", "h.price", "h.active", "h.visibility", "h.available_for_order", "h.id_tax_rules_group", "h.date_upd"}},
		{Table: "{product_shop} h JOIN {tax_rule} u ON u.id_tax_rules_group = h.id_tax_rules_group JOIN {tax} x ON x.id_tax = u.id_tax", Key: "h.id_product",
			Where: of("h") + fmt.Sprintf(" AND u.id_country = %d", r.id("PS_COUNTRY_DEFAULT")), Columns: []string{"x.id_tax", "x.rate", "x.active"}},
		{Table: "{product_lang} n", Key: "n.id_product", Columns: []string{"n.id_shop", "n.id_lang", "n.name", "n.link_rewrite"}},
		{Table: "{category_product} g", Key: "g.id_product", Columns: []string{"g.id_category"}},
		{Table: "{image_shop} i", Key: "i.id_product", Where: "i.cover = 1 AND " + of("i"), Columns: []string{"i.id_image"}},
		{Table: "{product_attribute} v JOIN {product_attribute_shop} w ON w.id_product_attribute = v.id_product_attribute AND " + of("w"), Key: "v.id_product",
			Columns: []string{"v.id_product_attribute", "v.reference", "w.price"}},
		{Table: "{product_attribute} v JOIN {product_attribute_combination} m ON m.id_product_attribute = v.id_product_attribute", Key: "v.id_product",
			Columns: []string{"m.id_product_attribute", "m.id_attribute"}},
		{Table: "{stock_available} k", Key: "k.id_product", Where: r.ofStock(), Columns: []string{"k.id_product_attribute", "k.quantity", "k.out_of_stock"}},
		{Table: "{specific_price} x", Key: "x.id_product", Columns: quotedColumns(reduction)},
		{Table: "{product} t JOIN {specific_price} x ON x.id_product = 0", Key: "t.id_product", Columns: quotedColumns(reduction)},
	}
}

// quotedColumns is for columns that have words of SQL for names.
func quotedColumns(columns []string) []string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		table, name, _ := strings.Cut(c, ".")
		quoted[i] = table + ".`" + name + "`"
	}
	return quoted
}

// rollProducts gives all products again, by and by.
func (r *reader) rollProducts(ctx context.Context, db follow.DB, p follow.Place, limit int) (found []follow.Hit, err error) {
	err = db.Each(ctx, "products", "SELECT t.id_product FROM {product} t FORCE INDEX (PRIMARY) WHERE t.id_product > ? AND "+r.saved()+" ORDER BY t.id_product LIMIT ?",
		[]any{p.Rolled(), limit}, hits(&found))
	return found, err
}

// Products reads products with their combinations, as the default shop, or the one that was asked for, sells them.
func (s *Shop) Products(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Product], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Product]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, r.productsSource(), after, limit, r.products)
}

// product is one in text, as a shop sells it.
type product struct {
	id                                 int64
	sku, created, changed, changedHere string
	price                              string
	taxGroup                           int64
	active, forSale                    bool
	visibility                         string
}

// combination is a row of product_attribute: a form of a product, with what it costs more.
type combination struct {
	id          int64
	sku, impact string
}

// products costs ten statements, however many products there are.
func (r *reader) products(ctx context.Context, ids []int64) ([]adapters.Product, []adapters.BadRow, error) {
	found, err := r.productRows(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	called, err := r.productWords(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	shelves, err := r.shelves(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	covers, err := r.covers(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	combinations, err := r.combinations(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	values, err := r.attributes(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	stock, err := r.stocks(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	tariff, err := r.tariff(ctx, ids, found)
	if err != nil {
		return nil, nil, err
	}
	prefix, err := r.languagePrefix(ctx)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Product
	var bad []adapters.BadRow
	for _, id := range ids {
		p, ok := found[id]
		if !ok {
			continue
		}
		errs := foreign.NewCheck(map[string]string{"name": called[id].name, "price": p.price, "date_add": p.created, "date_upd": p.changed})
		row := adapters.Product{
			Key: foreign.Str(id), SKU: foreign.Plain(p.sku), Name: called[id].name, URL: r.productURL(prefix, id, called[id].slug), ImageURL: r.image(covers[id]),
			Stock: stock.of(id, 0), StockQuantity: stock.quantity(id, 0, errs), CategoryKeys: shelves[id],
			Visible:   p.active && p.visibility != "none",
			CreatedAt: errs.Time("date_add", p.created, r.zone),
			ChangedAt: later(errs.Time("date_upd", p.changed, r.zone), errs.Time("product_shop, date_upd", p.changedHere, r.zone)),
		}
		cheapest := tariff.price(p, combination{}, errs)
		for i, c := range combinations[id] {
			q := tariff.price(p, c, errs)
			if i == 0 || q.now.LessThan(cheapest.now) {
				cheapest = q
			}
			row.Variants = append(row.Variants, adapters.Variant{Key: foreign.Str(c.id), SKU: foreign.Plain(c.sku), Name: values[c.id], Price: q.text(p),
				Stock: stock.of(id, c.id), StockQuantity: stock.quantity(id, c.id, errs)})
		}
		row.Price, row.RegularPrice = cheapest.text(p), cheapest.regularText(p)
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

// productRows reads what the shop's own row says and, of a product that only other shops have, what the common one says.
func (r *reader) productRows(ctx context.Context, ids []int64) (map[int64]product, error) {
	found := map[int64]product{}
	err := r.Each(ctx, "products", `SELECT t.id_product, t.reference, t.date_add, t.date_upd, h.date_upd, COALESCE(h.price, t.price), COALESCE(h.id_tax_rules_group, t.id_tax_rules_group),
			COALESCE(h.active, t.active), COALESCE(h.available_for_order, t.available_for_order) = 1 AND COALESCE(h.show_price, t.show_price) = 1, COALESCE(h.visibility, t.visibility)
		FROM {product} t LEFT JOIN {product_shop} h ON h.id_product = t.id_product AND h.id_shop = ? WHERE t.id_product `+follow.In(ids)+" AND "+r.saved(), []any{r.shop},
		func(scan func(...any) error) error {
			var p product
			err := scan(&p.id, follow.Text(&p.sku), follow.Text(&p.created), follow.Text(&p.changed), follow.Text(&p.changedHere), &p.price, &p.taxGroup, &p.active, &p.forSale, &p.visibility)
			found[p.id] = p
			return err
		})
	return found, err
}

func (r *reader) productWords(ctx context.Context, ids []int64) (map[int64]words, error) {
	all := map[int64]words{}
	err := r.Each(ctx, "products' names", "SELECT id_product, id_shop, id_lang, name, link_rewrite FROM {product_lang} WHERE id_product "+follow.In(ids)+" ORDER BY id_product, id_shop, id_lang", nil,
		func(scan func(...any) error) error {
			var id, shop, lang int64
			var name, slug string
			if err := scan(&id, &shop, &lang, &name, &slug); err != nil {
				return err
			}
			w := all[id]
			w.better(foreign.Plain(name), slug, r.rank(shop, lang))
			all[id] = w
			return nil
		})
	return all, err
}

// shelves are the categories that a product is in, without the roots, which are no shelves.
func (r *reader) shelves(ctx context.Context, ids []int64) (map[int64][]string, error) {
	all := map[int64][]string{}
	err := r.Each(ctx, "products' categories", `SELECT g.id_product, g.id_category FROM {category_product} g JOIN {category} t ON t.id_category = g.id_category
		WHERE g.id_product `+follow.In(ids)+" AND "+shelf+" ORDER BY g.id_product, g.id_category", nil, func(scan func(...any) error) error {
		var id, category int64
		err := scan(&id, &category)
		all[id] = append(all[id], foreign.Str(category))
		return err
	})
	return all, err
}

// covers are the pictures that products are shown by.
func (r *reader) covers(ctx context.Context, ids []int64) (map[int64]int64, error) {
	all := map[int64]int64{}
	err := r.Each(ctx, "products' pictures", "SELECT id_product, id_image FROM {image_shop} WHERE id_product "+follow.In(ids)+" AND id_shop = ? AND cover = 1", []any{r.shop},
		func(scan func(...any) error) error {
			var id, image int64
			err := scan(&id, &image)
			all[id] = image
			return err
		})
	return all, err
}

// image is a picture's own file: /img/p/1/8/0/1/1801.jpg.
func (r *reader) image(id int64) string {
	if id <= 0 {
		return ""
	}
	digits := strconv.FormatInt(id, 10)
	return r.home + "/img/p/" + strings.Join(strings.Split(digits, ""), "/") + "/" + digits + ".jpg"
}

// languagePrefix is what addresses have behind the shop's own where it speaks several languages: "sl/".
func (r *reader) languagePrefix(ctx context.Context) (prefix string, err error) {
	err = r.One(ctx, "languages", "SELECT IF((SELECT COUNT(*) FROM {lang} WHERE active = 1) > 1, COALESCE((SELECT CONCAT(iso_code, '/') FROM {lang} WHERE id_lang = ?), ''), '')", []any{r.lang()}, &prefix)
	return prefix, err
}

// productURL is the address that shoppers know, which PrestaShop completes by itself where a shop has the category in it.
// Where the shop has thought up addresses of its own, it is the one by id, which PrestaShop always answers.
func (r *reader) productURL(prefix string, id int64, slug string) string {
	if slug == "" || !r.on("PS_REWRITING_SETTINGS") || r.settings["PS_ROUTE_product_rule"] != "" {
		return fmt.Sprintf("%s/index.php?controller=product&id_product=%d", r.home, id)
	}
	return fmt.Sprintf("%s/%s%d-%s.html", r.home, prefix, id, slug)
}

// combinations are the forms that a product has in this shop.
func (r *reader) combinations(ctx context.Context, ids []int64) (map[int64][]combination, error) {
	all := map[int64][]combination{}
	err := r.Each(ctx, "combinations", `SELECT v.id_product, v.id_product_attribute, v.reference, w.price
		FROM {product_attribute} v JOIN {product_attribute_shop} w ON w.id_product_attribute = v.id_product_attribute AND w.id_shop = ?
		WHERE v.id_product `+follow.In(ids)+" ORDER BY v.id_product_attribute", []any{r.shop}, func(scan func(...any) error) error {
		var product int64
		var c combination
		err := scan(&product, &c.id, follow.Text(&c.sku), &c.impact)
		all[product] = append(all[product], c)
		return err
	})
	return all, err
}

// attributes names combinations by what sets them apart, in the order that the shop lists its attributes in: "1 kg, ground".
func (r *reader) attributes(ctx context.Context, products []int64) (map[int64]string, error) {
	type value struct {
		combination, attribute int64
		words                  words
	}
	var values []value
	err := r.Each(ctx, "combinations' attributes", `SELECT m.id_product_attribute, m.id_attribute, COALESCE(n.id_lang, 0), n.name
		FROM {product_attribute} v JOIN {product_attribute_combination} m ON m.id_product_attribute = v.id_product_attribute
		JOIN {attribute} a ON a.id_attribute = m.id_attribute JOIN {attribute_group} g ON g.id_attribute_group = a.id_attribute_group
		LEFT JOIN {attribute_lang} n ON n.id_attribute = m.id_attribute
		WHERE v.id_product `+follow.In(products)+" ORDER BY m.id_product_attribute, g.position, g.id_attribute_group, m.id_attribute, n.id_lang", nil,
		func(scan func(...any) error) error {
			var v value
			var lang int64
			var name string
			if err := scan(&v.combination, &v.attribute, &lang, follow.Text(&name)); err != nil {
				return err
			}
			if n := len(values); n == 0 || values[n-1].combination != v.combination || values[n-1].attribute != v.attribute {
				values = append(values, v)
			}
			values[len(values)-1].words.better(foreign.Plain(name), "", r.rank(r.shop, lang))
			return nil
		})
	named := map[int64]string{}
	for _, v := range values {
		switch {
		case v.words.name == "":
		case named[v.combination] == "":
			named[v.combination] = v.words.name
		default:
			named[v.combination] += ", " + v.words.name
		}
	}
	return named, err
}
