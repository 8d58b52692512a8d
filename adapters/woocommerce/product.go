package woocommerce

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// productsSource follows products. post_modified_gmt has no index, and what a sale does to the stock moves no time at all.
// But there are few products, and the index on (type, status, date, id) finds them without touching other posts. So each
// minute a sweep looks at the times of products and variations, 2,000 a round, and 50 products are delivered again whatever
// their times: a change of a price is in the mirror after a minute, a change of the stock of 1,000 products within 20.
func productsSource() follow.Source {
	return follow.Source{
		Letter: 'p', What: "products", Table: "{posts}", ID: "ID",
		Own: "post_type = 'product'", Any: "post_type IN ('product','product_variation')",
		Target: "CASE t.post_type WHEN 'product' THEN t.ID WHEN 'product_variation' THEN t.post_parent ELSE 0 END",
		Window: 20_000,
		Sweep:  sweepProducts, Roll: rollProducts,
		Parts: []follow.Part{
			{Table: "{posts} p", Key: "p.ID", Where: "p.post_type = 'product'", Columns: []string{"p.ID", "p.post_title", "p.post_name", "p.post_status", "p.post_password",
				"p.post_date", "p.post_date_gmt", "p.post_modified_gmt"}},
			{Table: "{postmeta} m", Key: "m.post_id", Where: "m.meta_key IN (" + productKeys + ")", Columns: []string{"m.meta_id", "m.meta_key", "m.meta_value"}},
			{Table: "{posts} v LEFT JOIN {postmeta} m ON m.post_id = v.ID AND (m.meta_key LIKE 'attribute\\_%' OR m.meta_key IN (" + variationKeys + "))", Key: "v.post_parent",
				Where: "v.post_type = 'product_variation' AND v.post_status = 'publish'", Columns: []string{"v.ID", "v.menu_order", "m.meta_id", "m.meta_key", "m.meta_value"}},
			{Table: "{term_relationships} r", Key: "r.object_id", Columns: []string{"r.term_taxonomy_id"}},
		},
	}
}

var (
	productKeys   = follow.Quoted("_sku", "_price", "_regular_price", "_manage_stock", "_stock", "_stock_status", "_thumbnail_id", "_product_attributes")
	variationKeys = follow.Quoted("_sku", "_price", "_regular_price", "_manage_stock", "_stock", "_stock_status")
)

const productStep = 2_000

func sweepProducts(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
	var step follow.Stride
	looked := 0
	// A derived table that ends in LIMIT is worked out first, from the index alone; only its rows are then looked up.
	err := db.Each(ctx, "products", `SELECT t.ID, `+productsSource().Target+`, t.post_modified_gmt >= FROM_UNIXTIME(?) FROM (
			SELECT k.ID FROM {posts} k FORCE INDEX (type_status_date) WHERE k.post_type IN ('product','product_variation') AND k.ID > ?
			ORDER BY k.ID LIMIT ?) few JOIN {posts} t ON t.ID = few.ID ORDER BY t.ID`,
		[]any{p.ChangedSince(), p.Swept(), productStep}, func(scan func(...any) error) error {
			var h follow.Hit
			var changed bool
			if err := scan(&h.ID, &h.Target, &changed); err != nil {
				return err
			}
			looked++
			if step.End = h.ID; changed && len(step.Hits) < limit {
				step.Hits = append(step.Hits, h)
			}
			return nil
		})
	step.Last = looked < productStep
	return step, err
}

func rollProducts(ctx context.Context, db follow.DB, p follow.Place, limit int) (hits []follow.Hit, err error) {
	err = db.Each(ctx, "products", "SELECT ID FROM {posts} FORCE INDEX (type_status_date) WHERE post_type = 'product' AND ID > ? ORDER BY ID LIMIT ?",
		[]any{p.Rolled(), limit}, func(scan func(...any) error) error {
			var h follow.Hit
			if err := scan(&h.ID); err != nil {
				return err
			}
			h.Target = h.ID
			hits = append(hits, h)
			return nil
		})
	return hits, err
}

// Products reads products with their variations. Drafts and private ones are delivered as not visible.
func (s *Shop) Products(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Product], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Product]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), productsSource(), after, limit, r.products)
}

// post is a product or a variation.
type post struct {
	id, parent                      int64
	title, name, status, password   string
	created, createdLocal, modified string
	meta                            meta
}

// terms is what the taxonomies say of one product.
type terms struct {
	categories []string
	visibility []string // slugs
}

// products costs six statements, however many products there are.
func (r *reader) products(ctx context.Context, ids []int64) ([]adapters.Product, []adapters.BadRow, error) {
	posts, err := r.productPosts(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	variations, err := r.variations(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	terms, err := r.productTerms(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	pictures, err := r.pictures(ctx, posts)
	if err != nil {
		return nil, nil, err
	}
	names, err := r.attributeNames(ctx, variations)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Product
	var bad []adapters.BadRow
	for _, id := range ids {
		p, ok := posts[id]
		if !ok {
			continue
		}
		errs := foreign.NewCheck(map[string]string{"post_title": p.title, "post_status": p.status, "_price": p.meta.get("_price"), "_stock": p.meta.get("_stock")})
		row := r.product(p, terms[id], pictures, errs)
		order := attributeOrder(p.meta.get("_product_attributes"))
		lowest, regular := "", ""
		for _, v := range variations[id] {
			variant := variation(v, order, names, errs)
			row.Variants = append(row.Variants, variant)
			if variant.Price != "" && (lowest == "" || less(variant.Price, lowest)) {
				lowest, regular = variant.Price, price(v.meta, "_regular_price", errs)
			}
		}
		if row.RegularPrice == "" {
			row.RegularPrice = regular // the parent of variations has none itself
		}
		if row.Price == "" || row.RegularPrice == "" || !less(row.Price, row.RegularPrice) {
			row.RegularPrice = ""
		}
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (r *reader) product(p post, t terms, pictures map[int64]string, errs *foreign.Check) adapters.Product {
	hidden := slices.Contains(t.visibility, "exclude-from-catalog") && slices.Contains(t.visibility, "exclude-from-search")
	return adapters.Product{
		Key: foreign.Str(p.id), SKU: foreign.Plain(p.meta.get("_sku")), Name: foreign.Plain(p.title), URL: r.productURL(p),
		ImageURL: r.image(pictures[foreign.ID(p.meta.get("_thumbnail_id"))]),
		Price:    price(p.meta, "_price", errs), RegularPrice: price(p.meta, "_regular_price", errs),
		Stock: stock(p.meta.get("_stock_status")), StockQuantity: quantity(p.meta, errs),
		Visible: p.status == "publish" && p.password == "" && !hidden, CategoryKeys: t.categories,
		CreatedAt: foreign.Known(errs.Time("post_date_gmt", p.created, nil), errs.Time("post_date", p.createdLocal, r.zone)),
		ChangedAt: errs.Time("post_modified_gmt", p.modified, nil),
		Deleted:   p.status == "trash" || p.status == "auto-draft",
	}
}

// productURL is the address that shoppers know, or the one by id, which WordPress always answers.
func (r *reader) productURL(p post) string {
	if base, _ := r.bases(); base != "" && p.name != "" {
		return r.address(base, p.name)
	}
	return r.home() + "/?p=" + foreign.Str(p.id)
}

// price is the lowest of a key's values: the parent of variations has one _price for each that differs.
func price(m meta, name string, errs *foreign.Check) string {
	var lowest *decimal.Decimal
	for _, text := range m[name] {
		if strings.TrimSpace(text) == "" {
			continue
		}
		if d := errs.Number(name, text); lowest == nil || d.LessThan(*lowest) {
			lowest = &d
		}
	}
	if lowest == nil {
		return ""
	}
	return lowest.String()
}

func less(a, b string) bool {
	x, errX := decimal.NewFromString(a)
	y, errY := decimal.NewFromString(b)
	return errX == nil && errY == nil && x.LessThan(y)
}

// quantity is empty where the shop does not count.
func quantity(m meta, errs *foreign.Check) string {
	if m.get("_manage_stock") != "yes" || m.get("_stock") == "" {
		return ""
	}
	return errs.Number("_stock", m.get("_stock")).String()
}

func variation(v post, order []string, names map[string]string, errs *foreign.Check) adapters.Variant {
	return adapters.Variant{
		Key: foreign.Str(v.id), SKU: foreign.Plain(v.meta.get("_sku")), Name: variationName(v.meta, order, names),
		Price: price(v.meta, "_price", errs), Stock: stock(v.meta.get("_stock_status")), StockQuantity: quantity(v.meta, errs),
	}
}

const attributePrefix = "attribute_"

// variationName is "1 kg, whole bean": the values in the order that the product lists its attributes in. A value that is
// empty stands for "any" and says nothing.
func variationName(m meta, order []string, names map[string]string) string {
	var parts []string
	add := func(attribute string) {
		if slug := m.get(attributePrefix + attribute); slug != "" {
			parts = append(parts, foreign.Plain(cmp.Or(names[attribute+"\x00"+slug], slug)))
		}
	}
	for _, attribute := range order {
		add(attribute)
	}
	var rest []string
	for name := range m {
		if attribute, ok := strings.CutPrefix(name, attributePrefix); ok && !slices.Contains(order, attribute) {
			rest = append(rest, attribute)
		}
	}
	slices.Sort(rest)
	for _, attribute := range rest {
		add(attribute)
	}
	return strings.Join(parts, ", ")
}

// attributeOrder reads the product's _product_attributes, a serialised array by the attribute's name with a position in
// each. Where it cannot be read the names' own order has to do: it is not worth losing the product.
func attributeOrder(serialised string) []string {
	v, err := foreign.ParsePHP(serialised)
	if err != nil {
		return nil
	}
	slices.SortStableFunc(v.Entries, func(a, b foreign.Entry) int {
		return cmp.Compare(foreign.ID(a.Value.Get("position").Text), foreign.ID(b.Value.Get("position").Text))
	})
	names := make([]string, 0, len(v.Entries))
	for _, e := range v.Entries {
		names = append(names, e.Key)
	}
	return names
}

func (r *reader) productPosts(ctx context.Context, ids []int64) (map[int64]post, error) {
	metas, err := r.metadata(ctx, "products", "SELECT post_id, meta_id, meta_key, meta_value FROM {postmeta} WHERE post_id "+follow.In(ids)+
		" AND meta_key IN ("+productKeys+")")
	if err != nil {
		return nil, err
	}
	posts := map[int64]post{}
	err = r.Each(ctx, "products", `SELECT ID, post_title, post_name, post_status, post_password, post_date, post_date_gmt, post_modified_gmt
		FROM {posts} WHERE ID `+follow.In(ids)+" AND post_type = 'product'", nil, func(scan func(...any) error) error {
		var p post
		if err := scan(&p.id, &p.title, &p.name, &p.status, &p.password, &p.createdLocal, &p.created, &p.modified); err != nil {
			return err
		}
		p.meta = metas[p.id]
		posts[p.id] = p
		return nil
	})
	return posts, err
}

// variations are a product's forms that can be bought; WooCommerce makes one private when it is switched off.
func (r *reader) variations(ctx context.Context, ids []int64) (map[int64][]post, error) {
	of := "p.post_parent " + follow.In(ids) + " AND p.post_type = 'product_variation' AND p.post_status = 'publish'"
	metas, err := r.metadata(ctx, "variations", `SELECT m.post_id, m.meta_id, m.meta_key, m.meta_value FROM {posts} p JOIN {postmeta} m ON m.post_id = p.ID
		WHERE `+of+` AND (m.meta_key LIKE 'attribute\_%' OR m.meta_key IN (`+variationKeys+`))`)
	if err != nil {
		return nil, err
	}
	all := map[int64][]post{}
	err = r.Each(ctx, "variations", "SELECT p.ID, p.post_parent FROM {posts} p WHERE "+of+" ORDER BY p.post_parent, p.menu_order, p.ID", nil,
		func(scan func(...any) error) error {
			var v post
			if err := scan(&v.id, &v.parent); err != nil {
				return err
			}
			v.meta = metas[v.id]
			all[v.parent] = append(all[v.parent], v)
			return nil
		})
	return all, err
}

// productTerms goes from a product to its terms by term_taxonomy_id, which is not term_id.
func (r *reader) productTerms(ctx context.Context, ids []int64) (map[int64]terms, error) {
	all := map[int64]terms{}
	err := r.Each(ctx, "products' categories", `SELECT tr.object_id, tt.taxonomy, tt.term_id, t.slug FROM {term_relationships} tr
		JOIN {term_taxonomy} tt ON tt.term_taxonomy_id = tr.term_taxonomy_id JOIN {terms} t ON t.term_id = tt.term_id
		WHERE tr.object_id `+follow.In(ids)+` AND tt.taxonomy IN ('product_cat','product_visibility') ORDER BY tr.object_id, tt.term_id`, nil,
		func(scan func(...any) error) error {
			var id, term int64
			var taxonomy, slug string
			if err := scan(&id, &taxonomy, &term, &slug); err != nil {
				return err
			}
			t := all[id]
			if taxonomy == "product_cat" {
				t.categories = append(t.categories, foreign.Str(term))
			} else {
				t.visibility = append(t.visibility, slug)
			}
			all[id] = t
			return nil
		})
	return all, err
}

// pictures gives the file of each attachment that a product shows.
func (r *reader) pictures(ctx context.Context, posts map[int64]post) (map[int64]string, error) {
	var ids []int64
	for _, p := range posts {
		if id := foreign.ID(p.meta.get("_thumbnail_id")); id > 0 {
			ids = append(ids, id)
		}
	}
	files := map[int64]string{}
	if len(ids) == 0 {
		return files, nil
	}
	metas, err := r.metadata(ctx, "pictures", "SELECT post_id, meta_id, meta_key, meta_value FROM {postmeta} WHERE post_id "+follow.In(ids)+
		" AND meta_key = '_wp_attached_file'")
	for id, m := range metas {
		files[id] = m.get("_wp_attached_file")
	}
	return files, err
}

// attributeNames finds what people call the values of shared attributes (taxonomies named pa_…), of which a variation
// holds only the slug. Values that only one product has are kept as they are read.
func (r *reader) attributeNames(ctx context.Context, variations map[int64][]post) (map[string]string, error) {
	names := map[string]string{}
	taxonomies, slugs := map[string]bool{}, map[string]bool{}
	for _, list := range variations {
		for _, v := range list {
			for name := range v.meta {
				attribute, ok := strings.CutPrefix(name, attributePrefix)
				if slug := v.meta.get(name); ok && slug != "" && strings.HasPrefix(attribute, "pa_") {
					taxonomies[attribute], slugs[slug] = true, true
				}
			}
		}
	}
	if len(slugs) == 0 {
		return names, nil
	}
	var args []any
	marks := func(set map[string]bool) string {
		for text := range set {
			args = append(args, text)
		}
		return strings.TrimSuffix(strings.Repeat("?,", len(set)), ",")
	}
	err := r.Each(ctx, "attributes", fmt.Sprintf(`SELECT tt.taxonomy, t.slug, t.name FROM {terms} t JOIN {term_taxonomy} tt ON tt.term_id = t.term_id
		WHERE t.slug IN (%s) AND tt.taxonomy IN (%s)`, marks(slugs), marks(taxonomies)), args, func(scan func(...any) error) error {
		var taxonomy, slug, name string
		if err := scan(&taxonomy, &slug, &name); err != nil {
			return err
		}
		names[taxonomy+"\x00"+slug] = name
		return nil
	})
	return names, err
}
