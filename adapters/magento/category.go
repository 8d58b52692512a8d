package magento

import (
	"context"
	"database/sql"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

type category struct {
	id, parent, row int64
	name, path      string
}

// Categories reads the shelves of all stores. The roots that each store hangs its own from, and the one above them, are
// none. One whose parent is gone stands at the top.
func (s *Shop) Categories(ctx context.Context) ([]adapters.Category, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	attributes, err := r.attributes(ctx, "catalog_category", "name")
	if err != nil {
		return nil, err
	}
	var list []category
	err = r.Each(ctx, "categories", "SELECT c.entity_id, c.parent_id, c."+r.layout.link()+` FROM {catalog_category_entity} c
		WHERE c.level > 1 AND `+r.current("c")+" ORDER BY c.entity_id", nil, func(scan func(...any) error) error {
		var c category
		err := scan(&c.id, &c.parent, &c.row)
		list = append(list, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	names := values{}
	name := attributes["name"]
	if err := names.read(ctx, r, "categories' names", "SELECT v."+r.layout.link()+", v.attribute_id, v.store_id, v.value FROM {catalog_category_entity_varchar} v WHERE v.attribute_id "+
		follow.In([]int64{name.id})+" AND v.store_id "+r.scopes()); err != nil {
		return nil, err
	}
	paths, err := r.categoryPaths(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].name, list[i].path = names.get(list[i].row, name), paths[list[i].id]
	}
	return r.tree(list), nil
}

func (r *reader) categoryPaths(ctx context.Context) (map[int64]string, error) {
	paths := map[int64]string{}
	err := r.Each(ctx, "categories' addresses", `SELECT u.entity_id, u.request_path FROM {catalog_category_entity} c JOIN {url_rewrite} u ON u.store_id = ? AND u.entity_id = c.entity_id
		WHERE u.entity_type = 'category' AND u.redirect_type = 0 ORDER BY u.url_rewrite_id`, []any{r.view.id}, func(scan func(...any) error) error {
		var id int64
		var path sql.NullString
		err := scan(&id, &path)
		paths[id] = path.String
		return err
	})
	return paths, err
}

// tree puts parents before children. Categories that are each other's parents, which a broken import can leave behind,
// are put at the top in the end.
func (r *reader) tree(list []category) []adapters.Category {
	children, known := map[int64][]category{}, map[int64]bool{}
	for _, c := range list {
		known[c.id] = true
	}
	for _, c := range list {
		if !known[c.parent] {
			c.parent = 0
		}
		children[c.parent] = append(children[c.parent], c)
	}
	rows := make([]adapters.Category, 0, len(list))
	placed := map[int64]bool{}
	var place func(c category)
	place = func(c category) {
		if placed[c.id] {
			return
		}
		placed[c.id] = true
		rows = append(rows, adapters.Category{Key: foreign.Str(c.id), ParentKey: foreign.Key(c.parent), Name: foreign.Plain(c.name), URL: r.categoryURL(c)})
		for _, child := range children[c.id] {
			place(child)
		}
	}
	for _, c := range children[0] {
		place(c)
	}
	for _, c := range list {
		if !placed[c.id] {
			c.parent = 0
			place(c)
		}
	}
	return rows
}

func (r *reader) categoryURL(c category) string {
	if c.path == "" {
		return r.address("catalog/category/view/id/" + foreign.Str(c.id))
	}
	return r.address(c.path)
}
