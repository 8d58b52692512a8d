package segment_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/segment"
)

func sentences(t *testing.T) *locale.Catalogue {
	t.Helper()
	catalogue, err := locale.Load(segment.Locales)
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

func TestSentencesReadLikeSpeech(t *testing.T) {
	t.Parallel()
	catalogue := sentences(t)
	for _, key := range catalogue.Missing("sl") {
		t.Errorf("Slovene lacks %s", key)
	}
	names := segment.Names{Products: map[int64]string{7: "V60 filters"}, Categories: map[int64]string{3: "Filter coffee"}, Topics: map[string]string{"newsletter": "News"}}
	for _, c := range []struct{ in, en, sl string }{
		{`{"all":[]}`, "Everybody", "Vsi"},
		{`{"is":"orders","at_least":2,"days":90}`, "People who ordered at least 2 times in the last 90 days", "Ljudje, ki so naročili vsaj 2-krat v zadnjih 90 dneh"},
		{`{"is":"orders","exactly":0}`, "People who have not ordered", "Ljudje, ki niso naročili ničesar"},
		{`{"all":[{"is":"bought","category":3,"days":30},{"is":"not_bought","product":7}]}`,
			"People who bought from Filter coffee in the last 30 days and did not buy V60 filters",
			"Ljudje, ki so kupili iz kategorije »Filter coffee« v zadnjih 30 dneh in niso kupili izdelka »V60 filters«"},
		{`{"all":[{"is":"country","in":["SI","AT"]},{"any":[{"is":"last_order","over":365},{"is":"spent","at_least":"100","currency":"EUR"}]}]}`,
			"People who live in Austria or Slovenia and (placed their last order more than 365 days ago or spent at least €100)",
			"Ljudje, ki živijo v državi Avstrija ali Slovenija in (so zadnjič naročili pred več kot 365 dnevi ali so porabili vsaj 100\u00a0€)"},
		{`{"is":"consent"}`, "People who agreed to “News”", "Ljudje, ki so privolili v »News«"},
		{`{"is":"last_order","between":[21,45]}`, "People who placed their last order between 21 and 45 days ago", "Ljudje, ki so zadnjič naročili pred 21 do 45 dnevi"},
	} {
		tree, err := segment.Parse([]byte(c.in))
		if err != nil {
			t.Fatalf("%s: %v", c.in, err)
		}
		for lang, want := range map[string]string{"en": c.en, "sl": c.sl} {
			if got := segment.Standard().Sentence(catalogue.Printer(lang, time.UTC), tree, names); got != want {
				t.Errorf("%s %s:\n%q, want\n%q", lang, c.in, got, want)
			}
		}
	}
}

func TestEveryConditionHasASentenceInEveryLanguage(t *testing.T) {
	t.Parallel()
	catalogue := sentences(t)
	r := rand.New(rand.NewPCG(4, 4))
	for _, kind := range segment.Standard().Kinds() {
		for _, slot := range kind.Slots {
			for _, option := range slot.Options {
				for range 12 {
					tree, err := segment.Standard().Check(segment.Tree{Root: randomOf(r, segment.Standard(), kind, option.Name)})
					if err != nil {
						t.Fatal(err)
					}
					said := map[string]string{}
					for _, lang := range []string{"en", "sl"} {
						said[lang] = segment.Standard().Sentence(catalogue.Printer(lang, time.UTC), tree, segment.Names{})
						if said[lang] == "" || strings.ContainsAny(said[lang], "{}") || strings.Contains(said[lang], "segment.") {
							t.Errorf("%s %s: %q", lang, tree.JSON(), said[lang])
						}
					}
					if said["en"] == said["sl"] {
						t.Errorf("%s: %q in both languages", tree.JSON(), said["en"])
					}
				}
			}
		}
	}
}
