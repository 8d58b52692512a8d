package woocommerce

import (
	"cmp"
	"context"
	"slices"

	"github.com/kupec/kupec/adapters/follow"
)

// meta is one object's metadata. Keys may come twice; WordPress's own get_post_meta takes the oldest, and so does get.
type meta map[string][]string

func (m meta) get(key string) string {
	if values := m[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// metadata reads rows of (object id, meta id, key, value). They are put in order here: a statement that joins and sorts
// makes the server write a temporary table to its disk, because the values are of type LONGTEXT.
func (r *reader) metadata(ctx context.Context, what, text string, args ...any) (map[int64]meta, error) {
	type row struct {
		object, id int64
		key, value string
	}
	var rows []row
	err := r.Each(ctx, what, text, args, func(scan func(...any) error) error {
		var m row
		err := scan(&m.object, &m.id, follow.Text(&m.key), follow.Text(&m.value))
		rows = append(rows, m)
		return err
	})
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.id, b.id) })
	all := map[int64]meta{}
	for _, m := range rows {
		of := all[m.object]
		if of == nil {
			of = meta{}
			all[m.object] = of
		}
		of[m.key] = append(of[m.key], m.value)
	}
	return all, err
}
