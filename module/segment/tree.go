package segment

import (
	"bytes"
	"encoding/json"
)

// Tree is a question about people, checked: it comes from [Vocabulary.Parse] or is built in code and checked by
// [Vocabulary.Check]. The zero tree selects everybody.
type Tree struct {
	Root Node
}

// Node is one of four: all of its nodes hold, any of them holds, the one node does not hold, or a single condition holds.
// The zero node is an empty All, which everybody meets.
type Node struct {
	All []Node
	Any []Node
	Not *Node
	Is  *Condition
}

// Condition is one kind's question with its values filled in.
type Condition struct {
	Kind   string
	Values Values
}

// Values are a condition's fields by name, each in its [Type]'s Go form.
type Values map[string]any

// All builds the group that wants every one of its nodes.
func All(nodes ...Node) Node { return Node{All: nodes} }

// Any builds the group that wants at least one of its nodes.
func Any(nodes ...Node) Node { return Node{Any: nodes} }

// Not builds the opposite of node.
func Not(node Node) Node { return Node{Not: &node} }

// Is builds a condition. [Vocabulary.Check] completes and checks it.
func Is(kind string, values Values) Node { return Node{Is: &Condition{Kind: kind, Values: values}} }

// JSON is the tree in the form [Vocabulary.Parse] reads, its keys in a fixed order: equal trees give equal bytes.
func (t Tree) JSON() []byte {
	var b bytes.Buffer
	t.Root.write(&b)
	return b.Bytes()
}

// MarshalJSON writes [Tree.JSON].
func (t Tree) MarshalJSON() ([]byte, error) { return t.JSON(), nil }

// Everybody says whether the tree has no condition at all.
func (t Tree) Everybody() bool {
	for range t.Conditions() {
		return false
	}
	return true
}

// Conditions walks over the conditions in reading order, with their paths ("all[1].any[0]"; "" for a lone one).
func (t Tree) Conditions() func(yield func(path string, c *Condition) bool) {
	return func(yield func(string, *Condition) bool) { t.Root.walk("", yield) }
}

func (n Node) walk(path string, yield func(string, *Condition) bool) bool {
	switch {
	case n.Is != nil:
		return yield(path, n.Is)
	case n.Not != nil:
		return n.Not.walk(join(path, "not"), yield)
	}
	key, nodes := "all", n.All
	if n.Any != nil {
		key, nodes = "any", n.Any
	}
	for i, child := range nodes {
		if !child.walk(item(join(path, key), i), yield) {
			return false
		}
	}
	return true
}

func (n Node) write(b *bytes.Buffer) {
	switch {
	case n.Is != nil:
		n.Is.write(b)
	case n.Not != nil:
		b.WriteString(`{"not":`)
		n.Not.write(b)
		b.WriteByte('}')
	case n.Any != nil:
		writeGroup(b, "any", n.Any)
	default:
		writeGroup(b, "all", n.All)
	}
}

func writeGroup(b *bytes.Buffer, key string, nodes []Node) {
	b.WriteString(`{"` + key + `":[`)
	for i, child := range nodes {
		if i > 0 {
			b.WriteByte(',')
		}
		child.write(b)
	}
	b.WriteString("]}")
}

func (c *Condition) write(b *bytes.Buffer) {
	b.WriteString(`{"is":`)
	writeJSON(b, c.Kind)
	for _, name := range sortedNames(c.Values) {
		b.WriteByte(',')
		writeJSON(b, name)
		b.WriteByte(':')
		writeJSON(b, c.Values[name])
	}
	b.WriteByte('}')
}

func writeJSON(b *bytes.Buffer, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("segment: a value that JSON cannot hold: " + err.Error()) // values are texts, numbers, decimals and lists of them
	}
	b.Write(raw)
}
