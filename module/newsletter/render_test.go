package newsletter

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/locale"
)

var update = flag.Bool("update", false, "write the golden files anew")

func printerFor(t testing.TB, lang string) *locale.Printer {
	t.Helper()
	c, err := locale.Load(Locales)
	if err != nil {
		t.Fatal(err)
	}
	return c.Printer(lang, nil)
}

const letterText = `Dear {{ profile.first_name | default: "friend" }},

our Advent box is packed: **Guji**, *Huila* and a decaf for the late evenings.

{% if profile.city %}
We bring it to {{ profile.city | default: "you" }} on the 27th.
{% else %}
We send it on the 27th.
{% endif %}

- 24 portions of 18 g
- each ground for [your dripper]({{ shop.url }}/dripper)

1. Open
2. Brew

> Best box I had. \*\*\*

Write to <mail@skodelica.example> or see https://skodelica.example/faq.`

// sample is a newsletter with every kind of block.
func sample() (content, map[int64]item) {
	return content{
			Newsletter: 1, Language: "en",
			Subject:   `{{ profile.first_name | default: "friend" }}, your Advent filter box`,
			Preheader: "Three roasts, one dripper, 24 quiet mornings",
			Shop:      shopInfo{ID: 1, Name: "Skodelica", URL: "https://skodelica.example"},
			Brand:     Brand{SenderName: "Skodelica", SenderEmail: "novice@skodelica.example", PostalAddress: "Skodelica d.o.o.\nTrubarjeva cesta 12\n1000 Ljubljana"},
			Blocks: []Block{
				{ID: "b1", Kind: KindImage, URL: "https://skodelica.example/img/hero.png", Alt: "Two bags of coffee with a white dripper between them", Link: "/advent"},
				{ID: "b2", Kind: KindHeading, Text: "Twenty-four quiet mornings"},
				{ID: "b3", Kind: KindText, Text: letterText},
				{ID: "b4", Kind: KindButton, Text: "Reserve my box, €49.00", URL: "https://skodelica.example/advent"},
				{ID: "b5", Kind: KindDivider},
				{ID: "b6", Kind: KindProduct, ProductID: 7, Text: "Roasted on Thursday"},
				{ID: "b7", Kind: KindRecommendations, Text: "Goes with what you have", Count: 2, Pick: PickCrossSell, Reason: true},
			},
		}, map[int64]item{7: {id: 7, name: "Advent filter box <24>", url: "https://skodelica.example/p/advent?a=1&b=2",
			image: "https://skodelica.example/img/box.png", price: "€49.00", was: "€59.00"}}
}

var maja = person{id: 5, name: contact.Name{First: "Maja", Last: "Kovačič"}, email: "maja@example.com", city: "Maribor"}

var picked = []pick{
	{item: item{id: 9, name: "Paper filters 02, 100 pieces", url: "https://skodelica.example/p/filters", image: "https://skodelica.example/img/filters.png", price: "€6.40"}, note: "Because you bought V60 dripper"},
	{item: item{id: 10, name: "Cup No. 4", url: "https://skodelica.example/p/cup", price: "€18.00"}},
}

// counted stands for attribution: every counted link shows that it is one.
type counted struct{ letter *letter }

func (a counted) link(n int) string {
	return "https://crm.example/s/c/" + a.letter.links[n][len("https://"):]
}
func (a counted) product(url string) string {
	return "https://crm.example/s/c/" + strings.TrimPrefix(url, "https://")
}
func (a counted) own(field string) string { return "https://crm.example/s/" + field + "/token" }
func (a counted) pixel() string           { return "https://crm.example/s/o/token.gif" }

func renderSample(t testing.TB, change func(*content), p person, picks []pick) (Rendered, []Problem) {
	t.Helper()
	in, products := sample()
	if change != nil {
		change(&in)
	}
	l, problems := compile(in, products, printerFor(t, in.Language), true)
	return l.render(p, picks, counted{l}), problems
}

func TestAMailLooksAsItDidBefore(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*content)
		person person
		picks  []pick
	}{
		{"maja", nil, maja, picked},
		{"nobody", func(c *content) { c.Language = "sl"; c.Brand.Accent = "#f5c518" }, person{}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, _ := renderSample(t, test.change, test.person, test.picks)
			for ext, text := range map[string]string{"html": got.HTML, "txt": "Subject: " + got.Subject + "\n\n" + got.Text} {
				file := filepath.Join("testdata", test.name+"."+ext)
				if *update {
					if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), text); diff != "" {
					t.Errorf("%s differs (run the test with -update if that is meant):\n%s", file, diff)
				}
			}
		})
	}
}

// page is what a mail program makes of a mail's HTML.
type page struct {
	links, images []string
	text          string
	unclosed      []string
}

// readPage checks what every mail must keep, and gives what is in it.
func readPage(t *testing.T, source string) page {
	t.Helper()
	var p page
	var stack []string
	z := html.NewTokenizer(strings.NewReader(source))
	look := 0
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		tok := z.Token()
		attrs := map[string]string{}
		for _, a := range tok.Attr {
			attrs[a.Key] = a.Val
		}
		switch kind {
		case html.TextToken:
			if !slices.Contains(stack, "style") {
				p.text += tok.Data
			}
		case html.StartTagToken:
			if tok.Data == "style" {
				look++
			}
			switch tok.Data {
			case "meta", "img", "br", "hr":
			default:
				stack = append(stack, tok.Data)
			}
			switch tok.Data {
			case "script", "link", "iframe", "object", "form", "svg":
				t.Errorf("<%s> in a mail", tok.Data)
			case "a":
				p.links = append(p.links, attrs["href"])
			case "img":
				p.images = append(p.images, attrs["src"])
				if _, ok := attrs["alt"]; !ok {
					t.Errorf("a picture without alt: %s", tok)
				}
			case "p", "h1", "h2", "h3", "ul", "ol", "li":
				if attrs["style"] == "" {
					t.Errorf("<%s> has no inline style", tok.Data)
				}
			}
			for name := range attrs {
				if strings.HasPrefix(name, "on") {
					t.Errorf("an event handler: %s", tok)
				}
			}
		case html.EndTagToken:
			if len(stack) == 0 || stack[len(stack)-1] != tok.Data {
				t.Fatalf("</%s> ends %v", tok.Data, stack)
			}
			stack = stack[:len(stack)-1]
		}
	}
	p.unclosed = stack
	if len(stack) > 0 {
		t.Errorf("never closed: %v", stack)
	}
	if look != 1 {
		t.Errorf("%d style elements, want the one for dark mode and phones", look)
	}
	return p
}

func TestEveryLinkOfAMailIsCountedAndEveryPictureDescribed(t *testing.T) {
	t.Parallel()
	got, _ := renderSample(t, nil, maja, picked)
	p := readPage(t, got.HTML)
	for _, link := range p.links {
		if !strings.HasPrefix(link, "https://crm.example/s/") && !strings.HasPrefix(link, "mailto:") {
			t.Errorf("%s is not counted", link)
		}
	}
	for _, want := range []string{
		"https://crm.example/s/unsubscribe_url/token", "https://crm.example/s/preferences_url/token", "https://crm.example/s/browser_url/token",
		"https://crm.example/s/c/skodelica.example/dripper", "https://crm.example/s/c/skodelica.example/p/advent?a=1&b=2",
		"https://crm.example/s/c/skodelica.example/p/filters", "https://crm.example/s/c/skodelica.example/advent", "mailto:mail@skodelica.example",
	} {
		if !slices.Contains(p.links, want) {
			t.Errorf("no link to %s in %q", want, p.links)
		}
		if !strings.HasPrefix(want, "mailto:") && !strings.Contains(got.Text, want) {
			t.Errorf("no link to %s in the plain text", want)
		}
	}
	if p.images[len(p.images)-1] != "https://crm.example/s/o/token.gif" {
		t.Errorf("the last picture is %s, want the pixel", p.images[len(p.images)-1])
	}
	if got.Bytes > GmailClips/4 {
		t.Errorf("%d bytes for so little", got.Bytes)
	}
}

func TestWhatIsInSomebodysNameStaysAName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"{{ 7|times:7 }}", "{% if true %}", "{{ profile.email }}", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`,
		"**bold**", "[click](https://evil.example)", "# Heading", "https://evil.example", "javascript:alert(1)", "a\r\nBcc: x@evil.example",
		"kq0x1v", "\u202eevil", strings.Repeat("x", 5000), "a\x00b", "\xff\xfe", "</td></tr></table>", "<!-- ", "]]>", "&lt;b&gt;",
	} {
		who := maja
		who.name.First, who.city = name, name
		note := pick{item: item{id: 1, name: name, url: "https://skodelica.example/p", price: "€1.00"}, note: name}
		got, problems := renderSample(t, nil, who, []pick{note})
		if Blocked(problems) {
			t.Fatal(problems)
		}
		p := readPage(t, got.HTML)
		shown := clip(name)
		if shown == "" {
			shown = "friend"
		}
		if !strings.Contains(strings.Join(strings.Fields(p.text), " "), strings.Join(strings.Fields("Dear "+shown+","), " ")) {
			t.Errorf("%q does not come out as it is: %q", name, p.text)
		}
		for _, link := range p.links {
			if strings.Contains(link, "evil") || strings.HasPrefix(link, "javascript") {
				t.Errorf("%q became a link: %s", name, link)
			}
		}
		if strings.Contains(got.Text, "49") && !strings.Contains(name, "49") && strings.Contains(name, "times") && strings.Contains(p.text, "Dear 49") {
			t.Errorf("%q was worked out", name)
		}
		if strings.ContainsAny(got.Subject, "\r\n\x00") {
			t.Errorf("%q breaks the subject's line: %q", name, got.Subject)
		}
	}
}

func TestAConditionLeavesNothingBehindWhenItIsFalse(t *testing.T) {
	t.Parallel()
	with, _ := renderSample(t, nil, maja, nil)
	without, _ := renderSample(t, nil, person{}, nil)
	if !strings.Contains(with.Text, "We bring it to Maribor on the 27th.") || strings.Contains(with.Text, "We send it") {
		t.Errorf("the condition holds, but:\n%s", with.Text)
	}
	if strings.Contains(without.Text, "We bring it") || !strings.Contains(without.Text, "We send it on the 27th.") {
		t.Errorf("the condition does not hold, but:\n%s", without.Text)
	}
	for _, got := range []Rendered{with, without} {
		readPage(t, got.HTML)
		if strings.Contains(got.Text, "\n\n\n") {
			t.Errorf("a hole in the text:\n%s", got.Text)
		}
	}
	if strings.Contains(without.HTML, "Goes with what you have") {
		t.Error("a heading over no recommendations")
	}
}

func TestMarkdownOfAMailIsCleanHTMLAndReadableText(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, html, text string }{
		"script":              {"Hello <script>alert(1)</script>you", "Hello you", "Hello alert(1)you"},
		"bold tag":            {"<b>Hello</b>", "<b style=", "Hello"},
		"style":               {`<p style="position:fixed">x</p>`, ">x</p>", "x"},
		"line ends":           {"a\nb", "a<br>\nb", "a\nb"},
		"nested list":         {"- a\n  - b\n  - c\n- d", "<li ", "- a\n  - b\n  - c\n- d"},
		"loose list":          {"1. a\n\n2. b", "<li ", "1. a\n\n2. b"},
		"entity":              {"5 &lt; 6 &amp; 7", "5 &lt; 6 &amp; 7", "5 < 6 & 7"},
		"code":                {"`a < b`", "a &lt; b", "a < b"},
		"struck":              {"~~no~~ yes", "<del>no</del> yes", "no yes"},
		"picture":             {"![a cup](https://a.example/cup.png)", `src="https://a.example/cup.png" alt="a cup"`, "[a cup]"},
		"quote":               {"> a\n> b", "<blockquote ", "> a\n> b"},
		"tag in bold":         {"**{{ profile.first_name }}**", ">Maja</strong>", "Maja"},
		"upcase":              {"{{ profile.first_name | upcase }}", ">MAJA<", "MAJA"},
		"unless":              {"{% unless profile.company %}private{% endunless %}", ">private<", "private"},
		"elsif":               {"{% if profile.company %}a{% elsif profile.city == \"Maribor\" %}b{% else %}c{% endif %}", ">b<", "b"},
		"nested if":           {"{% if profile.city %}x{% if profile.company %}y{% endif %}z{% endif %}", ">xz<", "xz"},
		"if round paragraphs": {"a\n{% if profile.city %}\nb\n\nc\n{% endif %}\nd", "", "a\n\nb\n\nc\n\nd"},
		"if round line":       {"a\n{% if profile.city %}\nb\n{% else %}\nc\n{% endif %}\nd", "a<br>\nb<br>\nd", "a\nb\nd"},
		"if round list":       {"{% if profile.company %}\n- a\n- b\n{% endif %}\nend", ">end</p>", "end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, problems := renderSample(t, func(c *content) { c.Blocks = []Block{{Kind: KindText, Text: test.in}} }, maja, nil)
			if Blocked(problems) {
				t.Errorf("problems: %v", problems)
			}
			readPage(t, got.HTML)
			if !strings.Contains(got.HTML, test.html) {
				_, body, _ := strings.Cut(got.HTML, "browser_url")
				t.Errorf("no %q in %s", test.html, body)
			}
			if _, body, _ := strings.Cut(got.Text, "browser_url/token\n\n"); !strings.HasPrefix(body, test.text+"\n\n- - -") {
				t.Errorf("text is %q, want %q", body, test.text)
			}
		})
	}
}

func TestProblemsAreFoundWithTheirPlace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		block Block
		want  string // of the first blocking problem
	}{
		"unknown field":   {Block{Kind: KindText, Text: "Hello\n{{ profile.nickname }}"}, "block 1, text, line 2: There is no field “profile.nickname”. Did you mean profile.first_name?"},
		"near field":      {Block{Kind: KindText, Text: "{{ first_name }}"}, "block 1, text, line 1: There is no field “first_name”. Did you mean profile.first_name?"},
		"open tag":        {Block{Kind: KindText, Text: "a\n\n{{ profile.first_name"}, "block 1, text, line 3: {{ begins a merge tag that is never closed. Close it with }}."},
		"unknown filter":  {Block{Kind: KindHeading, Text: "{{ shop.name | shout }}"}, "block 1, text, line 1: There is no filter “shout”. These work: append, capitalize, default, downcase, escape, prepend, strip, truncate, upcase."},
		"loop":            {Block{Kind: KindText, Text: "{% for i in (1..1000000) %}x{% endfor %}"}, "block 1, text, line 1: “for” does not work in newsletters. Only if, elsif, else and unless do."},
		"not closed":      {Block{Kind: KindText, Text: "{% if profile.city %}x"}, "block 1, text, line 1: {% if profile.city %} is never ended. Put {% endif %} where it should end."},
		"not open":        {Block{Kind: KindText, Text: "x{% endif %}"}, "block 1, text, line 1: {% endif %} has no beginning before it. Put an if in front or take it out."},
		"wrong end":       {Block{Kind: KindText, Text: "{% if profile.city %}x{% endunless %}"}, "block 1, text, line 1: {% endunless %} does not fit {% if profile.city %}. End an if with endif and an unless with endunless."},
		"crossing":        {Block{Kind: KindText, Text: "**{% if profile.city %}a** b{% endif %}"}, "block 1, text, line 1: {% if profile.city %} begins in one paragraph and ends in another, or inside bold text and ends outside. Begin and end it in the same place."},
		"range":           {Block{Kind: KindText, Text: "{{ (1..99999999) }}"}, "block 1, text, line 1: {{ (1..99999999) }} cannot be understood. Look for a missing quotation mark or bar."},
		"huge number":     {Block{Kind: KindText, Text: "{{ 99999999999999999999 }}"}, "block 1, text, line 1: {{ 99999999999999999999 }} cannot be understood. Look for a missing quotation mark or bar."},
		"personal link":   {Block{Kind: KindButton, Text: "Go", URL: "https://a.example/?e={{ profile.email }}"}, "block 1, url: An address cannot hold something about the person. Take the merge tag out of it."},
		"relative link":   {Block{Kind: KindText, Text: "[x](shop.example/x)"}, "block 1, text: “shop.example/x” is not a whole address. Did you mean https://shop.example/x?"},
		"javascript link": {Block{Kind: KindButton, Text: "Go", URL: "javascript:alert(1)"}, "block 1, url: “javascript:alert(1)” is not an address that can be opened. Write it whole, as https://shop.example/page."},
		"no alt":          {Block{Kind: KindImage, URL: "https://a.example/a.png"}, "block 1, alt: The picture has no description. Say what is in it, for those who do not see it."},
		"no picture":      {Block{Kind: KindImage, Alt: "A cup"}, "block 1, url: The block has no picture. Give the picture's address or remove the block."},
		"empty":           {Block{Kind: KindHeading, Text: "  "}, "block 1, text: The block is empty. Write something or remove it."},
		"no product":      {Block{Kind: KindProduct}, "block 1, product: No product is chosen. Choose one or remove the block."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, problems := renderSample(t, func(c *content) { c.Blocks = []Block{test.block} }, maja, nil)
			readPage(t, got.HTML) // it can be looked at all the same
			i := slices.IndexFunc(problems, func(p Problem) bool { return p.Severity == Blocking })
			if i < 0 {
				t.Fatalf("not found; only %v", problems)
			}
			if problems[i].String() != test.want {
				t.Errorf("got  %s\nwant %s", problems[i], test.want)
			}
		})
	}
}

func TestEverySentenceIsThereInEnglishAndSlovene(t *testing.T) {
	t.Parallel()
	c, err := locale.Load(Locales)
	if err != nil {
		t.Fatal(err)
	}
	if missing := c.Missing("sl"); len(missing) > 0 {
		t.Errorf("missing in Slovene: %v", missing)
	}
	for _, lang := range c.Languages() {
		for _, key := range c.Keys(lang) {
			if diff := cmp.Diff(c.Placeholders("en", key), c.Placeholders(lang, key)); diff != "" {
				t.Errorf("%s in %s names other things than in English:\n%s", key, lang, diff)
			}
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(source), `"newsletter.problem.`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			if name != "" && !strings.HasSuffix(file, "_test.go") && !c.Has("newsletter.problem."+name) {
				t.Errorf("%s says newsletter.problem.%s, which no catalogue has", file, name)
			}
		}
	}
}

func FuzzAnyTextMakesAWholeMail(f *testing.F) {
	f.Add(letterText)
	for _, s := range []string{"{{", "{%", "{% if %}", "{{ 'a' | default: }}", "[a](b \"c\")", "<b><i></b></i>", "- {% if profile.city %}\n- b{% endif %}",
		"![](x)", "{{ profile.first_name | truncate: -5 }}", "| a |\n|---|", "{% if profile.city contains 7 %}x{% endif %}", "[x]({{ unsubscribe_url }})",
		"{% if profile.city %}**a{% else %}b**{% endif %}", "<a href='{{ shop.url }}'>x</a>", "\\{{ shop.name }}", "{{ profile }}", "{{ profile.first_name[0] }}"} {
		f.Add(s)
	}
	printer := printerFor(f, "en")
	f.Fuzz(func(t *testing.T, text string) {
		in, products := sample()
		in.Blocks = []Block{{Kind: KindText, Text: text}, {Kind: KindHeading, Text: text}, {Kind: KindButton, Text: text, URL: text}, {Kind: KindImage, URL: text, Alt: text, Link: text}}
		in.Subject = text
		l, problems := compile(in, products, printer, true)
		for _, p := range problems {
			if p.String() == "" {
				t.Errorf("a problem without words: %+v", p)
			}
		}
		if Blocked(problems) {
			return // never sent
		}
		for _, who := range []person{{}, maja, {name: contact.Name{First: "<i>{{ x }}"}, city: "</p>"}} {
			got := l.render(who, picked, counted{l})
			readPage(t, got.HTML)
			if strings.ContainsAny(got.Subject, "\r\n") {
				t.Errorf("a subject of several lines: %q", got.Subject)
			}
		}
	})
}

func BenchmarkRender(b *testing.B) {
	in, products := sample()
	l, _ := compile(in, products, printerFor(b, "en"), true)
	b.ReportAllocs()
	for b.Loop() {
		l.render(maja, picked, counted{l})
	}
}
