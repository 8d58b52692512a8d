package admin

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"html/template"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/jba/templatecheck"
	"github.com/shopspring/decimal"
	"golang.org/x/net/html"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/money"
)

var testClock = func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// bare is a panel without rooms, for what needs no data.
func bare(t *testing.T) *Admin {
	t.Helper()
	catalogue, err := locale.Load(catalogues()...)
	if err != nil {
		t.Fatal(err)
	}
	a := &Admin{cfg: Config{BasePath: "/admin", Clock: testClock, Logger: slog.New(slog.DiscardHandler)}, catalogue: catalogue}
	if a.assets, err = loadAssets(); err != nil {
		t.Fatal(err)
	}
	if a.pages, err = loadPages(a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEveryTemplateIsListedAndFitsItsType(t *testing.T) {
	t.Parallel()
	a := bare(t)
	listed := map[string]bool{"layout": true, "parts": true}
	for _, p := range allPages() {
		listed[p.name] = true
		set, err := a.pages.set(p.name, a.catalogue.Printer("en", nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := templatecheck.CheckHTML(set.Lookup("layout"), p.data); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if name = strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), ".html"); !listed[name] {
			t.Errorf("templates/%s.html belongs to no area", name)
		}
	}
}

func TestNoPageHidesAFieldOfTheFrame(t *testing.T) {
	t.Parallel()
	frameType := reflect.TypeFor[frame]()
	for _, p := range allPages() {
		typ := reflect.TypeOf(p.data).Elem()
		for i := range typ.NumField() {
			if _, taken := frameType.FieldByName(typ.Field(i).Name); taken && !typ.Field(i).Anonymous {
				t.Errorf("%v.%s hides the frame's field, which the layout needs", typ, typ.Field(i).Name)
			}
		}
	}
}

func TestEveryPageRendersEmptyAndFull(t *testing.T) {
	t.Parallel()
	a := bare(t)
	for _, p := range allPages() {
		for _, lang := range []string{"en", "sl"} {
			for name, data := range map[string]framed{"empty": fill(p.data, 0), "full": fill(p.data, 2)} {
				out, err := a.pages.execute(p.name, "layout", a.catalogue.Printer(lang, nil), data)
				if err != nil {
					t.Errorf("%s %s: %v", p.name, name, err)
					continue
				}
				if at := bytes.Index(out.Bytes(), []byte("ZgotmplZ")); at >= 0 {
					t.Errorf("%s %s: html/template refused a value: %s", p.name, name, out.Bytes()[max(0, at-100):at+20])
				}
				checkMarkup(t, p.name+" "+name, out.Bytes())
			}
		}
	}
}

// checkMarkup finds what a reader with a screen reader or without a mouse would stumble over.
func checkMarkup(t *testing.T, page string, raw []byte) {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	ids, labels := map[string]int{}, map[string]bool{}
	var controls []*html.Node
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" && !strings.Contains(id, "sample") { // the filler repeats values
			ids[id]++
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s: inline %s on <%s>: the policy refuses it", page, a.Key, n.Data)
			}
		}
		switch n.Data {
		case "label":
			labels[attr(n, "for")] = true
		case "input", "select", "textarea":
			controls = append(controls, n)
		case "style":
			t.Errorf("%s: inline style", page)
		case "script":
			if attr(n, "src") == "" {
				t.Errorf("%s: inline script", page)
			}
		case "form":
			if strings.EqualFold(attr(n, "method"), "post") {
				found := false
				for m := range n.Descendants() {
					found = found || attr(m, "name") == "_csrf"
				}
				if !found {
					t.Errorf("%s: the form to %s has no token", page, attr(n, "action"))
				}
			}
		}
	}
	for id, n := range ids {
		if n > 1 && !strings.HasSuffix(page, "full") {
			t.Errorf("%s: id %q stands %d times", page, id, n)
		}
	}
	for _, n := range controls {
		inLabel := false
		for m := range n.Ancestors() {
			inLabel = inLabel || m.Data == "label"
		}
		if attr(n, "type") != "hidden" && !inLabel && !labels[attr(n, "id")] && attr(n, "aria-label") == "" && attr(n, "aria-labelledby") == "" {
			t.Errorf("%s: <%s name=%q> has no label", page, n.Data, attr(n, "name"))
		}
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// fill gives a page of the same type whose every field holds something, slices n things; n = 0 leaves all empty.
func fill(like framed, n int) framed {
	v := reflect.New(reflect.TypeOf(like).Elem())
	if n > 0 {
		fillValue(v.Elem(), n, 0)
	}
	page := v.Interface().(framed)
	f := page.framing()
	f.Lang, f.Title = "en", "Title"
	if f.Me == nil {
		f.Me = &me{Name: "Nina Kranjc", Initials: "NK", Role: "Owner", Next: "dark", Language: "English"}
	}
	f.Rail = []railItem{{"Home", "home", "/admin", true}}
	f.Scripts, f.CSRF = nil, "token"
	return page
}

func fillValue(v reflect.Value, n, depth int) {
	if depth > 6 || !v.CanSet() {
		return
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(testClock().Add(-time.Hour)))
		return
	case money.Money:
		v.Set(reflect.ValueOf(money.New(decimal.RequireFromString("12.9"), "EUR")))
		return
	case decimal.Decimal:
		v.Set(reflect.ValueOf(decimal.New(3, 0)))
		return
	case template.HTML:
		v.Set(reflect.ValueOf(template.HTML("<b>sample</b>")))
		return
	}
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString("sample")
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Int16, reflect.Int8:
		v.SetInt(3)
	case reflect.Uint, reflect.Uint64, reflect.Uint32:
		v.SetUint(3)
	case reflect.Float64:
		v.SetFloat(0.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillValue(v.Elem(), n, depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fillValue(v.Index(i), n, depth+1)
		}
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			v.Set(reflect.MakeMap(v.Type()))
			elem := reflect.New(v.Type().Elem()).Elem()
			fillValue(elem, n, depth+1)
			v.SetMapIndex(reflect.ValueOf("sample").Convert(v.Type().Key()), elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Field(i)
			if !field.CanSet() && v.Type().Field(i).Anonymous { // the embedded frame is unexported, its fields are not
				field = reflect.NewAt(field.Type(), field.Addr().UnsafePointer()).Elem()
			}
			if name := v.Type().Field(i).Name; strings.HasSuffix(name, "Icon") && field.Kind() == reflect.String {
				field.SetString("home")
				continue
			}
			fillValue(field, n, depth+1)
		}
	}
}

// trees gives the parse tree of every template, by file and block.
func trees(t *testing.T, a *Admin) map[string]*parse.Tree {
	t.Helper()
	all := map[string]*parse.Tree{}
	for name, set := range a.pages.plain {
		for _, tmpl := range set.Templates() {
			if tmpl.Tree != nil {
				key := tmpl.Tree.ParseName + " " + tmpl.Name()
				if tmpl.Tree.ParseName != "layout.html" && tmpl.Tree.ParseName != "parts.html" {
					key = name + ".html " + tmpl.Name()
				}
				all[key] = tmpl.Tree
			}
		}
	}
	return all
}

func TestNoTextIsLiteral(t *testing.T) {
	t.Parallel()
	a := bare(t)
	spoken := []string{"aria-label", "placeholder", "title", "alt", "label", "aria-description"}
	said := func(text string) bool {
		text = strings.NewReplacer("Kupec", "", "·", "").Replace(text)
		return strings.ContainsFunc(text, unicode.IsLetter)
	}
	for name, tree := range trees(t, a) {
		var flat strings.Builder
		walk(tree.Root, func(n parse.Node) {
			switch n := n.(type) {
			case *parse.TextNode:
				flat.Write(n.Text)
			case *parse.ActionNode, *parse.TemplateNode:
				flat.WriteString("\u2060")
			}
		})
		text := strings.NewReplacer("<noscript>", "", "</noscript>", "").Replace(flat.String()) // a tokenizer takes its content for text
		z := html.NewTokenizer(strings.NewReader(text))
		literal := ""
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			tok := z.Token()
			if kind == html.TextToken && literal == "" && said(tok.Data) {
				t.Errorf("%s says %q: put it into the catalogues", name, strings.TrimSpace(tok.Data))
			}
			if tok.Data == "code" || tok.Data == "kbd" { // what one types is the same in every language
				literal = map[bool]string{true: tok.Data}[kind == html.StartTagToken]
			}
			for _, at := range tok.Attr {
				if slices.Contains(spoken, at.Key) && said(at.Val) {
					t.Errorf("%s: %s=%q: put it into the catalogues", name, at.Key, at.Val)
				}
			}
		}
	}
}

func TestEveryKeyIsInEveryLanguage(t *testing.T) {
	t.Parallel()
	a := bare(t)
	for _, lang := range []string{"en", "sl"} {
		if missing := a.catalogue.Missing(lang); len(missing) > 0 {
			t.Errorf("%s lacks %v", lang, missing)
		}
	}
	for key := range usedKeys(t, a) {
		if !a.catalogue.Has(key) {
			t.Errorf("the key %q is in no catalogue", key)
		}
	}
	for _, key := range a.catalogue.Keys("en") {
		if diff := cmp.Diff(a.catalogue.Placeholders("en", key), a.catalogue.Placeholders("sl", key)); diff != "" {
			t.Errorf("%s: the {names} differ between English and Slovene:\n%s", key, diff)
		}
	}
}

// usedKeys is every key that a template or a Go file of this package names as a whole.
func usedKeys(t *testing.T, a *Admin) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	for _, tree := range trees(t, a) {
		walk(tree.Root, func(n parse.Node) {
			if pipe, ok := n.(*parse.PipeNode); ok {
				for _, cmd := range pipe.Cmds {
					if len(cmd.Args) > 1 && cmd.Args[0].String() == "t" {
						if s, ok := cmd.Args[1].(*parse.StringNode); ok {
							used[s.Text] = true
						}
					}
				}
			}
		})
	}
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch f := call.Fun.(type) {
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			at := map[string]int{"t": 0, "T": 0, "done": 1}
			if i, ok := at[name]; ok && len(call.Args) > i {
				if lit, ok := call.Args[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
					key, _ := strconv.Unquote(lit.Value)
					used[key] = true
				}
			}
			return true
		})
	}
	return used
}

func TestEveryPartOfTheStylesheetsIsKnown(t *testing.T) {
	t.Parallel()
	a := bare(t)
	css := string(a.assets.files["app.css"].plain) + string(a.assets.files["tokens.css"].plain)
	known := map[string]bool{}
	for _, m := range regexp.MustCompile(`\.(-?[a-zA-Z][\w-]*)`).FindAllStringSubmatch(css, -1) {
		known[m[1]] = true
	}
	for name, tree := range trees(t, a) {
		var flat strings.Builder
		walk(tree.Root, func(n parse.Node) {
			switch n := n.(type) {
			case *parse.TextNode:
				flat.Write(n.Text)
			case *parse.ActionNode, *parse.TemplateNode:
				flat.WriteString("\u2060")
			}
		})
		for _, m := range regexp.MustCompile(`class="([^"]*)"`).FindAllStringSubmatch(flat.String(), -1) {
			for _, class := range strings.Fields(m[1]) {
				if !strings.Contains(class, "\u2060") && !known[class] {
					t.Errorf("%s: the class %q is in no stylesheet", name, class)
				}
			}
		}
	}
}

// walk visits every node in order; of branches all arms.
func walk(n parse.Node, visit func(parse.Node)) {
	if n == nil || reflect.ValueOf(n).IsNil() {
		return
	}
	visit(n)
	branch := func(b *parse.BranchNode) {
		walk(b.Pipe, visit)
		walk(b.List, visit)
		if b.ElseList != nil {
			walk(b.ElseList, visit)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			walk(child, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			walk(n.Pipe, visit)
		}
	case *parse.PipeNode:
		for _, cmd := range n.Cmds {
			for _, arg := range cmd.Args {
				walk(arg, visit)
			}
		}
	}
}

func TestCataloguesKeepToTheirFiles(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "sl"} {
		names, err := fs.Glob(files, "locales/"+lang+"/*.json")
		if err != nil {
			t.Fatal(err)
		}
		other, err := fs.Glob(files, "locales/en/*.json")
		if err != nil {
			t.Fatal(err)
		}
		base := func(all []string) []string {
			set := map[string]bool{}
			for _, n := range all {
				set[n[strings.LastIndex(n, "/")+1:]] = true
			}
			return slices.Sorted(maps.Keys(set))
		}
		if diff := cmp.Diff(base(other), base(names)); diff != "" {
			t.Errorf("%s has other files than en:\n%s", lang, diff)
		}
	}
}
