package bitrix

import (
	"context"
	"net/url"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// section is a row of b_iblock_section.
type section struct {
	id, parent, iblock int64
	name, code, xml    string
}

// Categories reads the sections of all catalogues of products. One whose parent is gone stands at the top.
func (s *Shop) Categories(ctx context.Context) ([]adapters.Category, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.loadCatalogs(ctx); err != nil {
		return nil, err
	}
	var list []section
	err = r.Each(ctx, "categories", "SELECT ID, COALESCE(IBLOCK_SECTION_ID, 0), IBLOCK_ID, NAME, CODE, XML_ID FROM {iblock_section} WHERE IBLOCK_ID "+
		follow.In(r.catalogIDs(catalog.products))+" ORDER BY ID", nil, func(scan func(...any) error) error {
		var x section
		err := scan(&x.id, &x.parent, &x.iblock, &x.name, follow.Text(&x.code), follow.Text(&x.xml))
		list = append(list, x)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.tree(list), nil
}

// tree puts parents before children. Sections that are each other's parents, which a broken import can leave behind, are
// put at the top in the end.
func (r *reader) tree(list []section) []adapters.Category {
	children := map[int64][]section{}
	known := map[int64]bool{}
	for _, x := range list {
		known[x.id] = true
	}
	for _, x := range list {
		if !known[x.parent] {
			x.parent = 0
		}
		children[x.parent] = append(children[x.parent], x)
	}
	var rows []adapters.Category
	placed := map[int64]bool{}
	var place func(x section, path []string)
	place = func(x section, path []string) {
		if placed[x.id] {
			return
		}
		placed[x.id] = true
		path = append(path[:len(path):len(path)], url.PathEscape(x.code))
		c := r.find(x.iblock)
		rows = append(rows, adapters.Category{Key: foreign.Str(x.id), ParentKey: foreign.Key(x.parent), Name: foreign.Plain(x.name),
			URL: r.address(c, c.sectionPage, addressOfSection(x.id, x.code, x.xml, strings.Join(path, "/")))})
		for _, child := range children[x.id] {
			place(child, path)
		}
	}
	for _, x := range children[0] {
		place(x, nil)
	}
	for _, x := range list {
		if !placed[x.id] {
			x.parent = 0
			place(x, nil)
		}
	}
	return rows
}

// paths gives "coffee/beans" for the main sections of products, where an address needs it. Sections deeper than eight have
// the last eight of it.
func (r *reader) paths(ctx context.Context, elements map[int64]element) (map[int64]string, error) {
	paths := map[int64]string{}
	var ids []int64
	for _, e := range elements {
		if e.section > 0 && strings.Contains(r.find(e.iblock).detailPage, "#SECTION_CODE_PATH#") {
			ids = append(ids, e.section)
		}
	}
	if len(ids) == 0 {
		return paths, nil
	}
	err := r.Each(ctx, "sections", `SELECT a.ID, a.CODE, b.CODE, c.CODE, d.CODE, e.CODE, f.CODE, g.CODE, h.CODE FROM {iblock_section} a
		LEFT JOIN {iblock_section} b ON b.ID = a.IBLOCK_SECTION_ID LEFT JOIN {iblock_section} c ON c.ID = b.IBLOCK_SECTION_ID
		LEFT JOIN {iblock_section} d ON d.ID = c.IBLOCK_SECTION_ID LEFT JOIN {iblock_section} e ON e.ID = d.IBLOCK_SECTION_ID
		LEFT JOIN {iblock_section} f ON f.ID = e.IBLOCK_SECTION_ID LEFT JOIN {iblock_section} g ON g.ID = f.IBLOCK_SECTION_ID
		LEFT JOIN {iblock_section} h ON h.ID = g.IBLOCK_SECTION_ID WHERE a.ID `+follow.In(ids), nil, func(scan func(...any) error) error {
		var id int64
		codes := make([]string, 8)
		into := []any{&id}
		for i := range codes {
			into = append(into, follow.Text(&codes[i]))
		}
		err := scan(into...)
		path := ""
		for _, code := range codes {
			if code != "" {
				path = url.PathEscape(code) + "/" + path
			}
		}
		paths[id] = strings.TrimSuffix(path, "/")
		return err
	})
	return paths, err
}
