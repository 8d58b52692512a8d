package opencart

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

type category struct{ id, parent int64 }

// Categories reads all shelves, those that are switched off too: what was bought from them was. One whose parent is gone
// stands at the top.
func (s *Shop) Categories(ctx context.Context) ([]adapters.Category, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	var list []category
	var all []int64
	err = r.Each(ctx, "categories", "SELECT category_id, COALESCE(parent_id, 0) FROM {category} ORDER BY category_id", nil, func(scan func(...any) error) error {
		var c category
		err := scan(&c.id, &c.parent)
		list, all = append(list, c), append(all, c.id)
		return err
	})
	if err != nil {
		return nil, err
	}
	names, err := r.names(ctx, "categories", "category_description", "category_id", all)
	if err != nil {
		return nil, err
	}
	words, err := r.keywords(ctx, "category_id", all)
	if err != nil {
		return nil, err
	}
	home, err := r.home(ctx)
	if err != nil {
		return nil, err
	}
	var rows []adapters.Category
	walk(list, func(c category, path []int64) {
		keys, parts := make([]string, len(path)), make([]string, len(path))
		for i, id := range path {
			keys[i], parts[i] = foreign.Str(id), words[id]
		}
		row := adapters.Category{Key: foreign.Str(c.id), ParentKey: foreign.Key(c.parent), Name: names[c.id]}
		if row.URL = friendly(home, parts...); row.URL == "" {
			row.URL = address(home, "product/category", "path", strings.Join(keys, "_"))
		}
		rows = append(rows, row)
	})
	return rows, nil
}

// walk visits parents before children, with the path from the top. Categories that are each other's parents, which a broken
// import can leave behind, are put at the top in the end.
func walk(list []category, visit func(c category, path []int64)) {
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
	placed := map[int64]bool{}
	var place func(c category, path []int64)
	place = func(c category, path []int64) {
		if placed[c.id] {
			return
		}
		placed[c.id] = true
		path = append(path[:len(path):len(path)], c.id)
		visit(c, path)
		for _, child := range children[c.id] {
			place(child, path)
		}
	}
	for _, c := range children[0] {
		place(c, nil)
	}
	for _, c := range list {
		if !placed[c.id] {
			place(category{id: c.id}, nil)
		}
	}
}

// names reads what things are called in the shop window's language or, where it has no such text, in the first that has.
func (r *reader) names(ctx context.Context, what, table, key string, of []int64) (map[int64]string, error) {
	names := map[int64]string{}
	if len(of) == 0 {
		return names, nil
	}
	err := r.Each(ctx, what, "SELECT "+key+", language_id, name FROM {"+table+"} WHERE "+key+" "+follow.In(of)+" ORDER BY "+key+", language_id", nil,
		func(scan func(...any) error) error {
			var id, language int64
			var name string
			if err := scan(&id, &language, follow.Text(&name)); err != nil {
				return err
			}
			name = foreign.Plain(name)
			if _, ok := names[id]; name != "" && (!ok || language == r.language) {
				names[id] = name
			}
			return nil
		})
	return names, err
}
