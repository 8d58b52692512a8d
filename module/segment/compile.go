package segment

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/purchase"
)

// Query is a compiled question: a condition over crm_profiles under the alias p, true for the live profiles selected.
// It goes after WHERE in one statement of bun's, with its arguments:
//
//	db.NewRaw("SELECT p.id FROM crm_profiles AS p WHERE "+q.SQL, q.Args...)
type Query struct {
	SQL  string
	Args []any
}

// Scope is what a question depends on beside its tree.
type Scope struct {
	Now    time.Time // from which days count back; zero: the clock's
	ShopID int64     // whose consent counts, and whose time zone dates are in; 0: any shop's consent, the first shop's zone
}

// Compile turns a tree into SQL. Products and categories that the tree names are looked up first (a few small
// queries), categories with everything below them; one that does not exist is an [*InvalidError] with its path.
func (s *Segments) Compile(ctx context.Context, tree Tree, scope Scope) (Query, error) {
	tree, err := s.vocabulary.Check(tree)
	if err != nil {
		return Query{}, err
	}
	b, err := s.builder(ctx, tree, scope)
	if err != nil {
		return Query{}, err
	}
	b.SQL("p.merged_into IS NULL AND p.erased_at IS NULL AND ")
	b.node(tree.Root, false)
	return Query{SQL: b.sql.String(), Args: b.args}, nil
}

func (s *Segments) builder(ctx context.Context, tree Tree, scope Scope) (*Builder, error) {
	found, err := s.resolve(ctx, tree)
	if err != nil {
		return nil, err
	}
	if scope.Now.IsZero() {
		scope.Now = s.clock()
	}
	zone, err := s.zone(ctx, scope.ShopID)
	if err != nil {
		return nil, err
	}
	return &Builder{Now: scope.Now.UTC(), Zone: zone, ShopID: scope.ShopID, vocabulary: s.vocabulary, found: found}, nil
}

// Builder collects a statement for [Kind.Compile].
type Builder struct {
	Now    time.Time      // UTC
	Zone   *time.Location // of dates
	ShopID int64          // whose consent counts; 0: any

	vocabulary *Vocabulary
	found      references
	sql        strings.Builder
	args       []any
}

// SQL appends to the statement. Each ? stands for one of args, in bun's form; a value from a tree goes only there.
func (b *Builder) SQL(sql string, args ...any) {
	b.sql.WriteString(sql)
	b.args = append(b.args, args...)
}

// Ago is the moment so many spans of 24 hours before now.
func (b *Builder) Ago(days int64) time.Time { return b.Now.Add(-time.Duration(days) * 24 * time.Hour) }

// Midnight is the beginning of a [Day] in the shop's zone, moved by a number of days, in UTC.
func (b *Builder) Midnight(day string, plus int) time.Time {
	t, err := time.Parse(dayLayout, day)
	if err != nil {
		panic("segment: an unchecked date: " + day)
	}
	return time.Date(t.Year(), t.Month(), t.Day()+plus, 0, 0, 0, 0, b.Zone).UTC()
}

// Products gives the ids that a Product field stands for: several, where shops share an SKU.
func (b *Builder) Products(r Ref) []int64 { return b.found.products[r] }

// Categories gives the ids that a Category field stands for, with everything below them.
func (b *Builder) Categories(r Ref) []int64 { return b.found.categories[r] }

// node writes n or, negated, its opposite. A negation is carried down to the conditions (De Morgan), where the servers
// can still run it as an anti-join; put before a whole group it would have them try the group on each profile.
func (b *Builder) node(n Node, negated bool) {
	switch {
	case n.Is != nil:
		kind, _ := b.vocabulary.Kind(n.Is.Kind) // checked before
		if kind.Tree != nil {
			b.node(kind.Tree(b, n.Is), negated)
			return
		}
		if negated {
			b.SQL("NOT ")
		}
		b.SQL("(")
		if write := kind.onFacts(b, n.Is); write != nil {
			b.facts(write)
		} else {
			kind.Compile(b, n.Is)
		}
		b.SQL(")")
	case n.Not != nil:
		b.node(*n.Not, !negated)
	case n.Any != nil:
		b.group(n.Any, "OR", "AND", negated)
	default:
		b.group(n.All, "AND", "OR", negated)
	}
}

func (b *Builder) group(nodes []Node, plain, opposite string, negated bool) {
	if len(nodes) == 0 { // only an All may be empty: everybody
		b.SQL(map[bool]string{false: "TRUE", true: "FALSE"}[negated])
		return
	}
	if negated {
		plain = opposite
	}
	b.SQL("(")
	rest := nodes
	if plain == "AND" && !negated {
		rest = b.together(nodes)
	}
	for i, child := range rest {
		if i > 0 || len(rest) < len(nodes) {
			b.SQL(" " + plain + " ")
		}
		b.node(child, negated)
	}
	b.SQL(")")
}

// together writes those of nodes that facts answer as one look at them, where there are several, and gives the rest. Servers
// do not see by themselves that two looks are at the same row.
func (b *Builder) together(nodes []Node) (rest []Node) {
	var writes []func()
	for _, n := range nodes {
		var write func()
		if n.Is != nil {
			kind, _ := b.vocabulary.Kind(n.Is.Kind)
			write = kind.onFacts(b, n.Is)
		}
		if write == nil {
			rest = append(rest, n)
			continue
		}
		writes = append(writes, write)
	}
	if len(writes) < 2 {
		return nodes
	}
	b.facts(writes...)
	return rest
}

// facts writes that somebody has facts for which all of the conditions hold.
func (b *Builder) facts(writes ...func()) {
	b.SQL("p.id IN (SELECT f.profile_id FROM crm_facts AS f WHERE ")
	for i, write := range writes {
		if i > 0 {
			b.SQL(" AND ")
		}
		write()
	}
	b.SQL(")")
}

func (k Kind) onFacts(b *Builder, c *Condition) (write func()) {
	if k.facts == nil {
		return nil
	}
	return k.facts(b, c)
}

// counting writes the condition that the order under alias o counts.
func (b *Builder) counting() {
	b.SQL("o.status IN (?) AND o.deleted_at IS NULL", bun.List(purchase.Counting))
}

// references is what the names and ids in a tree, and in the segments it rests on, stand for.
type references struct {
	products, categories map[Ref][]int64
	shelves              map[Ref][]int64 // a category's products, where they are few enough for a list
	segments             map[int64]Segment
}

// maxShelf is how many products a list in a statement holds: from 1,000 on MariaDB makes a temporary table of it.
const maxShelf = 900

// refs walks over the fields of a type.
func (v *Vocabulary) refs(tree Tree, want Type, visit func(path string, r Ref)) {
	for path, c := range tree.Conditions() {
		kind, _ := v.Kind(c.Kind)
		for _, name := range sortedNames(c.Values) {
			if f, _ := kind.field(name); f.Type == want {
				visit(join(path, name), c.Ref(name))
			}
		}
	}
}

func (s *Segments) resolve(ctx context.Context, tree Tree) (references, error) {
	found := references{products: map[Ref][]int64{}, categories: map[Ref][]int64{}, shelves: map[Ref][]int64{}}
	var err error
	if found.segments, err = s.others(ctx, Segment{}, tree); err != nil {
		return found, err
	}
	all := []Tree{tree}
	for _, other := range found.segments {
		all = append(all, other.Tree)
	}
	if err := s.find(ctx, found, all); err != nil {
		return found, err
	}
	if err := s.missing(tree, found); err != nil {
		return found, err
	}
	return found, s.missingBelow(tree, found)
}

// find looks up the products and categories of all the trees at once.
func (s *Segments) find(ctx context.Context, found references, trees []Tree) error {
	var ids []int64
	var skus []string
	var categories []Ref
	for _, tree := range trees {
		s.vocabulary.refs(tree, Product, func(_ string, r Ref) {
			if r.ID != 0 {
				ids = append(ids, r.ID)
			} else {
				skus = append(skus, r.Name)
			}
		})
		s.vocabulary.refs(tree, Category, func(_ string, r Ref) { categories = append(categories, r) })
	}
	if len(ids)+len(skus) > 0 {
		if err := s.findProducts(ctx, found, ids, skus); err != nil {
			return err
		}
	}
	if len(categories) > 0 {
		return s.findCategories(ctx, found, categories)
	}
	return nil
}

// missingBelow looks for what another segment lacks, and says it at the condition that rests on it.
func (s *Segments) missingBelow(tree Tree, found references) error {
	for path, c := range tree.Conditions() {
		if c.Kind != "segment" {
			continue
		}
		other := found.segments[c.Int("segment")]
		err := s.missing(other.Tree, found)
		if err == nil {
			err = s.missingBelow(other.Tree, found)
		}
		if err != nil {
			return wrong("broken", "the segment %q cannot be asked: %v", clip(other.Name), err).with("name", other.Name).in("segment").at(path)
		}
	}
	return nil
}

func (s *Segments) missing(tree Tree, found references) error {
	var first *InvalidError
	check := func(known map[Ref][]int64, key, what string) func(string, Ref) {
		return func(path string, r Ref) {
			if first == nil && len(known[r]) == 0 {
				first = wrong(key, "there is no %s %q", what, clip(r.String())).with("name", clip(r.String())).at(path)
			}
		}
	}
	s.vocabulary.refs(tree, Product, check(found.products, "no_product", "product with the id or SKU"))
	s.vocabulary.refs(tree, Category, check(found.categories, "no_category", "category with the id or name"))
	if first != nil {
		return first
	}
	return nil
}

func (s *Segments) findProducts(ctx context.Context, found references, ids []int64, skus []string) error {
	ids, skus = append(ids, 0), append(skus, "") // no row has these; IN () is not SQL
	var rows []struct {
		ID  int64
		SKU string
	}
	err := s.db.NewRaw(`SELECT id, '' AS sku FROM crm_products WHERE id IN (?)
		UNION SELECT id, sku FROM crm_products WHERE sku IN (?) AND sku <> ''
		UNION SELECT product_id, sku FROM crm_variants WHERE sku IN (?) AND sku <> ''`,
		bun.List(ids), bun.List(skus), bun.List(skus)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("looking up the products of a segment: %w", err)
	}
	for _, row := range rows {
		if row.SKU == "" {
			found.products[Ref{ID: row.ID}] = []int64{row.ID}
			continue
		}
		for _, sku := range skus { // the server compares without regard to case
			if r := (Ref{Name: sku}); strings.EqualFold(sku, row.SKU) && !slices.Contains(found.products[r], row.ID) {
				found.products[r] = append(found.products[r], row.ID)
			}
		}
	}
	return nil
}

func (s *Segments) findCategories(ctx context.Context, found references, refs []Ref) error {
	var rows []struct {
		ID, ShopID               int64
		ShopKey, ParentKey, Name string
	}
	err := s.db.NewRaw("SELECT id, shop_id, shop_key, parent_key, name FROM crm_categories").Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("looking up the categories of a segment: %w", err)
	}
	type place struct {
		shop int64
		key  string
	}
	below := map[place][]int{}
	for i, row := range rows {
		below[place{row.ShopID, row.ParentKey}] = append(below[place{row.ShopID, row.ParentKey}], i)
	}
	for _, ref := range refs {
		seen := map[int]bool{}
		var take func(i int)
		take = func(i int) {
			if seen[i] {
				return // a shop whose categories go round in a circle
			}
			seen[i] = true
			for _, child := range below[place{rows[i].ShopID, rows[i].ShopKey}] {
				take(child)
			}
		}
		for i, row := range rows {
			if ref.ID == row.ID || ref.ID == 0 && strings.EqualFold(ref.Name, row.Name) {
				take(i)
			}
		}
		ids := make([]int64, 0, len(seen))
		for i := range seen {
			ids = append(ids, rows[i].ID)
		}
		slices.Sort(ids)
		found.categories[ref] = ids
		if err := s.findShelf(ctx, found, ref); err != nil {
			return err
		}
	}
	return nil
}

// findShelf reads the products of a category and those below it, unless they are many.
func (s *Segments) findShelf(ctx context.Context, found references, ref Ref) error {
	if _, done := found.shelves[ref]; done || len(found.categories[ref]) == 0 {
		return nil
	}
	var products []int64
	err := s.db.NewRaw("SELECT DISTINCT product_id FROM crm_product_categories WHERE category_id IN (?) LIMIT ?", bun.List(found.categories[ref]), maxShelf+1).Scan(ctx, &products)
	if err != nil {
		return fmt.Errorf("looking up the products of a segment's category: %w", err)
	}
	if len(products) <= maxShelf {
		slices.Sort(products)
		found.shelves[ref] = products
	}
	return nil
}
