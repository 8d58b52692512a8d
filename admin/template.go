package admin

import (
	"bytes"
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/money"
)

// pageSet holds a template set per page, and of each a copy per language and zone that was asked for: the functions in a
// template speak for one reader, and html/template binds functions to a set.
type pageSet struct {
	a     *Admin
	plain map[string]*template.Template // never executed, so that it can be copied
	types map[string]reflect.Type
	bound sync.Map // boundKey -> *template.Template
}

type boundKey struct{ page, lang, zone string }

func loadPages(a *Admin) (*pageSet, error) {
	s := &pageSet{a: a, plain: map[string]*template.Template{}, types: map[string]reflect.Type{}}
	base, err := template.New("").Funcs(a.funcs(a.catalogue.Printer(locale.Reference, nil))).
		ParseFS(files, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, err
	}
	for _, p := range allPages() {
		if s.plain[p.name] != nil {
			return nil, fmt.Errorf("page %q is listed twice", p.name)
		}
		set, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if set, err = set.ParseFS(files, "templates/"+p.name+".html"); err != nil {
			return nil, err
		}
		s.plain[p.name], s.types[p.name] = set, reflect.TypeOf(p.data)
	}
	return s, nil
}

// allPages is every area's pages and the ones of the frame itself.
func allPages() []page {
	all := []page{{"error", &errorPage{}}}
	for _, area := range areas() {
		all = append(all, area.pages...)
	}
	return all
}

// set gives the page's templates for a reader.
func (s *pageSet) set(name string, p *locale.Printer) (*template.Template, error) {
	key := boundKey{name, p.Lang(), p.Zone().String()}
	if set, ok := s.bound.Load(key); ok {
		return set.(*template.Template), nil
	}
	plain, ok := s.plain[name]
	if !ok {
		return nil, fmt.Errorf("page %q is in no area", name)
	}
	set, err := plain.Clone()
	if err != nil {
		return nil, fmt.Errorf("copying the templates of %s: %w", name, err)
	}
	kept, _ := s.bound.LoadOrStore(key, set.Funcs(s.a.funcs(p)))
	return kept.(*template.Template), nil
}

// execute renders a block of a page to a buffer; nothing is sent when it fails half-way.
func (s *pageSet) execute(name, block string, p *locale.Printer, data framed) (*bytes.Buffer, error) {
	if want := s.types[name]; want != reflect.TypeOf(data) {
		return nil, fmt.Errorf("page %q is executed with %T, listed with %v", name, data, want)
	}
	set, err := s.set(name, p)
	if err != nil {
		return nil, err
	}
	out := new(bytes.Buffer)
	if err := set.ExecuteTemplate(out, block, data); err != nil {
		return nil, fmt.Errorf("rendering %s: %w", name, err)
	}
	return out, nil
}

// render answers with a whole page.
func (v *visit) render(name string, data framed) error {
	return v.respond(fiber.StatusOK, name, "layout", data)
}

// renderInvalid answers with a form as it was typed and its mistakes.
func (v *visit) renderInvalid(name string, data framed) error {
	return v.respond(fiber.StatusUnprocessableEntity, name, "layout", data)
}

// fragment answers with one block of a page, for a script to put in place.
func (v *visit) fragment(name, block string, data framed) error {
	return v.respond(fiber.StatusOK, name, block, data)
}

func (v *visit) respond(status int, name, block string, data framed) error {
	out, err := v.a.pages.execute(name, block, v.p, data)
	if err != nil {
		return err
	}
	v.c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return v.c.Status(status).Send(out.Bytes())
}

// document answers with a mail's own HTML, for a sandboxed frame in a page of the panel: it may show pictures and its
// own styles, and run, send or open nothing.
func (v *visit) document(html string) error {
	v.c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'; img-src 'self' https: http: data:; style-src 'unsafe-inline'; frame-ancestors 'self'")
	v.c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return v.c.SendString(html)
}

// funcs are the templates' functions for one reader. doc.go lists them.
func (a *Admin) funcs(p *locale.Printer) template.FuncMap {
	moment := func(text string, t time.Time) template.HTML {
		if t.IsZero() {
			return ""
		}
		return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `" title="` +
			template.HTMLEscapeString(p.DateTime(t)+", "+p.Zone().String()) + `">` + template.HTMLEscapeString(text) + `</time>`)
	}
	return template.FuncMap{
		"t":          p.T,
		"lang":       p.Lang,
		"money":      func(m money.Money) string { return p.Money(m) },
		"moneyRound": func(m money.Money) string { return p.MoneyRound(m) },
		"number":     p.Number,
		"percent":    p.Percent,
		"date":       p.Date,
		"dateShort":  p.DateShort,
		"dateTime":   p.DateTime,
		"clock":      p.Time,
		"country":    p.Country,
		"language":   p.Language,
		"when":       func(t time.Time) template.HTML { return moment(p.Date(t), t) },
		"whenTime":   func(t time.Time) template.HTML { return moment(p.DateTime(t), t) },
		"ago":        func(t time.Time) template.HTML { return moment(p.Ago(t, a.cfg.Clock()), t) },
		"icon":       a.icon,
		"link":       func(parts ...any) string { return a.link(fmt.Sprint(joined(parts)...)) },
		"asset": func(name string) (string, error) {
			address, err := a.assets.address(name)
			return a.link(address), err
		},
		"invalid": invalid,
		"problem": func(e formErrors, field string) fieldProblem { return fieldProblem{field, e[field]} },
		"text":    func(v any) string { return fmt.Sprint(v) },
		"dict":    dict,
		"seq":     func(items ...string) []string { return items },
	}
}

// joined keeps fmt.Sprint from putting blanks between numbers.
func joined(parts []any) []any {
	all := make([]any, len(parts))
	for i, part := range parts {
		all[i] = fmt.Sprint(part)
	}
	return all
}

// icon is a symbol of the sprite, with further classes.
func (a *Admin) icon(name string, classes ...string) (template.HTML, error) {
	sprite, err := a.assets.address("icons.svg")
	if err != nil {
		return "", err
	}
	if !bytes.Contains(a.assets.files["icons.svg"].plain, []byte(`"i-`+name+`"`)) {
		return "", fmt.Errorf("no icon %q", name)
	}
	class := template.HTMLEscapeString(strings.Join(append([]string{"i"}, classes...), " "))
	return template.HTML(`<svg class="` + class + `" viewBox="0 0 20 20" aria-hidden="true"><use href="` + a.link(sprite) + `#i-` + name + `"/></svg>`), nil
}

// fieldProblem is what the partial "error" shows below a field: nothing where there is none.
type fieldProblem struct{ Field, Text string }

// invalid marks a field that has a mistake and names the sentence that says it.
func invalid(e formErrors, field string) template.HTMLAttr {
	if e[field] == "" {
		return ""
	}
	return template.HTMLAttr(`aria-invalid="true" aria-describedby="` + template.HTMLEscapeString(field) + `-error"`)
}

// dict gives a partial several values by name.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d values, want pairs", len(pairs))
	}
	all := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		all[name] = pairs[i+1]
	}
	return all, nil
}
