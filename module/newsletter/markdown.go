package newsletter

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	nethtml "golang.org/x/net/html"
)

// markdown reads the text of text blocks: CommonMark with struck-out text and bare addresses as links; a line end is a
// line end, as people who write letters expect.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.Strikethrough, extension.Linkify),
		goldmark.WithRendererOptions(html.WithHardWraps(), html.WithUnsafe()), // what is unsafe the policy takes out
	)
})

// policy is the HTML that may stand in a text. Everything else is taken out, scripts and styles with what is in them.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "b", "em", "i", "u", "s", "del", "sub", "sup", "small",
		"h1", "h2", "h3", "ul", "ol", "li", "blockquote", "code", "pre")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true) // marks stand for addresses here; each address is checked when it becomes a link
	p.RequireParseableURLs(true)
	return p
})

const (
	fontStack = "-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif" // a name of two words needs no quotes, and quotes are escaped into weight
	inkStyle  = "color:#33291f;"
)

// styles is the inline style and class of each element: mail programs drop style sheets, but for the dark theme.
var styles = map[string]struct{ style, class string }{
	"p":          {"margin:0 0 16px;font-family:" + fontStack + ";font-size:16px;line-height:25px;" + inkStyle, "ink"},
	"h1":         {"margin:8px 0 12px;font-family:" + fontStack + ";font-size:28px;line-height:34px;font-weight:600;letter-spacing:-0.5px;" + inkStyle, "h1 ink"},
	"h2":         {"margin:8px 0 10px;font-family:" + fontStack + ";font-size:20px;line-height:26px;font-weight:600;" + inkStyle, "ink"},
	"h3":         {"margin:8px 0 8px;font-family:" + fontStack + ";font-size:17px;line-height:24px;font-weight:600;" + inkStyle, "ink"},
	"ul":         {"margin:0 0 16px;padding:0 0 0 24px;font-family:" + fontStack + ";font-size:16px;line-height:25px;" + inkStyle, "ink"},
	"ol":         {"margin:0 0 16px;padding:0 0 0 24px;font-family:" + fontStack + ";font-size:16px;line-height:25px;" + inkStyle, "ink"},
	"li":         {"margin:0 0 6px;", ""},
	"blockquote": {"margin:0 0 16px;padding:2px 0 2px 16px;border-left:3px solid #e6ded5;", "rule"},
	"pre":        {"margin:0 0 16px;padding:12px;font-family:Consolas,Menlo,monospace;font-size:14px;line-height:20px;white-space:pre-wrap;border:1px solid #e6ded5;border-radius:8px;" + inkStyle, "tile ink"},
	"code":       {"font-family:Consolas,Menlo,monospace;font-size:14px;", ""},
	"hr":         {"margin:8px 0 24px;border:0;border-top:1px solid #e6ded5;", "rule"},
	"img":        {"display:block;max-width:100%;height:auto;border:0;", ""},
	"strong":     {"font-weight:600;", ""},
	"b":          {"font-weight:600;", ""},
	"small":      {"font-size:13px;", ""},
}

// void elements have no end tag.
var void = map[string]bool{"br": true, "hr": true, "img": true}

// settle gives conditions that stand on lines of their own a place where they leave nothing behind: around running text
// they join its lines, around paragraphs, lists and the like they become paragraphs of their own, which [loneTagPattern]
// finds.
func (c *compiler) settle(source string) string {
	lines := strings.Split(source, "\n")
	apart := c.conditionsApart(lines)
	var out strings.Builder
	glue := true // the next line follows without a line end
	for i, line := range lines {
		op := opText
		if m := c.condition.FindStringSubmatch(line); m != nil {
			in, _ := c.marks.get(m[1])
			op, line = in.op, strings.TrimSpace(line)
		}
		split, tag := apart[i]
		switch {
		case tag && split:
			out.WriteString("\n\n" + line + "\n\n")
			glue = true
			continue
		case tag && op != opIf && op != opUnless:
			glue = true // else and the end join the line before
		}
		if !glue {
			out.WriteByte('\n')
		}
		out.WriteString(line)
		glue = tag && op != opEnd
	}
	return out.String()
}

// conditionsApart finds the conditions all of whose tags stand on lines of their own, by line, and says whether there are
// paragraphs or the like between them.
func (c *compiler) conditionsApart(lines []string) map[int]bool {
	type block struct {
		lines         []int
		inline, apart bool
	}
	var open []*block
	found := map[int]bool{}
	for i, line := range lines {
		alone := c.condition.MatchString(line)
		if len(open) > 0 && !alone && (strings.TrimSpace(line) == "" || blockStart.MatchString(line)) {
			open[len(open)-1].apart = true
		}
		for _, m := range c.marks.pattern.FindAllStringSubmatch(line, -1) {
			in, _ := c.marks.get(m[1])
			switch in.op {
			case opIf, opUnless:
				open = append(open, &block{})
			case opElsif, opElse, opEnd:
			default:
				continue
			}
			if len(open) == 0 {
				continue
			}
			top := open[len(open)-1]
			top.lines = append(top.lines, i)
			top.inline = top.inline || !alone
			if in.op != opEnd {
				continue
			}
			open = open[:len(open)-1]
			if len(open) > 0 {
				open[len(open)-1].apart = open[len(open)-1].apart || top.apart
			}
			for _, at := range top.lines {
				if !top.inline {
					found[at] = top.apart
				}
			}
		}
	}
	return found
}

// blockStart finds lines that begin something else than running text in Markdown.
var blockStart = regexp.MustCompile("^ *([-+*#>|`~=]|[0-9]+[.)]|<)|^(    |\t)")

// textHTML turns a text block, whose merge tags are marks by now, into the HTML of a mail.
func (c *compiler) textHTML(source string) string {
	var raw bytes.Buffer
	source = c.settle(source)
	if err := markdown().Convert([]byte(source), &raw); err != nil {
		return escapeHTML(source) // goldmark fails only when the writer does
	}
	clean := policy().Sanitize(raw.String())
	clean = c.loneTags.ReplaceAllString(clean, "$1")
	var out strings.Builder
	var stack []string
	c.nesting.reset()
	z := nethtml.NewTokenizer(strings.NewReader(clean))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			for i := len(stack) - 1; i >= 0; i-- {
				out.WriteString("</" + stack[i] + ">")
			}
			return out.String()
		case nethtml.TextToken:
			raw := string(z.Raw())
			c.checkNesting(raw, stack)
			out.WriteString(raw)
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			t := z.Token()
			if !c.startTag(&out, t) {
				continue
			}
			if !void[t.Data] {
				stack = append(stack, t.Data)
			}
		case nethtml.EndTagToken:
			name, _ := z.TagName()
			// The sanitiser balances nothing: a stray end is dropped, what is open inside is closed first.
			for i := len(stack) - 1; i >= 0; i-- {
				if stack[i] != string(name) {
					continue
				}
				for len(stack) > i {
					out.WriteString("</" + stack[len(stack)-1] + ">")
					stack = stack[:len(stack)-1]
				}
				c.nesting.shrink(len(stack))
				break
			}
		}
	}
}

// startTag writes an element with its inline style. It says false for one that is left out.
func (c *compiler) startTag(out *strings.Builder, t nethtml.Token) bool {
	look := styles[t.Data]
	attr := func(name string) (string, bool) {
		for _, a := range t.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
		return "", false
	}
	out.WriteString("<" + t.Data)
	switch t.Data {
	case "a":
		href, _ := attr("href")
		mark, ok := c.link(href, "text")
		if !ok {
			mark = "#"
		}
		look.style, look.class = "color:"+c.accent+";text-decoration:underline;", "link"
		out.WriteString(` href="` + mark + `"`)
	case "img":
		src, _ := attr("src")
		alt, _ := attr("alt")
		if strings.TrimSpace(alt) == "" {
			c.warn("text", 0, "newsletter.problem.no_alt")
		}
		out.WriteString(` src="` + escapeHTML(c.picture(src, "text")) + `" alt="` + escapeHTML(alt) + `"`)
	}
	if look.style != "" {
		out.WriteString(` style="` + look.style + `"`)
	}
	if look.class != "" {
		out.WriteString(` class="` + look.class + `"`)
	}
	out.WriteString(">")
	return true
}

// nesting watches that a condition begins and ends inside the same elements: else a person for whom it is false would
// get a mail with its tables torn open.
type nesting struct {
	open []openTag
}

type openTag struct {
	depth  int // how many elements were open where it began
	line   int
	src    string
	broken bool
}

func (n *nesting) reset() { n.open = n.open[:0] }

// shrink notes that an element has ended.
func (n *nesting) shrink(depth int) {
	for i := range n.open {
		if depth < n.open[i].depth {
			n.open[i].broken = true
		}
	}
}

// checkNesting looks at the merge tags in a piece of text between elements.
func (c *compiler) checkNesting(text string, stack []string) {
	for _, m := range c.marks.pattern.FindAllStringSubmatch(text, -1) {
		in, _ := c.marks.get(m[1])
		switch in.op {
		case opIf, opUnless:
			c.nesting.open = append(c.nesting.open, openTag{depth: len(stack), line: in.line, src: in.src})
		case opElsif, opElse, opEnd:
			if len(c.nesting.open) == 0 {
				continue
			}
			top := &c.nesting.open[len(c.nesting.open)-1]
			if top.broken || top.depth != len(stack) {
				c.report(Blocking, "text", top.line, "newsletter.problem.crossing", "tag", top.src)
				top.broken, top.depth = false, len(stack)
			}
			if in.op == opEnd {
				c.nesting.open = c.nesting.open[:len(c.nesting.open)-1]
			}
		}
	}
}

// loneTagPattern finds paragraphs in which nothing stands but conditions: they are written on a line of their own, and
// leave no empty paragraph behind.
func loneTagPattern(m *marks) *regexp.Regexp {
	return regexp.MustCompile(`<p>((?:` + m.prefix + `[0-9]+c(?:<br>|\s)*)+)</p>`)
}

// conditionPattern finds lines with nothing but one condition.
func conditionPattern(m *marks) *regexp.Regexp {
	return regexp.MustCompile(`^[ \t]*` + m.prefix + `([0-9]+)c[ \t]*$`)
}

// textPlain writes a text block as plain text: its own form of every element, not the HTML with the tags taken away.
func (c *compiler) textPlain(source string) string {
	src := []byte(c.settle(source))
	doc := markdown().Parser().Parse(text.NewReader(src))
	w := &plainWriter{c: c, src: src}
	w.blocks(doc, "")
	return strings.TrimRight(w.out.String(), "\n")
}

type plainWriter struct {
	c   *compiler
	src []byte
	out strings.Builder
}

// blocks writes the children of n, with an empty line between them; indent stands before every line.
func (w *plainWriter) blocks(n ast.Node, indent string) {
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if child.PreviousSibling() != nil && w.out.Len() > 0 {
			if list, ok := n.(*ast.ListItem); !ok || !tight(list) {
				w.out.WriteString(strings.TrimRight(indent, " ") + "\n")
			}
		}
		w.block(child, indent)
	}
}

func tight(item *ast.ListItem) bool {
	list, ok := item.Parent().(*ast.List)
	return ok && list.IsTight
}

func (w *plainWriter) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.List:
		number := n.Start
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			bullet := "- "
			if n.IsOrdered() {
				bullet = strconv.Itoa(number) + ". "
				number++
			}
			start := w.out.Len()
			w.blocks(item, indent+strings.Repeat(" ", len(bullet)))
			// The bullet takes the place of the first line's indent.
			text := w.out.String()
			body := strings.TrimPrefix(text[start:], indent+strings.Repeat(" ", len(bullet)))
			w.out.Reset()
			w.out.WriteString(text[:start] + indent + bullet + body)
			if !n.IsTight && item.NextSibling() != nil {
				w.out.WriteString(strings.TrimRight(indent, " ") + "\n")
			}
		}
	case *ast.Blockquote:
		w.blocks(n, indent+"> ")
	case *ast.ThematicBreak:
		w.line(indent, divider)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			w.line(indent+"    ", strings.TrimRight(string(line.Value(w.src)), "\n"))
		}
	case *ast.HTMLBlock:
		var raw strings.Builder
		for i := range n.Lines().Len() {
			line := n.Lines().At(i)
			raw.Write(line.Value(w.src))
		}
		if s := strings.TrimSpace(bareText(raw.String())); s != "" {
			w.lines(indent, s)
		}
	default:
		w.lines(indent, w.inline(n))
	}
}

func (w *plainWriter) lines(indent, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		w.line(indent, line)
	}
}

func (w *plainWriter) line(indent, text string) {
	w.out.WriteString(strings.TrimRight(indent+text, " ") + "\n")
}

// inline is the running text of n's children.
func (w *plainWriter) inline(n ast.Node) string {
	var b strings.Builder
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		switch child := child.(type) {
		case *ast.Text:
			b.Write(unescapePunct(child.Segment.Value(w.src)))
			if child.SoftLineBreak() || child.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(child.Value)
		case *ast.CodeSpan:
			b.WriteString(w.inline(child))
		case *ast.Link:
			label := w.inline(child)
			mark, ok := w.c.link(string(child.Destination), "")
			switch {
			case !ok:
				b.WriteString(label)
			case label == "" || label == string(child.Destination):
				b.WriteString(mark)
			default:
				b.WriteString(label + " (" + mark + ")")
			}
		case *ast.AutoLink:
			address := string(child.URL(w.src))
			if child.AutoLinkType == ast.AutoLinkEmail {
				b.WriteString(address)
			} else if mark, ok := w.c.link(address, ""); ok {
				b.WriteString(mark)
			} else {
				b.WriteString(address)
			}
		case *ast.Image:
			if alt := w.inline(child); alt != "" {
				b.WriteString("[" + alt + "]")
			}
		case *ast.RawHTML:
			for i := range child.Segments.Len() {
				seg := child.Segments.At(i)
				if strings.HasPrefix(strings.ToLower(string(seg.Value(w.src))), "<br") {
					b.WriteByte('\n')
				}
			}
		case *extast.Strikethrough, *ast.Emphasis:
			b.WriteString(w.inline(child))
		default:
			b.WriteString(w.inline(child))
		}
	}
	return b.String()
}

// unescapePunct resolves what Markdown escapes in running text: \* and &amp;.
func unescapePunct(s []byte) []byte {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", s[i+1]) >= 0 {
			continue
		}
		out = append(out, s[i])
	}
	if bytes.IndexByte(out, '&') >= 0 {
		return []byte(nethtml.UnescapeString(string(out)))
	}
	return out
}

// bareText is the text of a piece of raw HTML, without what the policy takes out.
func bareText(raw string) string {
	var b strings.Builder
	z := nethtml.NewTokenizer(strings.NewReader(policy().Sanitize(raw)))
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return b.String()
		case nethtml.TextToken:
			b.WriteString(nethtml.UnescapeString(string(z.Raw())))
		}
	}
}
