package magento

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters/follow"
)

// attribute is one of an entity type. Its number differs between shops.
type attribute struct {
	id     int64
	global bool // values are the same in all store views, whatever is left in rows of theirs
}

// productCodes are the attributes that are read, by the type of their values.
var productCodes = map[string][]string{
	"varchar":  {"name", "image", "url_key"},
	"int":      {"status", "visibility"},
	"decimal":  {"price", "special_price"},
	"datetime": {"special_from_date", "special_to_date"},
}

// valueTypes in the order that statements are made in.
var valueTypes = []string{"varchar", "int", "decimal", "datetime"}

// attributes finds the numbers of an entity type's attributes. One that is not there has number 0, as no value has.
func (r *reader) attributes(ctx context.Context, entity string, codes ...string) (map[string]attribute, error) {
	all := map[string]attribute{}
	err := r.Each(ctx, "attributes", `SELECT a.attribute_code, a.attribute_id, COALESCE(c.is_global = 1, 0) FROM {eav_entity_type} t
		JOIN {eav_attribute} a ON a.entity_type_id = t.entity_type_id LEFT JOIN {catalog_eav_attribute} c ON c.attribute_id = a.attribute_id
		WHERE t.entity_type_code = ? AND a.attribute_code IN (`+follow.Quoted(codes...)+")", []any{entity},
		func(scan func(...any) error) error {
			var code string
			var a attribute
			err := scan(&code, &a.id, &a.global)
			all[strings.ToLower(code)] = a
			return err
		})
	return all, err
}

// loadCatalog finds what statements about products are made of.
func (r *reader) loadCatalog(ctx context.Context) (err error) {
	var codes []string
	for _, kind := range valueTypes {
		codes = append(codes, productCodes[kind]...)
	}
	if r.attribute, err = r.attributes(ctx, "catalog_product", codes...); err != nil || !r.layout.sources {
		return err
	}
	return r.loadStock(ctx)
}

// numbers are the attributes of one type of values.
func numbers(all map[string]attribute, codes []string) []int64 {
	ids := make([]int64, 0, len(codes))
	for _, code := range codes {
		ids = append(ids, all[code].id)
	}
	slices.Sort(ids)
	return ids
}

// values are what rows of products or categories (by entity_id or row_id) have of attributes.
type values map[int64]map[int64]*cell

// cell is a value for all store views and the one for ours, either of which may be missing or NULL.
type cell struct{ all, ours sql.NullString }

func (v values) put(row, attribute, store int64, text sql.NullString) {
	of := v[row]
	if of == nil {
		of = map[int64]*cell{}
		v[row] = of
	}
	c := of[attribute]
	if c == nil {
		c = &cell{}
		of[attribute] = c
	}
	if store == 0 {
		c.all = text
	} else {
		c.ours = text
	}
}

// get is the value in our store view: its own, unless that is missing or NULL, or the attribute's values are global.
func (v values) get(row int64, a attribute) string {
	c := v[row][a.id]
	switch {
	case c == nil:
		return ""
	case c.ours.Valid && !a.global:
		return c.ours.String
	}
	return c.all.String
}

// read runs a statement that gives rows of (entity_id or row_id, attribute, store view, value).
func (v values) read(ctx context.Context, r *reader, what, statement string) error {
	return r.Each(ctx, what, statement, nil, func(scan func(...any) error) error {
		var row, attribute, store int64
		var text sql.NullString
		err := scan(&row, &attribute, &store, &text)
		v.put(row, attribute, store, text)
		return err
	})
}

// scopes are the store views whose values count: all, and ours.
func (r *reader) scopes() string { return follow.In([]int64{0, r.view.id}) }
