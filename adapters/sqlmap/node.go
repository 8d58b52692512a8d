package sqlmap

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kupec/kupec/adapters/foreign"
)

// place is where something stands in the file.
type place struct {
	line, column int
	path, found  string
}

// node is a piece of the file with its path.
type node struct {
	*yaml.Node
	path string
}

func (n node) place() place {
	at := place{line: n.Line, column: n.Column, path: n.path}
	if n.Kind == yaml.ScalarNode {
		at.found = foreign.Cut(n.Value)
	}
	return at
}

// item is one of a list.
func (n node) item(i int) node { return node{n.Content[i], fmt.Sprintf("%s[%d]", n.path, i)} }

// entry is one of a mapping.
type entry struct{ key, value node }

// parser reads a file without any I/O. It goes on after a mistake, so that all are told at once.
type parser struct {
	problems
	tables []string // all that the file names
}

const (
	mostBytes = 256 << 10
	mostDeep  = 32 // mappings and lists in each other
)

var saidLine = regexp.MustCompile(`line ([0-9]+)`)

// document reads the text of one YAML document, which must be a mapping.
func (p *parser) document(text []byte) (node, bool) {
	top := place{line: 1, column: 1}
	if len(text) > mostBytes {
		p.add(top, fmt.Sprintf("The file has more than %d KiB, which no description of a shop needs.", mostBytes>>10))
		return node{}, false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			p.add(top, "The file is empty.")
			return node{}, false
		}
		top.column = 0
		if said := saidLine.FindStringSubmatch(err.Error()); said != nil {
			top.line, _ = strconv.Atoi(said[1])
		}
		p.add(top, "This is not YAML: "+strings.TrimPrefix(err.Error(), "yaml: ")+".")
		return node{}, false
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		p.add(top, "The file holds more than one document; leave out the line of dashes.")
		return node{}, false
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		p.add(top, "The file is empty.")
		return node{}, false
	}
	root := node{doc.Content[0], ""}
	if !p.plain(root, 0) {
		return node{}, false
	}
	return root, true
}

// plain refuses what makes a small file a large one (aliases) or a deep one.
func (p *parser) plain(n node, depth int) bool {
	switch {
	case depth > mostDeep:
		p.add(n.place(), fmt.Sprintf("This is nested more than %d deep.", mostDeep))
		return false
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		p.add(n.place(), "Anchors and aliases are not understood here; write it out.")
		return false
	}
	for _, c := range n.Content {
		if !p.plain(node{c, n.path}, depth+1) {
			return false
		}
	}
	return true
}

// entries reads a mapping with keys of the file's own choice.
func (p *parser) entries(n node) []entry {
	if n.Kind != yaml.MappingNode {
		p.add(n.place(), "Here stands a mapping (key: value).")
		return nil
	}
	var list []entry
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := node{n.Content[i], n.path}
		if key.Kind != yaml.ScalarNode {
			p.add(key.place(), "A key is a word.")
			continue
		}
		key.path = strings.TrimPrefix(n.path+"."+foreign.Cut(key.Value), ".")
		if seen[key.Value] {
			p.add(key.place(), "This key is here twice.")
			continue
		}
		seen[key.Value] = true
		list = append(list, entry{key, node{n.Content[i+1], key.path}})
	}
	return list
}

// mapping reads a mapping of which the keys are known. What it gives can be asked for any of them.
func (p *parser) mapping(n node, known ...string) map[string]node {
	found := map[string]node{}
	for _, e := range p.entries(n) {
		if !slices.Contains(known, e.key.Value) {
			at := e.key.place()
			p.add(at, "There is no such key here.", nearest(e.key.Value, known)...)
			continue
		}
		found[e.key.Value] = e.value
	}
	return found
}

// items reads a list, or one thing that stands for a list of one.
func (p *parser) items(n node) []node {
	if n.Kind != yaml.SequenceNode {
		return []node{n}
	}
	list := make([]node, len(n.Content))
	for i := range n.Content {
		list[i] = n.item(i)
	}
	if len(list) == 0 {
		p.add(n.place(), "The list is empty.")
	}
	return list
}

// word reads one value as its text, whatever YAML takes it for: true, 1.10 and 2019-01-01 are what is written. Nothing at
// all is empty.
func (p *parser) word(n node) string {
	if n.Kind != yaml.ScalarNode {
		p.add(n.place(), "Here stands a single word or number.")
		return ""
	}
	if n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// words reads one value or a list of them.
func (p *parser) words(n node) []string {
	var list []string
	for _, item := range p.items(n) {
		list = append(list, p.word(item))
	}
	return list
}

func (p *parser) yes(n node) bool {
	switch strings.ToLower(p.word(n)) {
	case "yes", "true":
		return true
	case "no", "false":
		return false
	}
	p.add(n.place(), "Here stands yes or no.")
	return false
}

func (p *parser) number(n node, from, to int64) int64 {
	v, err := strconv.ParseInt(p.word(n), 10, 64)
	if err != nil || v < from || v > to {
		p.add(n.place(), fmt.Sprintf("Here stands a whole number from %d to %d.", from, to))
		return from
	}
	return v
}

// fingerprint changes with whatever pieces of the file say, and not with their comments and spaces.
func fingerprint(pieces ...*yaml.Node) uint32 {
	h := crc32.NewIEEE()
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		if n == nil {
			return
		}
		_, _ = fmt.Fprintf(h, "%d %q (", n.Kind, n.Value)
		for _, c := range n.Content {
			walk(c)
		}
		_, _ = h.Write([]byte(")"))
	}
	for _, n := range pieces {
		walk(n)
	}
	return h.Sum32()
}
