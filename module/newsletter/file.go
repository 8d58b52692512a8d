package newsletter

import (
	"encoding/json"
	"errors"

	"github.com/kupec/kupec/module/segment"
)

// MaxFile is the most bytes of a newsletter file.
const MaxFile = 1 << 20

// File is a newsletter as `kupec newsletter send FILE.json` reads it. The package comment has an example.
type File struct {
	Shop      string // name of the shop in the configuration; empty: the only one
	Name      string
	Subject   string
	Preheader string
	Topic     string
	Language  string
	Segment   segment.Tree
	Blocks    []Block
}

// ParseFile reads a newsletter file. It is strict: an unknown field, a wrong type, a broken merge tag, an address that
// cannot be opened are refused. kinds is what its segment may ask. The error is an [*InvalidError] with the place, or the segment's own with its place.
func ParseFile(data []byte, kinds *segment.Vocabulary) (File, error) {
	if len(data) > MaxFile {
		return File{}, invalid("", "newsletter.problem.too_long", "field", "file", "count", len(data), "limit", MaxFile)
	}
	var raw map[string]json.RawMessage
	if err := decode(data, &raw); err != nil {
		return File{}, invalidJSON("", data, err)
	}
	var f File
	texts := map[string]*string{"shop": &f.Shop, "name": &f.Name, "subject": &f.Subject, "preheader": &f.Preheader, "topic": &f.Topic, "language": &f.Language}
	const fields = "name, subject, preheader, topic, language, shop, segment, blocks"
	for _, name := range sortedKeys(raw) {
		if to, ok := texts[name]; ok {
			if err := json.Unmarshal(raw[name], to); err != nil || string(raw[name]) == "null" {
				return File{}, invalid(name, "newsletter.problem.wrong_type", "field", name, "want", "text")
			}
			continue
		}
		switch name {
		case "segment":
			tree, err := kinds.Parse(raw[name])
			if e := (*segment.InvalidError)(nil); errors.As(err, &e) {
				path := "segment"
				if e.Path != "" {
					path += "." + e.Path
				}
				return File{}, &InvalidError{Path: path, Problem: Problem{Severity: Blocking, Field: "segment",
					Key: "newsletter.problem.segment", Args: []any{"detail", e.Detail}}}
			}
			if err != nil {
				return File{}, err
			}
			f.Segment = tree
		case "blocks":
			blocks, err := parseBlocks(raw[name], "blocks")
			if err != nil {
				return File{}, err
			}
			f.Blocks = blocks
		default:
			return File{}, invalid(name, "newsletter.problem.unknown_field", "field", clipTo(name, 40), "fields", fields)
		}
	}
	for _, name := range []string{"name", "subject", "segment", "blocks"} {
		if raw[name] == nil {
			return File{}, invalid(name, "newsletter.problem.missing", "field", name)
		}
	}
	n := f.Newsletter(0)
	if err := n.tidy(); err != nil {
		return File{}, err
	}
	return f, f.checkTags()
}

// checkTags refuses broken merge tags, with block, field and line: nobody looks at a file's newsletter before it goes out.
func (f File) checkTags() error {
	type place struct {
		path, field, text string
		block             int
	}
	places := []place{{"subject", "subject", f.Subject, 0}, {"preheader", "preheader", f.Preheader, 0}}
	for i, b := range f.Blocks {
		for _, field := range []struct{ name, text string }{{"text", b.Text}, {"alt", b.Alt}, {"url", b.URL}, {"link", b.Link}} {
			places = append(places, place{blockPath(i, field.name), field.name, field.text, i + 1})
		}
	}
	for _, at := range places {
		if _, _, problems := scanTags(at.text); len(problems) > 0 {
			p := problems[0]
			p.Field, p.Block = at.field, at.block
			return &InvalidError{Path: at.path, Problem: p}
		}
	}
	return nil
}

// Newsletter is the file's content as a draft of a shop. Products given by SKU still have to be looked up; see
// [Desk.Import].
func (f File) Newsletter(shopID int64) Newsletter {
	return Newsletter{ShopID: shopID, Name: f.Name, Subject: f.Subject, Preheader: f.Preheader, Topic: f.Topic, Language: f.Language,
		Audience: &f.Segment, Blocks: f.Blocks}
}
