package newsletter

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/segment"
)

func TestAFileIsReadStrictly(t *testing.T) {
	t.Parallel()
	file := func(more string) string {
		return `{"name":"n","subject":"s","segment":{"all":[]},"blocks":[{"kind":"heading","text":"h"}]` + more + `}`
	}
	block := func(b string) string {
		return `{"name":"n","subject":"s","segment":{"all":[]},"blocks":[{"kind":"divider"},` + b + `]}`
	}
	for name, test := range map[string]struct{ in, want string }{
		"no JSON":          {"{\n\"name\": x}", "line 2: This is not the JSON"},
		"a list":           {"[]", "This is not the JSON that was expected here: expected an object, found array."},
		"unknown field":    {file(`,"colour":"red"`), "colour: There is no field “colour” here. What can stand here: name, subject,"},
		"wrong type":       {file(`,"preheader":7`), "preheader: The field preheader must be text."},
		"missing":          {`{"name":"n","subject":"s","blocks":[]}`, "segment: The field segment is missing. Write it in."},
		"unknown kind":     {block(`{"kind":"video"}`), "blocks[1].kind: There is no kind of block called “video”. Give one of: heading, text,"},
		"no kind":          {block(`{"text":"x"}`), "blocks[1].kind: The block says no kind."},
		"foreign field":    {block(`{"kind":"button","alt":"x"}`), "blocks[1].alt: There is no field “alt” here. What can stand here: kind, text, url."},
		"text as number":   {block(`{"kind":"text","text":7}`), "blocks[1].text: The field text must be text."},
		"too many":         {block(`{"kind":"recommendations","count":9}`), "blocks[1].count: Show 1 to 4 products."},
		"unknown pick":     {block(`{"kind":"recommendations","pick":"magic"}`), "blocks[1].pick: There is no way of choosing called “magic”. Use one of: cross_sell, again, upgrade, best_sellers, newest."},
		"broken tag":       {block(`{"kind":"text","text":"Hello\n{{ profile.nick }}"}`), "blocks[1].text (line 2): There is no field “profile.nick”. Did you mean profile."},
		"broken subject":   {strings.Replace(file(""), `"s"`, `"{{ x"`, 1), "subject (line 1): {{ begins a merge tag that is never closed."},
		"control":          {block(`{"kind":"text","text":"a\u0000b"}`), "blocks[1].text: There are characters in it that cannot be shown."},
		"long subject":     {strings.Replace(file(""), `"s"`, `"`+strings.Repeat("é", 501)+`"`, 1), "subject: 501 characters are too many for subject. Shorten it to 500."},
		"bad segment":      {strings.Replace(file(""), `{"all":[]}`, `{"all":[{"is":"magic"}]}`, 1), "segment.all[0]"},
		"blocks not there": {strings.Replace(file(""), `[{"kind":"heading","text":"h"}]`, `7`, 1), "blocks (line 1): This is not the JSON that was expected here: expected a list, found number."},
		"more after it":    {file("") + "x", "This is not the JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseFile([]byte(test.in), segment.Standard())
			if !errors.As(err, new(*InvalidError)) {
				t.Fatalf("got %v, want an InvalidError", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %s\nwant %s", err, test.want)
			}
		})
	}
}

func TestTheWorkedExampleIsAFile(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(source), "//\t{\n")
	example, _, _ = strings.Cut(example, "//\n")
	f, err := ParseFile([]byte("{\n"+strings.ReplaceAll(example, "//\t", "")), segment.Standard())
	if err != nil {
		t.Fatal(err)
	}
	want := Block{ID: "b4", Kind: KindProduct, SKU: "FILTER-02", Text: "100 pieces"}
	if diff := cmp.Diff(want, f.Blocks[3]); diff != "" {
		t.Error(diff)
	}
	if !f.Segment.Everybody() {
		t.Errorf("the segment is %s", f.Segment.JSON())
	}
}

func TestBlocksSurviveBeingKept(t *testing.T) {
	t.Parallel()
	in, _ := sample()
	text, err := blocksJSON(in.Blocks)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseBlocks([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in.Blocks, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzAFileNeverPanicsAndSaysWhatIsWrong(f *testing.F) {
	for _, s := range []string{`{}`, `{"blocks":[{}]}`, `{"blocks":[{"kind":"text","text":"{{"}]}`, `[[[`, `{"segment":{"not":{}}}`, `{"name":null}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ParseFile(data, segment.Standard())
		if err != nil {
			if err.Error() == "" || !errors.As(err, new(*InvalidError)) && !errors.As(err, new(*segment.InvalidError)) {
				t.Errorf("an error without words: %#v", err)
			}
			return
		}
		if _, err := blocksJSON(file.Blocks); err != nil {
			t.Errorf("accepted, but cannot be kept: %v", err)
		}
	})
}
