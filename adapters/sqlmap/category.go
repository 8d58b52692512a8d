package sqlmap

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

// Categories reads all of them. One whose parent is gone stands at the top.
func (s *Shop) Categories(ctx context.Context) ([]adapters.Category, error) {
	if _, ok := s.file.streams["categories"]; !ok {
		return nil, nil
	}
	a, err := s.attach(ctx)
	if err != nil {
		return nil, err
	}
	list, err := a.plans["categories"].all(ctx, a.DB, a.site.zone)
	if err != nil {
		s.forget(err)
		return nil, err
	}
	rows := make([]adapters.Category, 0, len(list))
	for _, rec := range list {
		rec.r.check = foreign.NewCheck(map[string]string{})
		rows = append(rows, adapters.Category{Key: foreign.Str(rec.id), ParentKey: rec.ref("parent"), Name: rec.text("name"), URL: a.site.address(rec.word("url"))})
	}
	return tree(rows), nil
}

// tree puts parents before children, each with what is below it. Categories that are each other's parents, which a broken
// import can leave behind, are put at the top in the end.
func tree(list []adapters.Category) []adapters.Category {
	children, known := map[string][]adapters.Category{}, map[string]bool{}
	for _, c := range list {
		known[c.Key] = true
	}
	for _, c := range list {
		if !known[c.ParentKey] {
			c.ParentKey = ""
		}
		children[c.ParentKey] = append(children[c.ParentKey], c)
	}
	rows := make([]adapters.Category, 0, len(list))
	placed := map[string]bool{}
	var place func(c adapters.Category)
	place = func(c adapters.Category) {
		if placed[c.Key] {
			return
		}
		placed[c.Key] = true
		rows = append(rows, c)
		for _, child := range children[c.Key] {
			place(child)
		}
	}
	for _, c := range children[""] {
		place(c)
	}
	for _, c := range list {
		if !placed[c.Key] {
			c.ParentKey = ""
			place(c)
		}
	}
	return rows
}
