package prestashop

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// shelf is a condition on category t: the root of all and each shop's own ("Home") are none.
const shelf = "t.id_parent > 0 AND t.is_root_category = 0"

type category struct {
	id, parent int64
	words      words
}

// Categories reads the shop's categories. One whose parent is a root, or gone, stands at the top.
func (s *Shop) Categories(ctx context.Context) ([]adapters.Category, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	var list []category
	err = r.Each(ctx, "categories", `SELECT t.id_category, t.id_parent, COALESCE(n.id_shop, 0), COALESCE(n.id_lang, 0), n.name, n.link_rewrite
		FROM {category} t LEFT JOIN {category_lang} n ON n.id_category = t.id_category WHERE `+shelf+" ORDER BY t.id_category, n.id_shop, n.id_lang", nil,
		func(scan func(...any) error) error {
			var c category
			var shop, lang int64
			var name, slug string
			if err := scan(&c.id, &c.parent, &shop, &lang, follow.Text(&name), follow.Text(&slug)); err != nil {
				return err
			}
			if n := len(list); n == 0 || list[n-1].id != c.id {
				list = append(list, c)
			}
			list[len(list)-1].words.better(foreign.Plain(name), slug, r.rank(shop, lang))
			return nil
		})
	if err != nil {
		return nil, err
	}
	prefix, err := r.languagePrefix(ctx)
	if err != nil {
		return nil, err
	}
	var rows []adapters.Category
	for _, c := range tree(list) {
		rows = append(rows, adapters.Category{Key: foreign.Str(c.id), ParentKey: foreign.Key(c.parent), Name: c.words.name, URL: r.categoryURL(prefix, c)})
	}
	return rows, nil
}

func (r *reader) categoryURL(prefix string, c category) string {
	if c.words.slug == "" || !r.on("PS_REWRITING_SETTINGS") || r.settings["PS_ROUTE_category_rule"] != "" {
		return fmt.Sprintf("%s/index.php?controller=category&id_category=%d", r.home, c.id)
	}
	return fmt.Sprintf("%s/%s%d-%s", r.home, prefix, c.id, c.words.slug)
}

// tree puts parents before children. The nested set beside the parents (nleft, nright) is not looked at: imports leave it
// stale. Categories that are each other's parents, which a broken import can leave behind, are put at the top in the end.
func tree(list []category) (sorted []category) {
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
	var place func(c category)
	place = func(c category) {
		if placed[c.id] {
			return
		}
		placed[c.id] = true
		sorted = append(sorted, c)
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
	return sorted
}
