package newsletter

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/osteele/liquid/expressions"
	"github.com/osteele/liquid/parser"
)

// The merge language is Liquid without loops, assignments and includes: {{ a field | filters }} and {% if %}, {% elsif %},
// {% else %}, {% unless %}. What it may name is a closed list, so that a mistake is found when the text is written and
// not in four thousand mails. Every value is escaped where it lands; none is ever read as Liquid, Markdown or HTML.
const (
	maxTags       = 200  // in one field
	maxExpression = 400  // bytes between the braces
	maxValue      = 1000 // characters of one value in a mail
)

// Field is something that a merge tag can name.
type Field struct {
	Name    string // "profile.first_name"
	Person  bool   // differs from person to person, and may be empty
	Address bool   // is a whole link of its own
}

// Fields is all that merge tags can name, in the order in which a picker offers them.
var Fields = []Field{
	{Name: "profile.first_name", Person: true},
	{Name: "profile.last_name", Person: true},
	{Name: "profile.full_name", Person: true},
	{Name: "profile.email", Person: true},
	{Name: "profile.company", Person: true},
	{Name: "profile.city", Person: true},
	{Name: "shop.name"},
	{Name: "shop.url"},
	{Name: fieldUnsubscribe, Address: true},
	{Name: fieldPreferences, Address: true},
	{Name: fieldBrowser, Address: true},
}

const (
	fieldUnsubscribe = "unsubscribe_url"
	fieldPreferences = "preferences_url"
	fieldBrowser     = "browser_url"
)

func findField(name string) (Field, bool) {
	i := slices.IndexFunc(Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return Fields[i], true
}

// filters is what may stand after a bar. Each is bounded: what it gives is never longer than maxValue.
var filters = map[string]any{
	"default": func(value, otherwise any) any {
		if s := valueText(value); s != "" && value != false {
			return s
		}
		return valueText(otherwise)
	},
	"upcase":     func(s string) string { return strings.ToUpper(s) },
	"downcase":   func(s string) string { return strings.ToLower(s) },
	"capitalize": capitalize,
	"strip":      strings.TrimSpace,
	"append":     func(s, more string) string { return clip(s + more) },
	"prepend":    func(s, more string) string { return clip(more + s) },
	"truncate":   truncate,
	"escape":     func(s string) string { return s }, // everything is escaped anyway: twice would show the escapes
}

func filterList() string { return strings.Join(sortedKeys(filters), ", ") }

func capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

func truncate(s string, length func(int) int) string {
	n := max(length(50), 1)
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}

// clip keeps a value in one line and within maxValue characters.
func clip(s string) string {
	clean := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError || bidi(r) }) < 0
	if clean && len(s) <= maxValue {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || bidi(r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > maxValue {
		s = string(runes[:maxValue])
	}
	return s
}

// bidi says whether a character turns the direction of what follows it: a name with one could turn a whole line.
func bidi(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 }

// mergeTag is one {{ … }} or {% … %} of a text.
type mergeTag struct {
	op    opKind
	expr  expressions.Expression
	field string // what a lone field without filters names; empty for anything more
	uses  []string
	line  int
	src   string
}

// scanTags finds the merge tags of a text and checks each. The text between tags comes back as plain parts:
// parts[i] stands before tags[i], and one more after the last.
func scanTags(text string) (parts []string, tags []mergeTag, problems []Problem) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	report := func(line int, key string, args ...any) {
		problems = append(problems, Problem{Severity: Blocking, Line: line, Key: key, Args: args})
	}
	var open []mergeTag // the blocks that are open here
	part, line := "", 1
	for _, tok := range parser.Scan(text, parser.SourceLoc{}, nil) {
		at := line
		line += strings.Count(tok.Source, "\n")
		switch tok.Type {
		case parser.TextTokenType:
			if i := strings.Index(tok.Source, "{{"); i >= 0 {
				report(at+strings.Count(tok.Source[:i], "\n"), "newsletter.problem.open_tag", "open", "{{", "close", "}}")
			} else if i := strings.Index(tok.Source, "{%"); i >= 0 {
				report(at+strings.Count(tok.Source[:i], "\n"), "newsletter.problem.open_tag", "open", "{%", "close", "%}")
			}
			part += tok.Source
			continue
		case parser.TrimLeftTokenType, parser.TrimRightTokenType:
			continue // {{- and -}} differ from {{ and }} only in blanks, which HTML folds anyway
		}
		t := mergeTag{line: at, src: tok.Source}
		if len(tags) >= maxTags {
			report(at, "newsletter.problem.too_many_tags", "limit", maxTags)
			break
		}
		switch {
		case tok.Type == parser.ObjTokenType:
			t.op = opValue
			t.compile(tok.Args, report)
		case tok.Name == "if", tok.Name == "unless":
			t.op = opIf
			if tok.Name == "unless" {
				t.op = opUnless
			}
			t.compile(tok.Args, report)
			open = append(open, t)
		case tok.Name == "elsif", tok.Name == "else", tok.Name == "endif", tok.Name == "endunless":
			if len(open) == 0 {
				report(at, "newsletter.problem.not_open", "tag", tok.Source)
				break
			}
			last := &open[len(open)-1]
			switch tok.Name {
			case "elsif", "else":
				if last.field == "else" {
					report(at, "newsletter.problem.after_else", "tag", tok.Source)
				}
				t.op = opElse
				if tok.Name == "elsif" {
					t.op = opElsif
					t.compile(tok.Args, report)
				} else {
					last.field = "else" // the open block has had its last branch
				}
			default:
				if (last.op == opIf) != (tok.Name == "endif") {
					report(at, "newsletter.problem.wrong_end", "tag", tok.Source, "open", last.src)
				}
				t.op = opEnd
				open = open[:len(open)-1]
			}
		case tok.Name == "for", tok.Name == "assign", tok.Name == "capture", tok.Name == "include", tok.Name == "tablerow", tok.Name == "case":
			report(at, "newsletter.problem.tag_not_here", "tag", tok.Name)
		default:
			report(at, "newsletter.problem.unknown_tag", "tag", tok.Source)
		}
		parts, tags, part = append(parts, part), append(tags, t), ""
	}
	for _, t := range open {
		end := "{% endif %}"
		if t.op == opUnless {
			end = "{% endunless %}"
		}
		report(t.line, "newsletter.problem.not_closed", "tag", t.src, "end", end)
	}
	return append(parts, part), tags, problems
}

// compile checks what stands between the braces and parses it.
func (t *mergeTag) compile(source string, report func(line int, key string, args ...any)) {
	source = strings.TrimSpace(source)
	if source == "" {
		report(t.line, "newsletter.problem.empty_tag", "tag", t.src)
		return
	}
	if len(source) > maxExpression {
		report(t.line, "newsletter.problem.long_tag", "limit", maxExpression)
		return
	}
	known := true
	afterBar := false
	for _, word := range lexemes.FindAllString(source, -1) {
		c := word[0]
		switch {
		case c == '"' || c == '\'' || c >= '0' && c <= '9' || c == '-' && len(word) > 1:
		case c == '|':
			afterBar = true
			continue
		case afterBar:
			name := strings.TrimSuffix(word, ":")
			if _, ok := filters[name]; !ok {
				known = false
				report(t.line, "newsletter.problem.unknown_filter", "filter", name, "filters", filterList())
			}
		case operators[word]:
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			if _, ok := findField(word); !ok {
				known = false
				report(t.line, "newsletter.problem.unknown_field_tag", "field", clipTo(word, 60), "hint", nearest(word))
			}
			t.uses = append(t.uses, word)
		default:
			known = false
			report(t.line, "newsletter.problem.tag_syntax", "tag", t.src)
		}
		afterBar = false
	}
	if !known {
		return
	}
	expr, err := parseExpression(source)
	if err != nil {
		report(t.line, "newsletter.problem.tag_syntax", "tag", t.src)
		return
	}
	t.expr = expr
	if len(t.uses) == 1 && t.uses[0] == source {
		t.field = source
	}
	// A trial finds what parsing cannot: a filter with too many words after it.
	if _, err := evaluate(expr, bindings(person{}, fixedFields{})); err != nil {
		report(t.line, "newsletter.problem.tag_value", "tag", t.src, "detail", plainLiquid(err))
		t.expr = nil
	}
}

// lexemes cuts an expression into texts, numbers, names with their dots, and single characters.
var lexemes = regexp.MustCompile(`"[^"]*"|'[^']*'|-?[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_.-]*:?|[<>=!]=|\S`)

var operators = map[string]bool{
	"and": true, "or": true, "contains": true, "true": true, "false": true, "nil": true, "(": true, ")": true, ",": true,
	"==": true, "!=": true, ">=": true, "<=": true, "<": true, ">": true,
}

// parseExpression guards the library: it panics on some numbers that are out of range.
func parseExpression(source string) (expr expressions.Expression, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return expressions.Parse(source)
}

// evaluate gives an expression's value. It never panics.
func evaluate(expr expressions.Expression, ctx expressions.Context) (value any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return expr.Evaluate(ctx)
}

func plainLiquid(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	return clipTo(text, 160)
}

func clipTo(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return s
}

// valueText is a value as it is shown, in one line.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return clip(v)
	case bool, int, int64, float64:
		return fmt.Sprint(v)
	}
	return "" // ranges, maps: nothing that should be seen
}

// truth is what {% if %} asks. Other than in plain Liquid an empty text is false: "if there is a name" is what people mean.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	}
	return true
}

func escapeHTML(s string) string { return html.EscapeString(s) }

// nearest finds the field that was probably meant.
func nearest(name string) string {
	best, distance := Fields[0].Name, 1<<30
	for _, f := range Fields {
		d := editDistance(clipTo(name, 60), f.Name)
		if strings.HasSuffix(f.Name, "."+name) {
			d = 0
		}
		if d < distance {
			best, distance = f.Name, d
		}
	}
	return best
}

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := previous
			if a[i] != b[j] {
				cost++
			}
			previous = row[j+1]
			row[j+1] = min(cost, row[j]+1, previous+1)
		}
	}
	return row[len(b)]
}

// filterConfig is the library's configuration with our filters and nothing else.
var filterConfig = sync.OnceValue(func() expressions.Config {
	cfg := expressions.NewConfig()
	for name, fn := range filters {
		cfg.AddFilter(name, fn)
	}
	return cfg
})
