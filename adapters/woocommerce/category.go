package woocommerce

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

type category struct {
	id, parent int64
	name, slug string
}

// Categories reads the terms of taxonomy product_cat. One whose parent is gone stands at the top.
func (s *Shop) Categories(ctx context.Context) ([]adapters.Category, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	var list []category
	err = r.Each(ctx, "categories", `SELECT t.term_id, tt.parent, t.name, t.slug FROM {term_taxonomy} tt
		JOIN {terms} t ON t.term_id = tt.term_id WHERE tt.taxonomy = 'product_cat' ORDER BY t.term_id`, nil,
		func(scan func(...any) error) error {
			var c category
			if err := scan(&c.id, &c.parent, &c.name, &c.slug); err != nil {
				return err
			}
			list = append(list, c)
			return nil
		})
	if err != nil {
		return nil, err
	}
	return r.tree(list), nil
}

// tree puts parents before children. Categories that are each other's parents, which a broken import can
// leave behind, are put at the top in the end.
func (r *reader) tree(list []category) []adapters.Category {
	children := map[int64][]category{}
	known := map[int64]bool{}
	for _, c := range list {
		known[c.id] = true
	}
	for _, c := range list {
		if !known[c.parent] {
			c.parent = 0
		}
		children[c.parent] = append(children[c.parent], c)
	}
	var rows []adapters.Category
	placed := map[int64]bool{}
	var place func(c category, path []string)
	place = func(c category, path []string) {
		if placed[c.id] {
			return
		}
		placed[c.id] = true
		path = append(path[:len(path):len(path)], c.slug)
		rows = append(rows, adapters.Category{Key: foreign.Str(c.id), ParentKey: foreign.Key(c.parent), Name: foreign.Plain(c.name), URL: r.categoryURL(path)})
		for _, child := range children[c.id] {
			place(child, path)
		}
	}
	for _, c := range children[0] {
		place(c, nil)
	}
	for _, c := range list {
		if !placed[c.id] {
			c.parent = 0
			place(c, nil)
		}
	}
	return rows
}

func (r *reader) categoryURL(path []string) string {
	if _, base := r.bases(); base != "" {
		return r.address(base, strings.Join(path, "/"))
	}
	return r.home() + "/?product_cat=" + path[len(path)-1]
}
