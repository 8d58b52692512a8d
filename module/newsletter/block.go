package newsletter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kupec/kupec/module/recommend"
)

// Kind is what a block shows.
type Kind string

// The kinds of block. The footer is none of them: every mail ends with it, and nobody can take it out.
const (
	KindHeading         Kind = "heading"         // Text
	KindText            Kind = "text"            // Text, in Markdown
	KindImage           Kind = "image"           // URL, Alt, Link (may be empty)
	KindButton          Kind = "button"          // Text, URL
	KindProduct         Kind = "product"         // ProductID or SKU, Text (may be empty): a line under the product's name
	KindRecommendations Kind = "recommendations" // Text (may be empty): a heading; Count, Pick, Reason
	KindDivider         Kind = "divider"
)

// Kinds is every kind, in the order in which the editor offers them.
var Kinds = []Kind{KindHeading, KindText, KindImage, KindButton, KindProduct, KindRecommendations, KindDivider}

// The ways of picking; the names are recommend's.
const (
	PickCrossSell   = string(recommend.CrossSell)
	PickAgain       = string(recommend.Again)
	PickUpgrade     = string(recommend.Upgrade)
	PickBestSellers = string(recommend.BestSellers)
	PickNewest      = string(recommend.Newest)
)

// Picks is every way of picking, in the order in which the editor offers them.
var Picks = []string{PickCrossSell, PickAgain, PickUpgrade, PickBestSellers, PickNewest}

// Bounds of a newsletter's content. They keep a mail far under what a mail program shows, and a mistake from filling
// the database.
const (
	MaxBlocks          = 60
	MaxText            = 20_000 // bytes of one block's text
	MaxLine            = 500    // characters of a subject, heading, label, alt text
	MaxURL             = 2048   // bytes
	MaxRecommendations = 4
)

// Block is one part of a newsletter. Which fields it has depends on its kind; see the constants.
type Block struct {
	ID        string `json:"id,omitempty"` // stays with the block when it moves; unique in its newsletter
	Kind      Kind   `json:"kind"`
	Text      string `json:"text,omitempty"`
	URL       string `json:"url,omitempty"`
	Alt       string `json:"alt,omitempty"`
	Link      string `json:"link,omitempty"`
	ProductID int64  `json:"product_id,omitempty"`
	SKU       string `json:"sku,omitempty"` // files only: looked up when the newsletter is made
	Count     int    `json:"count,omitempty"`
	Pick      string `json:"pick,omitempty"`
	Reason    bool   `json:"reason,omitempty"` // whether each recommendation says why
}

// blockFields tells which fields a kind has beside id and kind.
var blockFields = map[Kind][]string{
	KindHeading:         {"text"},
	KindText:            {"text"},
	KindImage:           {"url", "alt", "link"},
	KindButton:          {"text", "url"},
	KindProduct:         {"product_id", "sku", "text"},
	KindRecommendations: {"text", "count", "pick", "reason"},
	KindDivider:         {},
}

// ParseBlocks reads blocks from JSON. It is strict: an unknown kind, a field that the kind does not have, or a value of
// the wrong type is an [*InvalidError] that names the block and the field. What is only unfinished, as a picture without
// a description or a broken merge tag, is kept: [Desk.Check] finds it.
func ParseBlocks(data []byte) ([]Block, error) {
	return parseBlocks(data, "blocks")
}

func parseBlocks(data []byte, path string) ([]Block, error) {
	var raw []json.RawMessage
	if err := decode(data, &raw); err != nil {
		return nil, invalidJSON(path, data, err)
	}
	if len(raw) > MaxBlocks {
		return nil, invalid(path, "newsletter.problem.too_many_blocks", "count", len(raw), "limit", MaxBlocks)
	}
	blocks := make([]Block, 0, len(raw))
	ids := map[string]bool{}
	for i, r := range raw {
		b, err := parseBlock(r, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			if e := (*InvalidError)(nil); errors.As(err, &e) {
				e.Block = i + 1
			}
			return nil, err
		}
		if b.ID == "" || ids[b.ID] {
			b.ID = freeID(ids)
		}
		ids[b.ID] = true
		blocks = append(blocks, b)
	}
	return blocks, nil
}

func parseBlock(data []byte, path string) (Block, error) {
	var fields map[string]json.RawMessage
	if err := decode(data, &fields); err != nil {
		return Block{}, invalidJSON(path, data, err)
	}
	var b Block
	if fields["kind"] == nil {
		return Block{}, invalid(path+".kind", "newsletter.problem.no_kind", "kinds", kindList())
	}
	if err := json.Unmarshal(fields["kind"], &b.Kind); err != nil {
		return Block{}, invalid(path+".kind", "newsletter.problem.wrong_type", "field", "kind", "want", "text")
	}
	allowed, ok := blockFields[b.Kind]
	if !ok {
		return Block{}, invalid(path+".kind", "newsletter.problem.unknown_kind", "kind", string(b.Kind), "kinds", kindList())
	}
	for _, name := range sortedKeys(fields) {
		if name != "id" && name != "kind" && !slices.Contains(allowed, name) {
			return Block{}, invalid(path+"."+name, "newsletter.problem.unknown_field", "field", name,
				"kind", string(b.Kind), "fields", strings.Join(append([]string{"kind"}, allowed...), ", "))
		}
		if err := unmarshalField(&b, name, fields[name]); err != nil {
			return Block{}, invalid(path+"."+name, "newsletter.problem.wrong_type", "field", name, "want", wanted(name))
		}
	}
	if b.Kind == KindRecommendations {
		if b.Count == 0 {
			b.Count = 2
		}
		if b.Pick == "" {
			b.Pick = PickCrossSell
		}
	}
	return b, b.validate(path)
}

func unmarshalField(b *Block, name string, data []byte) error {
	if string(bytes.TrimSpace(data)) == "null" {
		return errors.New("null")
	}
	switch name {
	case "id":
		return json.Unmarshal(data, &b.ID)
	case "text":
		return json.Unmarshal(data, &b.Text)
	case "url":
		return json.Unmarshal(data, &b.URL)
	case "alt":
		return json.Unmarshal(data, &b.Alt)
	case "link":
		return json.Unmarshal(data, &b.Link)
	case "product_id":
		return json.Unmarshal(data, &b.ProductID)
	case "sku":
		return json.Unmarshal(data, &b.SKU)
	case "count":
		return json.Unmarshal(data, &b.Count)
	case "pick":
		return json.Unmarshal(data, &b.Pick)
	case "reason":
		return json.Unmarshal(data, &b.Reason)
	}
	return nil
}

func wanted(field string) string {
	switch field {
	case "count", "product_id":
		return "a whole number"
	case "reason":
		return "true or false"
	}
	return "text"
}

// validate holds what no draft may break: sizes, and values that have no meaning.
func (b Block) validate(path string) error {
	for _, f := range []struct {
		name, value string
		limit       int
	}{
		{"id", b.ID, 40}, {"text", b.Text, textLimit(b.Kind)}, {"url", b.URL, MaxURL}, {"alt", b.Alt, MaxLine},
		{"link", b.Link, MaxURL}, {"sku", b.SKU, 100},
	} {
		if err := checkText(path+"."+f.name, f.name, f.value, f.limit); err != nil {
			return err
		}
	}
	if b.Kind == KindRecommendations {
		if b.Count < 1 || b.Count > MaxRecommendations {
			return invalid(path+".count", "newsletter.problem.count", "limit", MaxRecommendations)
		}
		if !slices.Contains(Picks, b.Pick) {
			return invalid(path+".pick", "newsletter.problem.pick", "pick", b.Pick, "picks", strings.Join(Picks, ", "))
		}
	}
	if b.ProductID < 0 {
		return invalid(path+".product_id", "newsletter.problem.wrong_type", "field", "product_id", "want", "a positive number")
	}
	return nil
}

// checkText refuses texts that are too long, in characters, or hold what cannot be shown.
func checkText(path, field, value string, limit int) error {
	if n := utf8.RuneCountInString(value); n > limit {
		return invalid(path, "newsletter.problem.too_long", "field", field, "count", n, "limit", limit)
	}
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unprintable) {
		return invalid(path, "newsletter.problem.unreadable", "field", field)
	}
	return nil
}

func textLimit(k Kind) int {
	if k == KindText {
		return MaxText
	}
	return MaxLine
}

// unprintable says which characters content may not hold: control characters but for tab and line ends.
func unprintable(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\r' && r != '\t' || r == 0x7f || r == utf8.RuneError
}

// NewBlock makes an empty block of the kind, with an id that none of others has.
func NewBlock(kind Kind, others []Block) Block {
	ids := map[string]bool{}
	for _, o := range others {
		ids[o.ID] = true
	}
	b := Block{ID: freeID(ids), Kind: kind}
	if kind == KindRecommendations {
		b.Count, b.Pick, b.Reason = 2, PickCrossSell, true
	}
	return b
}

func freeID(taken map[string]bool) string {
	for n := len(taken) + 1; ; n++ {
		if id := fmt.Sprintf("b%d", n); !taken[id] {
			return id
		}
	}
}

func kindList() string {
	names := make([]string, len(Kinds))
	for i, k := range Kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// decode reads exactly one JSON value.
func decode(data []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(dst); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more after the end")
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// blockPath is where a field of block i stands in a file.
func blockPath(i int, field string) string { return fmt.Sprintf("blocks[%d].%s", i, field) }
