package admin

import (
	"slices"
	"testing"

	"github.com/kupec/kupec/module/newsletter"
)

func TestTheEditorsButtonsArrangeBlocks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		do, target, open string
		want             []string
	}{
		"save":             {"save", "", "", []string{"a", "b", "c"}},
		"add":              {"add", "text", "b4", []string{"a", "b", "c", "b4"}},
		"up":               {"up", "b", "b", []string{"b", "a", "c"}},
		"up at the top":    {"up", "a", "a", []string{"a", "b", "c"}},
		"down":             {"down", "b", "b", []string{"a", "c", "b"}},
		"down at the end":  {"down", "c", "c", []string{"a", "b", "c"}},
		"copy":             {"copy", "a", "b4", []string{"a", "b4", "b", "c"}},
		"remove":           {"remove", "b", "", []string{"a", "c"}},
		"one that is gone": {"remove", "x", "", []string{"a", "b", "c"}},
		"find":             {"find", "c", "c", []string{"a", "b", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newsletter.Newsletter{Blocks: []newsletter.Block{{ID: "a", Kind: "text"}, {ID: "b", Kind: "heading"}, {ID: "c", Kind: "divider"}}}
			open := arrange(&n, test.do, test.target)
			var got []string
			for _, b := range n.Blocks {
				got = append(got, b.ID)
			}
			if open != test.open || !slices.Equal(got, test.want) {
				t.Errorf("got %v with %q open, want %v with %q", got, open, test.want, test.open)
			}
		})
	}
}
