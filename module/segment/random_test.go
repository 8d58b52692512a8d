package segment_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/segment"
)

// randomTree fills the slots of random kinds at random; it knows kinds only by their fields.
func randomTree(r *rand.Rand, v *segment.Vocabulary, depth int) segment.Node {
	if depth == 0 || r.IntN(3) > 0 {
		return randomCondition(r, v)
	}
	if r.IntN(4) == 0 {
		return segment.Not(randomTree(r, v, depth-1))
	}
	nodes := make([]segment.Node, 1+r.IntN(3))
	for i := range nodes {
		nodes[i] = randomTree(r, v, depth-1)
	}
	if r.IntN(2) == 0 {
		return segment.Any(nodes...)
	}
	return segment.All(nodes...)
}

func randomCondition(r *rand.Rand, v *segment.Vocabulary) segment.Node {
	kinds := v.Kinds()
	return randomOf(r, v, kinds[r.IntN(len(kinds))], "")
}

// randomOf draws a condition of a kind, with the option of that name where it is one of a slot's.
func randomOf(r *rand.Rand, v *segment.Vocabulary, kind segment.Kind, wanted string) segment.Node {
	for {
		values := segment.Values{}
		for _, slot := range kind.Slots {
			option := slot.Options[r.IntN(len(slot.Options))]
			for _, o := range slot.Options {
				if o.Name == wanted {
					option = o
				}
			}
			for _, f := range option.Fields {
				values[f.Name] = randomValue(r, kind.Name, f)
			}
		}
		node := segment.Is(kind.Name, values)
		if _, err := v.Check(segment.Tree{Root: node}); err == nil { // a frame may end before it begins: throw again
			return node
		}
	}
}

func randomValue(r *rand.Rand, kind string, f segment.Field) any {
	some := func(all []string) []string {
		n := 1 + r.IntN(len(all))
		picked := make([]string, n)
		for i, k := range r.Perm(len(all))[:n] {
			picked[i] = all[k]
		}
		return picked
	}
	switch f.Type {
	case segment.Whole:
		if f.Max > 10_000 {
			return max(f.Min, r.Int64N(5)) // a count of orders
		}
		return f.Min + r.Int64N(min(f.Max, 100)-f.Min+1)
	case segment.Amount:
		return decimal.New(r.Int64N(30000), -2)
	case segment.Currency:
		return currencies[r.IntN(2)]
	case segment.Flag:
		return kind != "registered" || r.IntN(2) == 0
	case segment.Day:
		return now.AddDate(0, 0, -r.IntN(100)).Format("2006-01-02")
	case segment.Span:
		from := f.Min + r.Int64N(min(f.Max, 60)-f.Min+1)
		return [2]int64{from, from + r.Int64N(min(f.Max, 100)-from+1)}
	case segment.Word:
		if len(f.Options) > 0 {
			return f.Options[r.IntN(len(f.Options))]
		}
		return topics[r.IntN(len(topics))]
	case segment.Words:
		return some(f.Options)
	case segment.Country:
		return some(countries[:3])
	case segment.Language:
		return some([]string{"sl", "de", "en", "fr"})
	case segment.Texts:
		if f.Name == "codes" {
			return some([]string{"welcome10", "WELCOME", "Objem 5%", "NONE"})
		}
		return some([]string{"koper", "Skofja Loka", "LINZ", "Koperr"})
	case segment.ID:
		return 1 + r.Int64N(2)
	case segment.Product:
		id := 1 + r.Int64N(products)
		if r.IntN(2) == 0 {
			return segment.Ref{Name: fmt.Sprintf("SKU-%d", id)}
		}
		return segment.Ref{ID: id}
	case segment.Category:
		id := 1 + r.Int64N(categories)
		if r.IntN(2) == 0 {
			return segment.Ref{Name: fmt.Sprintf("Shelf %d", id)}
		}
		return segment.Ref{ID: id}
	}
	panic("a type of field that the test does not know")
}
