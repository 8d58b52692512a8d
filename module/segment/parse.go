package segment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Bounds of a tree. They are far above what a person can read, and low enough that a tree costs the server little.
const (
	MaxBytes      = 64 << 10
	MaxDepth      = 8
	MaxConditions = 100
)

// Parse reads a tree with the [Standard] vocabulary. The error is an [*InvalidError].
func Parse(raw []byte) (Tree, error) { return Standard().Parse(raw) }

// Parse reads a tree from JSON. It is strict: every key must be known, none may stand twice, numbers are bounded. The
// error is an [*InvalidError] that names the place and what is allowed there.
func (v *Vocabulary) Parse(raw []byte) (Tree, error) {
	if len(raw) > MaxBytes {
		return Tree{}, wrong("size", "it is larger than %d KB", MaxBytes>>10).with("max", MaxBytes>>10).at("")
	}
	if p := wellFormed(raw); p != nil {
		return Tree{}, p.at("")
	}
	r := reader{vocabulary: v}
	root, err := r.node(raw, "", 1)
	if err != nil {
		return Tree{}, err
	}
	return Tree{root}, nil
}

// Check completes a tree that was built in code or from a form with what absent fields mean, and checks it as
// [Vocabulary.Parse] does. The tree given is left as it was.
func (v *Vocabulary) Check(t Tree) (Tree, error) {
	r := reader{vocabulary: v}
	root, err := r.built(t.Root, "", 1)
	if err != nil {
		return Tree{}, err
	}
	return Tree{root}, nil
}

type reader struct {
	vocabulary *Vocabulary
	conditions int
}

func wellFormed(raw []byte) *problem {
	if !utf8.Valid(raw) {
		return wrong("json", "it is not JSON: it holds bytes that are not UTF-8").with("line", 1)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	var whole json.RawMessage
	err := dec.Decode(&whole)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = fmt.Errorf("something follows the end of the tree")
		}
	}
	if err == nil {
		return nil
	}
	offset := dec.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	line := 1 + bytes.Count(raw[:min(int(offset), len(raw))], []byte("\n"))
	return wrong("json", "it is not JSON: line %d: %v", line, err).with("line", line)
}

// pair is one member of a JSON object, in the order written.
type pair struct {
	key string
	raw json.RawMessage
}

func object(raw []byte) ([]pair, *problem) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return nil, wrong("object", "want an object: {\"all\":[…]}, {\"any\":[…]}, {\"not\":{…}} or {\"is\":\"…\"}, not %s", clip(string(bytes.TrimSpace(raw))))
	}
	var pairs []pair
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, wrong("json", "it is not JSON: %v", err)
		}
		p := pair{key: key.(string)}
		if err := dec.Decode(&p.raw); err != nil {
			return nil, wrong("json", "it is not JSON: %v", err)
		}
		if slices.ContainsFunc(pairs, func(o pair) bool { return o.key == p.key }) {
			return nil, wrong("twice", "it stands twice").in(clip(p.key))
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

func (r *reader) node(raw []byte, path string, depth int) (Node, error) {
	if depth > MaxDepth {
		return Node{}, tooDeep().at(path)
	}
	pairs, p := object(raw)
	if p != nil {
		return Node{}, p.at(path)
	}
	for _, one := range pairs {
		if one.key == "is" {
			return r.condition(pairs, path)
		}
	}
	if len(pairs) != 1 {
		return Node{}, wrong("node", "want exactly one of \"all\", \"any\", \"not\" or \"is\", not %d keys", len(pairs)).at(path)
	}
	key, value := pairs[0].key, pairs[0].raw
	switch key {
	case "all", "any":
		nodes, err := r.group(key, value, path, depth)
		if err != nil {
			return Node{}, err
		}
		if key == "any" {
			return Node{Any: nodes}, nil
		}
		return Node{All: nodes}, nil
	case "not":
		child, err := r.node(value, join(path, "not"), depth+1)
		if err != nil {
			return Node{}, err
		}
		return Not(child), nil
	}
	return Node{}, wrong("node", "unknown key: want \"all\", \"any\", \"not\" or \"is\"").in(clip(key)).at(path)
}

func (r *reader) group(key string, raw []byte, path string, depth int) ([]Node, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil || items == nil {
		return nil, wrong("array", "want a list of nodes in [ ]").in(key).at(path)
	}
	if p := emptyAny(key, len(items)); p != nil {
		return nil, p.at(path)
	}
	nodes := make([]Node, len(items))
	for i, one := range items {
		child, err := r.node(one, item(join(path, key), i), depth+1)
		if err != nil {
			return nil, err
		}
		nodes[i] = child
	}
	return nodes, nil
}

func (r *reader) condition(pairs []pair, path string) (Node, error) {
	c := Condition{Values: Values{}}
	for _, one := range pairs {
		if one.key == "is" {
			if err := json.Unmarshal(one.raw, &c.Kind); err != nil {
				return Node{}, wrong("kind", "want the name of a kind of condition: %s", list(quoted(r.vocabulary.names()), "or")).in("is").at(path)
			}
			continue
		}
		var v any
		dec := json.NewDecoder(bytes.NewReader(one.raw))
		dec.UseNumber()
		if err := dec.Decode(&v); err != nil {
			return Node{}, wrong("json", "it is not JSON: %v", err).in(clip(one.key)).at(path)
		}
		c.Values[one.key] = v
	}
	return r.checked(c, path)
}

func (r *reader) built(n Node, path string, depth int) (Node, error) {
	if depth > MaxDepth {
		return Node{}, tooDeep().at(path)
	}
	ways := 0
	for _, given := range []bool{n.All != nil, n.Any != nil, n.Not != nil, n.Is != nil} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return Node{}, wrong("node", "want exactly one of \"all\", \"any\", \"not\" or \"is\", not %d", ways).at(path)
	case n.Is != nil:
		c := Condition{Kind: n.Is.Kind, Values: Values{}}
		for name, v := range n.Is.Values {
			c.Values[name] = v
		}
		return r.checked(c, path)
	case n.Not != nil:
		child, err := r.built(*n.Not, join(path, "not"), depth+1)
		return Not(child), err
	}
	key, nodes := "all", n.All
	if n.Any != nil {
		key, nodes = "any", n.Any
	}
	if p := emptyAny(key, len(nodes)); p != nil {
		return Node{}, p.at(path)
	}
	out := make([]Node, len(nodes))
	for i, child := range nodes {
		var err error
		if out[i], err = r.built(child, item(join(path, key), i), depth+1); err != nil {
			return Node{}, err
		}
	}
	if key == "any" {
		return Node{Any: out}, nil
	}
	return Node{All: out}, nil
}

// checked brings every value of c into its type's form, completes c and applies the kind's own rules.
func (r *reader) checked(c Condition, path string) (Node, error) {
	if r.conditions++; r.conditions > MaxConditions {
		return Node{}, wrong("many", "a tree holds at most %d conditions", MaxConditions).with("max", MaxConditions).at(path)
	}
	kind, ok := r.vocabulary.Kind(c.Kind)
	if !ok {
		allowed := list(quoted(r.vocabulary.names()), "or")
		return Node{}, wrong("kind", "there is no kind of condition %q: want %s", clip(c.Kind), allowed).with("name", clip(c.Kind), "allowed", allowed).in("is").at(path)
	}
	for _, name := range sortedNames(c.Values) {
		field, ok := kind.field(name)
		if !ok {
			allowed := list(quoted(kind.fields()), "or")
			return Node{}, wrong("field", "unknown field: %q takes %s", kind.Name, allowed).with("kind", kind.Name, "allowed", allowed).in(clip(name)).at(path)
		}
		v, p := field.check(c.Values[name])
		if p != nil {
			return Node{}, p.in(name).at(path)
		}
		c.Values[name] = v
	}
	if p := kind.settle(c.Values); p != nil {
		return Node{}, p.at(path)
	}
	if kind.Check != nil {
		if err := kind.Check(&c); err != nil {
			var p *InvalidError
			if errors.As(err, &p) {
				return Node{}, &InvalidError{Path: join(path, p.Path), Key: p.Key, Args: p.Args, Detail: p.Detail}
			}
			return Node{}, &InvalidError{Path: path, Key: "segment.invalid.other", Args: []any{"detail", err.Error()}, Detail: err.Error()}
		}
	}
	return Node{Is: &c}, nil
}

func emptyAny(key string, n int) *problem {
	if key == "any" && n == 0 {
		return wrong("empty", "it needs at least one condition").in(key)
	}
	return nil
}

func tooDeep() *problem {
	return wrong("deep", "groups stand at most %d deep in each other", MaxDepth).with("max", MaxDepth)
}
