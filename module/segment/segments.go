package segment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/locale"
)

// Config tunes segments. The zero value is good.
type Config struct {
	Kinds []Kind           // further kinds of conditions, of rooms above; default: none
	Clock func() time.Time // default time.Now
}

// Segments compiles, counts and keeps questions about people. It is safe for concurrent use.
type Segments struct {
	db         *bun.DB
	vocabulary *Vocabulary
	clock      func() time.Time
	listeners  []Listener
	users      []User
}

// New makes segments over the CRM's database. It fails when cfg.Kinds holds an incomplete kind or a name that is taken.
func New(db *bun.DB, cfg Config) (*Segments, error) {
	vocabulary, err := NewVocabulary(cfg.Kinds...)
	if err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Segments{db: db, vocabulary: vocabulary, clock: cfg.Clock}, nil
}

// Vocabulary is the kinds of conditions there are.
func (s *Segments) Vocabulary() *Vocabulary { return s.vocabulary }

// Parse reads a tree with all kinds of conditions there are. The error is an [*InvalidError].
func (s *Segments) Parse(raw []byte) (Tree, error) { return s.vocabulary.Parse(raw) }

// Sentence says a tree in plain words.
func (s *Segments) Sentence(p *locale.Printer, tree Tree, names Names) string {
	return s.vocabulary.Sentence(p, tree, names)
}

func (s *Segments) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

func (s *Segments) zone(ctx context.Context, shopID int64) (*time.Location, error) {
	var name string
	err := s.db.NewRaw("SELECT zone FROM crm_shops WHERE id = ? OR ? = 0 ORDER BY id LIMIT 1", shopID, shopID).Scan(ctx, &name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("reading a shop's time zone: %w", err)
	}
	return locale.Zone(name), nil
}

// Names reads what people call the products, categories and topics of trees.
func (s *Segments) Names(ctx context.Context, trees ...Tree) (Names, error) {
	names := Names{Products: map[int64]string{}, Categories: map[int64]string{}, Topics: map[string]string{}, Things: map[string]map[int64]string{}}
	products, categories, topics := []int64{0}, []int64{0}, []string{""} // IN () is not SQL; no row has these
	for _, tree := range trees {
		s.vocabulary.refs(tree, Product, func(_ string, r Ref) { products = append(products, r.ID) })
		s.vocabulary.refs(tree, Category, func(_ string, r Ref) { categories = append(categories, r.ID) })
		for _, c := range tree.Conditions() {
			topics = append(topics, c.Text("topic"))
		}
	}
	var rows []struct {
		Kind string
		ID   int64
		Word string
		Name string
	}
	err := s.db.NewRaw(`SELECT 'p' AS kind, id, '' AS word, name FROM crm_products WHERE id IN (?)
		UNION ALL SELECT 'c', id, '', name FROM crm_categories WHERE id IN (?)
		UNION ALL SELECT 't', 0, topic, name FROM crm_topics WHERE topic IN (?)`,
		bun.List(products), bun.List(categories), bun.List(topics)).Scan(ctx, &rows)
	if err != nil {
		return names, fmt.Errorf("reading the names in a segment: %w", err)
	}
	for _, row := range rows {
		switch row.Kind {
		case "p":
			names.Products[row.ID] = row.Name
		case "c":
			names.Categories[row.ID] = row.Name
		case "t":
			names.Topics[row.Word] = row.Name
		}
	}
	return names, s.nameThings(ctx, names, trees)
}

// nameThings reads the names of what the trees' IDs point at, each kind of thing once.
func (s *Segments) nameThings(ctx context.Context, names Names, trees []Tree) error {
	ids, things := map[string][]int64{}, map[string]*Things{}
	for _, tree := range trees {
		for _, c := range tree.Conditions() {
			kind, _ := s.vocabulary.Kind(c.Kind)
			for name := range c.Values {
				if f, _ := kind.field(name); f.Things != nil {
					ids[f.Things.Name], things[f.Things.Name] = append(ids[f.Things.Name], c.Int(name)), f.Things
				}
			}
		}
	}
	for name, of := range things {
		list, err := of.Read(ctx, s.db, ids[name])
		if err != nil {
			return err
		}
		names.Things[name] = map[int64]string{}
		for _, thing := range list {
			names.Things[name][thing.ID] = thing.Name
		}
	}
	return nil
}

// Offers gives what forms offer for the IDs of all kinds of conditions, by the name of the things.
func (s *Segments) Offers(ctx context.Context) (map[string][]Thing, error) {
	offers := map[string][]Thing{}
	for _, kind := range s.vocabulary.Kinds() {
		for _, name := range kind.fields() {
			f, _ := kind.field(name)
			if f.Things == nil || offers[f.Things.Name] != nil {
				continue
			}
			list, err := f.Things.Read(ctx, s.db, nil)
			if err != nil {
				return nil, err
			}
			offers[f.Things.Name] = list
		}
	}
	return offers, nil
}
