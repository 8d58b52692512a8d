package bitrix

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// published is the condition for an element to be one of its own: the workflow module keeps the copies that are being
// edited in the same table.
const published = "WF_PARENT_ELEMENT_ID IS NULL"

// productsSource follows the elements of the iblocks that are sold from; an offer delivers its product. New ones are found
// by their id. Nothing that changes has an index on its time: TIMESTAMP_X of an element is a DATETIME in the shop's zone,
// that of its stock and prices a TIMESTAMP. So each minute a sweep looks at these three, 4,000 elements a poll, and 50
// products are delivered again whatever their times: a change of a price or the stock is found after a minute in a shop of
// 4,000 products and offers, after ten in one of 500,000. Property values, such as the article number, and sections have no
// time at all; theirs are found by the roll over the newest 2,000 elements, or by reconciling.
func (r *reader) productsSource() follow.Source {
	products, offers := follow.In(r.catalogIDs(catalog.products)), follow.In(r.catalogIDs(catalog.offers))
	all := follow.In(r.catalogIDs(func(catalog) bool { return true }))
	target := "CASE WHEN t.IBLOCK_ID " + products + " THEN t.ID"
	for _, c := range r.catalogs {
		if c.offers() {
			target += fmt.Sprintf(" WHEN t.IBLOCK_ID = %d THEN %s", c.id, c.linkOf("t.ID"))
		}
	}
	src := follow.Source{
		Letter: 'p', What: "products", Table: "{iblock_element}", ID: "ID",
		Own: "IBLOCK_ID " + products + " AND " + published, Any: "IBLOCK_ID " + all + " AND " + published,
		Target: target + " ELSE 0 END",
		Window: 20_000,
		Parts:  r.productParts(products, offers),
	}
	src.Sweep, src.Roll = r.sweepProducts(src), src.RollNewest(2_000)
	return src
}

const productStep = 4_000

func (r *reader) sweepProducts(src follow.Source) follow.Sweep {
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
		var step follow.Stride
		looked := 0
		// A derived table that ends in LIMIT is worked out first; only its rows are then looked up.
		err := db.Each(ctx, "products", `SELECT t.ID, `+src.Target+`, t.TIMESTAMP_X >= ? OR c.TIMESTAMP_X >= FROM_UNIXTIME(?)
				OR EXISTS (SELECT 1 FROM {catalog_price} v WHERE v.PRODUCT_ID = t.ID AND v.TIMESTAMP_X >= FROM_UNIXTIME(?))
			FROM (SELECT k.ID FROM {iblock_element} k FORCE INDEX (PRIMARY) WHERE k.ID > ? AND k.`+src.Any+` ORDER BY k.ID LIMIT ?) few
			JOIN {iblock_element} t ON t.ID = few.ID LEFT JOIN {catalog_product} c ON c.ID = t.ID ORDER BY t.ID`,
			[]any{r.local(p.ChangedSince()), p.ChangedSince(), p.ChangedSince(), p.Swept(), productStep}, func(scan func(...any) error) error {
				var h follow.Hit
				var changed *bool
				if err := scan(&h.ID, &h.Target, &changed); err != nil {
					return err
				}
				looked++
				if len(step.Hits) < limit {
					if step.End = h.ID; changed != nil && *changed {
						step.Hits = append(step.Hits, h)
					}
				}
				return nil
			})
		step.Last = looked < productStep && len(step.Hits) < limit
		return step, err
	}
}

func (r *reader) productParts(products, offers string) []follow.Part {
	parts := []follow.Part{
		{Table: "{iblock_element} e LEFT JOIN {catalog_product} c ON c.ID = e.ID", Key: "e.ID", Where: "e.IBLOCK_ID " + products + " AND e." + published,
			Columns: []string{"e.ID", "e.NAME", "e.CODE", "e.ACTIVE", "e.ACTIVE_FROM", "e.ACTIVE_TO", "e.WF_STATUS_ID", "e.IBLOCK_SECTION_ID", "e.XML_ID", "e.DETAIL_PICTURE",
				"e.PREVIEW_PICTURE", "e.DATE_CREATE", "e.TIMESTAMP_X", "c.QUANTITY", "c.QUANTITY_TRACE", "c.CAN_BUY_ZERO"}},
		{Table: "{catalog_price} v", Key: "v.PRODUCT_ID", Columns: []string{"v.ID", "v.CATALOG_GROUP_ID", "v.PRICE", "v.CURRENCY", "v.QUANTITY_FROM"}},
		{Table: "{iblock_section_element} s", Key: "s.IBLOCK_ELEMENT_ID", Columns: []string{"s.IBLOCK_SECTION_ID", "s.ADDITIONAL_PROPERTY_ID"}},
	}
	for _, c := range r.catalogs {
		if c.offers() {
			table, product, condition := c.links()
			parts = append(parts, follow.Part{
				Table: table + " JOIN {iblock_element} e ON e.ID = l.IBLOCK_ELEMENT_ID LEFT JOIN {catalog_product} c ON c.ID = e.ID LEFT JOIN {catalog_price} v ON v.PRODUCT_ID = e.ID",
				Key:   product, Where: condition + " AND e." + published,
				Columns: []string{"e.ID", "e.NAME", "e.ACTIVE", "e.SORT", "e.WF_STATUS_ID", "c.QUANTITY", "c.QUANTITY_TRACE", "c.CAN_BUY_ZERO", "v.ID", "v.CATALOG_GROUP_ID", "v.PRICE", "v.CURRENCY"},
			})
			for _, p := range append(c.article(r.cfg.ArticleCodes), c.choices()...) {
				part := c.part(p)
				part.Table, part.Key, part.Where = table+" JOIN "+part.Table+" ON p.IBLOCK_ELEMENT_ID = l.IBLOCK_ELEMENT_ID", product, part.Where+" AND "+condition
				parts = append(parts, part)
			}
			continue
		}
		for _, p := range c.article(r.cfg.ArticleCodes) {
			parts = append(parts, c.part(p))
		}
	}
	return parts
}

// part sums up a property of the catalogue's elements.
func (c catalog) part(p property) follow.Part {
	part := follow.Part{Table: "{iblock_element_property} p", Key: "p.IBLOCK_ELEMENT_ID", Where: fmt.Sprintf("p.IBLOCK_PROPERTY_ID = %d", p.id), Columns: []string{"p.ID", "p.VALUE"}}
	switch {
	case c.version == 2 && p.multiple:
		part.Table = "{" + c.multiple() + "} p"
	case c.version == 2:
		part.Table, part.Where, part.Columns = "{"+c.single()+"} p", "TRUE", []string{fmt.Sprintf("p.PROPERTY_%d", p.id)}
	}
	return part
}

// Products reads the products of all catalogues with their offers as variants. Offers that wait for their product, as an
// exchange leaves them when it is interrupted, are no products.
func (s *Shop) Products(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Product], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Product]{}, err
	}
	if err := r.loadCatalogs(ctx); err != nil {
		return adapters.Page[adapters.Product]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), r.productsSource(), after, limit, r.products)
}

// element is a product or an offer, in text, before anything is believed.
type element struct {
	id, iblock, section, parent, sort           int64
	name, code, xml, active, from, to, workflow string
	created, changed                            string
	subdir, file, handler                       string
	sectionCode                                 string
	stock                                       stock
}

// shown says whether shoppers see an element at a moment.
func (e element) shown(from, to, now time.Time) bool {
	return e.active == "Y" && (e.workflow == "1" || e.workflow == "") && (from.IsZero() || !from.After(now)) && (to.IsZero() || to.After(now))
}

const elementColumns = `e.ID, e.IBLOCK_ID, COALESCE(e.IBLOCK_SECTION_ID, 0), e.SORT, e.NAME, e.CODE, e.XML_ID, e.ACTIVE, e.ACTIVE_FROM, e.ACTIVE_TO, e.WF_STATUS_ID,
	e.DATE_CREATE, e.TIMESTAMP_X, c.ID IS NOT NULL, c.QUANTITY, c.QUANTITY_TRACE, c.CAN_BUY_ZERO`

func (e *element) columns() []any {
	return []any{&e.id, &e.iblock, &e.section, &e.sort, follow.Text(&e.name), follow.Text(&e.code), follow.Text(&e.xml), follow.Text(&e.active), follow.Text(&e.from),
		follow.Text(&e.to), follow.Text(&e.workflow), follow.Text(&e.created), follow.Text(&e.changed), &e.stock.kept, follow.Text(&e.stock.quantity),
		follow.Text(&e.stock.trace), follow.Text(&e.stock.zero)}
}

// page is all that belongs to the products of a page. It costs a constant number of statements for each iblock.
type page struct {
	elements map[int64]element
	offers   map[int64][]element // by product
	prices   map[int64][]price
	rates    map[string]string
	sections map[int64][]string
	articles map[int64]string
	names    map[int64]string // of offers: what sets them apart
	paths    map[int64]string // of sections
}

func (r *reader) products(ctx context.Context, ids []int64) ([]adapters.Product, []adapters.BadRow, error) {
	p, err := r.productPage(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Product
	var bad []adapters.BadRow
	for _, id := range ids {
		e, ok := p.elements[id]
		if !ok {
			continue
		}
		errs := foreign.NewCheck(map[string]string{"NAME": e.name, "ACTIVE": e.active, "TIMESTAMP_X": e.changed, "DATE_CREATE": e.created, "QUANTITY": e.stock.quantity})
		row := r.product(e, p, errs)
		for _, o := range p.offers[id] {
			row.Variants = append(row.Variants, r.variant(o, p, errs))
		}
		if len(row.Variants) > 0 {
			row.Price, row.Stock, row.StockQuantity = lowest(row.Variants), best(row.Variants), ""
		}
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (r *reader) product(e element, p page, errs *foreign.Check) adapters.Product {
	c := r.find(e.iblock)
	from, to := errs.Time("ACTIVE_FROM", e.from, r.zone), errs.Time("ACTIVE_TO", e.to, r.zone)
	available, quantity := r.stock(e.stock, errs)
	return adapters.Product{
		Key: foreign.Str(e.id), SKU: p.articles[e.id], Name: foreign.Plain(e.name), URL: r.address(c, c.detailPage, addressOf(e, p.paths)),
		ImageURL: r.image(e.subdir, e.file, e.handler), Price: r.price(p.prices[e.id], p.rates, errs),
		Stock: available, StockQuantity: quantity, Visible: c.active && e.shown(from, to, r.cfg.Now()), CategoryKeys: p.sections[e.id],
		CreatedAt: errs.Time("DATE_CREATE", e.created, r.zone), ChangedAt: errs.Time("TIMESTAMP_X", e.changed, r.zone),
	}
}

// variant has its own name only where it has no values that set it apart.
func (r *reader) variant(o element, p page, errs *foreign.Check) adapters.Variant {
	available, quantity := r.stock(o.stock, errs)
	return adapters.Variant{Key: foreign.Str(o.id), SKU: p.articles[o.id], Name: cmp.Or(p.names[o.id], foreign.Plain(o.name)),
		Price: r.price(p.prices[o.id], p.rates, errs), Stock: available, StockQuantity: quantity}
}

func (r *reader) productPage(ctx context.Context, ids []int64) (p page, err error) {
	if p.elements, err = r.elements(ctx, ids); err != nil {
		return p, err
	}
	if p.offers, err = r.offers(ctx, ids); err != nil {
		return p, err
	}
	all, byIblock := slices.Clone(ids), map[int64][]int64{}
	for _, e := range p.elements {
		byIblock[e.iblock] = append(byIblock[e.iblock], e.id)
	}
	for _, list := range p.offers {
		for _, o := range list {
			all, byIblock[o.iblock] = append(all, o.id), append(byIblock[o.iblock], o.id)
		}
	}
	if p.prices, p.rates, err = r.prices(ctx, all); err != nil {
		return p, err
	}
	if p.sections, err = r.sectionsOf(ctx, ids); err != nil {
		return p, err
	}
	if p.articles, err = r.articles(ctx, byIblock); err != nil {
		return p, err
	}
	if p.names, err = r.offerNames(ctx, byIblock); err != nil {
		return p, err
	}
	p.paths, err = r.paths(ctx, p.elements)
	return p, err
}

func (r *reader) elements(ctx context.Context, ids []int64) (map[int64]element, error) {
	found := map[int64]element{}
	err := r.Each(ctx, "products", "SELECT "+elementColumns+`, f.SUBDIR, f.FILE_NAME, f.HANDLER_ID, s.CODE
		FROM {iblock_element} e LEFT JOIN {catalog_product} c ON c.ID = e.ID
		LEFT JOIN {file} f ON f.ID = COALESCE(NULLIF(e.DETAIL_PICTURE, 0), e.PREVIEW_PICTURE)
		LEFT JOIN {iblock_section} s ON s.ID = e.IBLOCK_SECTION_ID
		WHERE e.ID `+follow.In(ids)+" AND e.IBLOCK_ID "+follow.In(r.catalogIDs(catalog.products))+" AND e."+published, nil, func(scan func(...any) error) error {
		var e element
		err := scan(append(e.columns(), follow.Text(&e.subdir), follow.Text(&e.file), follow.Text(&e.handler), follow.Text(&e.sectionCode))...)
		found[e.id] = e
		return err
	})
	return found, err
}

// offers are those that can be had of each product, as shoppers see them in order.
func (r *reader) offers(ctx context.Context, ids []int64) (map[int64][]element, error) {
	found := map[int64][]element{}
	now := r.local(r.cfg.Now().Unix())
	for _, c := range r.catalogs {
		if !c.offers() {
			continue
		}
		table, product, condition := c.links()
		err := r.Each(ctx, "offers", "SELECT CAST("+product+" AS SIGNED), "+elementColumns+" FROM "+table+` JOIN {iblock_element} e ON e.ID = l.IBLOCK_ELEMENT_ID
			LEFT JOIN {catalog_product} c ON c.ID = e.ID WHERE `+product+" "+follow.In(ids)+" AND "+condition+" AND e."+published+` AND e.ACTIVE = 'Y' AND COALESCE(e.WF_STATUS_ID, 1) = 1
			AND (e.ACTIVE_FROM IS NULL OR e.ACTIVE_FROM <= ?) AND (e.ACTIVE_TO IS NULL OR e.ACTIVE_TO > ?)`, []any{now, now}, func(scan func(...any) error) error {
			var o element
			err := scan(append([]any{&o.parent}, o.columns()...)...)
			found[o.parent] = append(found[o.parent], o)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b element) int { return cmp.Or(cmp.Compare(a.sort, b.sort), cmp.Compare(a.id, b.id)) })
	}
	return found, nil
}

// offerNames puts "250 g, whole bean" together of what shoppers choose by.
func (r *reader) offerNames(ctx context.Context, elements map[int64][]int64) (map[int64]string, error) {
	names := map[int64]string{}
	for _, c := range r.catalogs {
		ids, choices := elements[c.id], c.choices()
		if !c.offers() || len(ids) == 0 || len(choices) == 0 {
			continue
		}
		v := values{}
		if err := r.read(ctx, v, c, choices, ids); err != nil {
			return nil, err
		}
		for _, p := range choices {
			var texts []string
			for _, id := range ids {
				if text := v[id][p.id]; text != "" {
					texts = append(texts, text)
				}
			}
			words, err := r.words(ctx, p, texts)
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				if text := v[id][p.id]; text != "" {
					names[id] = strings.TrimPrefix(names[id]+", "+foreign.Plain(cmp.Or(words[text], text)), ", ")
				}
			}
		}
	}
	return names, nil
}

// sectionsOf gives the sections that hold each product. Rows with a property belong to that property, not to the catalogue.
func (r *reader) sectionsOf(ctx context.Context, ids []int64) (map[int64][]string, error) {
	found := map[int64][]string{}
	err := r.Each(ctx, "products' sections", "SELECT IBLOCK_ELEMENT_ID, IBLOCK_SECTION_ID FROM {iblock_section_element} WHERE IBLOCK_ELEMENT_ID "+follow.In(ids)+
		" AND ADDITIONAL_PROPERTY_ID IS NULL ORDER BY IBLOCK_ELEMENT_ID, IBLOCK_SECTION_ID", nil, func(scan func(...any) error) error {
		var element, section int64
		err := scan(&element, &section)
		found[element] = append(found[element], foreign.Str(section))
		return err
	})
	return found, err
}
