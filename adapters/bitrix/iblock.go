package bitrix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// Products are elements of information blocks (iblocks). One block holds the products that shoppers see; where they come in
// forms, the forms (offers) are elements of a second block, and a property of theirs names the product. b_catalog_iblock
// says which blocks are what.

// catalog is an iblock of products or of offers.
type catalog struct {
	id, of, link            int64 // of: the iblock whose products these are the offers of, and link the property that says which; or 0
	version                 int   // of how properties are stored: 1 in rows, 2 in a table of the iblock's own
	active                  bool
	code, kind, xml, site   string
	detailPage, sectionPage string // templates of addresses
	properties              []property
}

// property is one of an iblock's elements.
type property struct {
	id, sort         int64
	code, kind       string // kind: S text, N number, L list, E element, F file, G section
	user, settings   string // user: a kind built on kind, "directory"
	multiple, choice bool   // choice: shoppers choose an offer by it
}

// single is the table of an iblock's properties with one value, in columns; multiple of those with several, in rows.
func (c catalog) single() string   { return fmt.Sprintf("iblock_element_prop_s%d", c.id) }
func (c catalog) multiple() string { return fmt.Sprintf("iblock_element_prop_m%d", c.id) }

// loadCatalogs reads the few iblocks that the shop sells from.
func (r *reader) loadCatalogs(ctx context.Context) error {
	err := r.Each(ctx, "catalogues", `SELECT i.ID, COALESCE(c.PRODUCT_IBLOCK_ID, 0), COALESCE(c.SKU_PROPERTY_ID, 0), i.VERSION, i.ACTIVE = 'Y', i.CODE, i.IBLOCK_TYPE_ID, i.XML_ID, i.LID,
			i.DETAIL_PAGE_URL, i.SECTION_PAGE_URL
		FROM {iblock} i LEFT JOIN {catalog_iblock} c ON c.IBLOCK_ID = i.ID
		WHERE c.IBLOCK_ID IS NOT NULL OR i.ID IN (SELECT o.PRODUCT_IBLOCK_ID FROM {catalog_iblock} o) ORDER BY i.ID`, nil, func(scan func(...any) error) error {
		var c catalog
		err := scan(&c.id, &c.of, &c.link, &c.version, &c.active, follow.Text(&c.code), follow.Text(&c.kind), follow.Text(&c.xml), follow.Text(&c.site),
			follow.Text(&c.detailPage), follow.Text(&c.sectionPage))
		r.catalogs = append(r.catalogs, c)
		return err
	})
	if err != nil || len(r.catalogs) == 0 {
		return err
	}
	tree := "NULL"
	if r.hasTable("iblock_property_feature") {
		tree = "(SELECT MAX(f.IS_ENABLED) FROM {iblock_property_feature} f WHERE f.PROPERTY_ID = p.ID AND f.MODULE_ID = 'catalog' AND f.FEATURE_ID = 'OFFER_TREE')"
	}
	return r.Each(ctx, "properties", "SELECT p.IBLOCK_ID, p.ID, p.SORT, p.CODE, p.PROPERTY_TYPE, p.USER_TYPE, p.USER_TYPE_SETTINGS, p.MULTIPLE, "+tree+`
		FROM {iblock_property} p WHERE p.IBLOCK_ID `+follow.In(r.catalogIDs(func(catalog) bool { return true }))+" AND p.ACTIVE = 'Y' ORDER BY p.SORT, p.ID", nil,
		func(scan func(...any) error) error {
			var iblock int64
			var p property
			var multiple, chosen string
			if err := scan(&iblock, &p.id, &p.sort, follow.Text(&p.code), &p.kind, follow.Text(&p.user), follow.Text(&p.settings), &multiple, follow.Text(&chosen)); err != nil {
				return err
			}
			p.multiple, p.choice = multiple == "Y", chosen == "Y"
			for i := range r.catalogs {
				if r.catalogs[i].id == iblock {
					r.catalogs[i].properties = append(r.catalogs[i].properties, p)
				}
			}
			return nil
		})
}

func (r *reader) catalogIDs(which func(catalog) bool) []int64 {
	var ids []int64
	for _, c := range r.catalogs {
		if which(c) {
			ids = append(ids, c.id)
		}
	}
	return ids
}

func (c catalog) offers() bool   { return c.of > 0 && c.link > 0 }
func (c catalog) products() bool { return !c.offers() }

// find gives the catalogue of an iblock; a zero one for one that nothing is sold from.
func (r *reader) find(iblock int64) catalog {
	for _, c := range r.catalogs {
		if c.id == iblock {
			return c
		}
	}
	return catalog{}
}

// article is the property with the article number.
func (c catalog) article(codes []string) []property {
	for _, code := range codes {
		for _, p := range c.properties {
			if strings.EqualFold(p.code, code) {
				return []property{p}
			}
		}
	}
	return nil
}

// choices are the properties in which a product's offers differ. Newer versions say so of each; before, templates of pages
// did, and lists and directories are taken for it.
func (c catalog) choices() []property {
	var said, likely []property
	for _, p := range c.properties {
		switch {
		case p.id == c.link:
		case p.choice:
			said = append(said, p)
		case !p.multiple && (p.kind == "L" || p.kind == "S" && p.user == "directory"):
			likely = append(likely, p)
		}
	}
	if len(said) > 0 {
		return said
	}
	return likely
}

// linkOf is an expression for the product of an offer with the id that is given; 0 where it has none.
func (c catalog) linkOf(id string) string {
	if c.version == 2 {
		return fmt.Sprintf("COALESCE((SELECT s.PROPERTY_%d FROM {%s} s WHERE s.IBLOCK_ELEMENT_ID = %s), 0)", c.link, c.single(), id)
	}
	return fmt.Sprintf("COALESCE((SELECT CAST(MIN(l.VALUE_NUM) AS SIGNED) FROM {iblock_element_property} l WHERE l.IBLOCK_ELEMENT_ID = %s AND l.IBLOCK_PROPERTY_ID = %d), 0)", id, c.link)
}

// links is where a catalogue of offers says which product each belongs to: a table with the alias l, the product and the
// condition. In rows, the number of the product has an index; a table of columns has none but by the offer.
func (c catalog) links() (table, product, condition string) {
	if c.version == 2 {
		return "{" + c.single() + "} l", fmt.Sprintf("l.PROPERTY_%d", c.link), "TRUE"
	}
	return "{iblock_element_property} l", "l.VALUE_NUM", fmt.Sprintf("l.IBLOCK_PROPERTY_ID = %d", c.link)
}

// values are what properties hold, by element and property; of several values, the first.
type values map[int64]map[int64]string

func (v values) set(element, property int64, text string) {
	if v[element] == nil {
		v[element] = map[int64]string{}
	}
	if _, ok := v[element][property]; !ok && text != "" {
		v[element][property] = text
	}
}

// read fetches properties of a catalogue's elements.
func (r *reader) read(ctx context.Context, v values, c catalog, properties []property, ids []int64) error {
	if len(properties) == 0 || len(ids) == 0 {
		return nil
	}
	if c.version != 2 {
		return r.readRows(ctx, v, "iblock_element_property", properties, ids)
	}
	several := slices.DeleteFunc(slices.Clone(properties), func(p property) bool { return !p.multiple })
	if err := r.readRows(ctx, v, c.multiple(), several, ids); err != nil {
		return err
	}
	return r.readColumns(ctx, v, c, slices.DeleteFunc(slices.Clone(properties), func(p property) bool { return p.multiple }), ids)
}

const inMost = 900 // from 1000 on, MariaDB makes a table of an IN list

func (r *reader) readRows(ctx context.Context, v values, table string, properties []property, ids []int64) error {
	var wanted []int64
	for _, p := range properties {
		wanted = append(wanted, p.id)
	}
	if len(wanted) == 0 {
		return nil
	}
	for some := range slices.Chunk(ids, inMost) {
		err := r.Each(ctx, "properties", "SELECT IBLOCK_ELEMENT_ID, IBLOCK_PROPERTY_ID, VALUE FROM {"+table+"} WHERE IBLOCK_ELEMENT_ID "+follow.In(some)+
			" AND IBLOCK_PROPERTY_ID "+follow.In(wanted)+" ORDER BY ID", nil, func(scan func(...any) error) error {
			var element, property int64
			var text string
			err := scan(&element, &property, follow.Text(&text))
			v.set(element, property, text)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readColumns(ctx context.Context, v values, c catalog, properties []property, ids []int64) error {
	if len(properties) == 0 {
		return nil
	}
	names := make([]string, len(properties))
	for i, p := range properties {
		names[i] = fmt.Sprintf("PROPERTY_%d", p.id)
	}
	for some := range slices.Chunk(ids, inMost) {
		err := r.Each(ctx, "properties", "SELECT IBLOCK_ELEMENT_ID, "+strings.Join(names, ", ")+" FROM {"+c.single()+"} WHERE IBLOCK_ELEMENT_ID "+follow.In(some), nil,
			func(scan func(...any) error) error {
				var element int64
				texts := make([]string, len(names))
				into := []any{&element}
				for i := range texts {
					into = append(into, follow.Text(&texts[i]))
				}
				err := scan(into...)
				for i, p := range properties {
					v.set(element, p.id, texts[i])
				}
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// articles fetches the article numbers of elements, given by iblock.
func (r *reader) articles(ctx context.Context, elements map[int64][]int64) (map[int64]string, error) {
	found := map[int64]string{}
	for _, c := range r.catalogs {
		p := c.article(r.cfg.ArticleCodes)
		v := values{}
		if err := r.read(ctx, v, c, p, elements[c.id]); err != nil {
			return nil, err
		}
		for id, texts := range v {
			found[id] = foreign.Plain(texts[p[0].id])
		}
	}
	return found, nil
}

// words gives what people read for the values of a property: a list keeps the number of its entry, a directory a code of
// a row in a table of its own.
func (r *reader) words(ctx context.Context, p property, texts []string) (map[string]string, error) {
	found := map[string]string{}
	slices.Sort(texts)
	if texts = slices.Compact(texts); len(texts) == 0 {
		return found, nil
	}
	statement, args := "", []any(nil)
	switch {
	case p.kind == "L":
		var ids []int64
		for _, t := range texts {
			ids = append(ids, foreign.ID(t))
		}
		statement = "SELECT ID, VALUE FROM {iblock_property_enum} WHERE ID " + follow.In(ids)
	case p.user == "directory" && directory(p.settings) != "":
		for _, t := range texts {
			args = append(args, t)
		}
		statement = "SELECT UF_XML_ID, UF_NAME FROM `" + directory(p.settings) + "` WHERE UF_XML_ID IN (" + strings.TrimSuffix(strings.Repeat("?,", len(args)), ",") + ")"
	default:
		return found, nil
	}
	err := r.Each(ctx, "values of properties", statement, args, func(scan func(...any) error) error {
		var key, word string
		err := scan(follow.Text(&key), follow.Text(&word))
		found[key] = word
		return err
	})
	var gone *adapters.SchemaError
	if p.kind != "L" && errors.As(err, &gone) {
		return found, nil // the directory was dropped; its codes are all that is left
	}
	return found, err
}

// directory is the table that a property's settings name, in a serialised list. The name goes into a statement, so it must
// be a plain one.
func directory(settings string) string {
	v, err := foreign.ParsePHP(settings)
	if err != nil {
		return ""
	}
	name := v.Get("TABLE_NAME").Text
	if name == "" || len(name) > 64 || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return ""
	}
	return name
}
