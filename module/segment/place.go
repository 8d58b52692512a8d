package segment

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// cityKind: the town of somebody's address, without regard to case and accents.
//
//	{"is":"city","in":["Ljubljana","Koper"]}
func cityKind() Kind {
	return Kind{
		Name:  "city",
		Slots: []Slot{{Name: "in", Options: []Option{{Name: "in", Fields: []Field{{Name: "in", Type: Texts}}}}}},
		Compile: func(b *Builder, c *Condition) {
			b.SQL("p.city IN (?)", bun.List(c.List("in")))
		},
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.city", "names", s.or(c.List("in")))
		},
	}
}

// languageKind: the language somebody is written to in, whatever its country.
//
//	{"is":"language","in":["de","sl"]}
func languageKind() Kind {
	return Kind{
		Name:  "language",
		Slots: []Slot{{Name: "in", Options: []Option{{Name: "in", Fields: []Field{{Name: "in", Type: Language}}}}}},
		Compile: func(b *Builder, c *Condition) {
			// Shops write "sl", "sl-SI" or "sl_SI".
			b.SQL("SUBSTRING_INDEX(SUBSTRING_INDEX(p.language, '-', 1), '_', 1) IN (?)", bun.List(c.List("in")))
		},
		Sentence: func(s *Speaker, c *Condition) string {
			names := make([]string, 0, len(c.List("in")))
			for _, code := range c.List("in") {
				names = append(names, s.printer.Language(code))
			}
			return s.T("segment.language", "names", s.or(names))
		},
	}
}

// known is what may be known of a person, and how a profile says so.
var known = []struct{ what, sql string }{
	{"phone", "p.phone <> ''"},
	{"email", "p.email IS NOT NULL"},
	{"name", "(p.first_name <> '' OR p.last_name <> '')"},
	{"company", "p.company <> ''"},
	{"address", "(p.line1 <> '' AND p.city <> '')"},
}

// knownKind: whether somebody left a phone number, an e-mail address and so on.
//
//	{"is":"known","what":"phone"}
func knownKind() Kind {
	var words []string
	for _, k := range known {
		words = append(words, k.what)
	}
	return Kind{
		Name:  "known",
		Slots: []Slot{{Name: "what", Options: []Option{{Name: "known", Default: true, Fields: []Field{{Name: "what", Type: Word, Options: words, Default: words[0]}}}}}},
		Compile: func(b *Builder, c *Condition) {
			for _, k := range known {
				if k.what == c.Text("what") {
					b.SQL(k.sql)
				}
			}
		},
		Sentence: func(s *Speaker, c *Condition) string { return s.T("segment.known." + c.Text("what")) },
	}
}

// shopKind: the shop that somebody came from first.
//
//	{"is":"shop","shop":1}
func shopKind() Kind {
	return Kind{
		Name: "shop",
		Slots: []Slot{{Name: "shop", Options: []Option{{Name: "shop", Fields: []Field{{Name: "shop", Type: ID,
			Things: &Things{Name: "shop", Read: shops}}}}}}},
		Compile: func(b *Builder, c *Condition) { b.SQL("p.shop_id = ?", c.Int("shop")) },
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.shop", "name", s.Thing("shop", c.Int("shop")))
		},
	}
}

func shops(ctx context.Context, db bun.IDB, ids []int64) (list []Thing, err error) {
	q := db.NewSelect().TableExpr("crm_shops").ColumnExpr("id, IF(title = '', name, title) AS name").OrderExpr("id").Limit(MaxThings)
	if ids != nil {
		q = q.Where("id IN (?)", bun.List(ids))
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("reading shops: %w", err)
	}
	return list, nil
}

// shares is how finely a share is cut.
const shares = 100

// shareKind: a part of everybody, drawn by a stable hash: the same people each time, others under another name.
//
//	{"is":"share","percent":10,"name":"autumn"}
func shareKind() Kind {
	return Kind{
		Name: "share",
		Slots: []Slot{
			{Name: "percent", Options: []Option{{Name: "percent", Fields: []Field{{Name: "percent", Type: Whole, Min: 1, Max: shares - 1, Default: int64(10)}}}}},
			{Name: "name", Options: []Option{{Name: "name", Default: true, Fields: []Field{{Name: "name", Type: Word, Default: "a"}}}}},
		},
		Compile: func(b *Builder, c *Condition) {
			// Once alone, a checksum gives neighbours and names of one length related draws; its digits hashed again do not.
			b.SQL("CRC32(CONCAT(CRC32(CONCAT(p.id, '/', ?)), '/', ?)) % ? < ?", c.Text("name"), c.Text("name"), shares, c.Int("percent"))
		},
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.share", "percent", c.Int("percent"), "name", c.Text("name"))
		},
	}
}
