package storefront

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"runtime/debug"
	"slices"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/token"
)

// maxBody is the most bytes a form may have.
const maxBody = 16 << 10

// visit is one request. Its methods give copies: Fiber reuses a request's bytes.
type visit struct {
	s     *Storefront
	c     *fiber.Ctx
	ctx   context.Context
	p     *locale.Printer
	ip    string
	agent string
}

// problem is an answer that is not what was asked for. Its sentences are problem.<key>.title and problem.<key>.text.
type problem struct {
	status int
	key    string
}

func (p *problem) Error() string { return "storefront: " + p.key }

var (
	errNoPage  = &problem{fiber.StatusNotFound, "no_page"}
	errBadLink = &problem{fiber.StatusNotFound, "bad_link"}
	errOldLink = &problem{fiber.StatusGone, "old_link"}
	errGone    = &problem{fiber.StatusGone, "gone"}
	errNewer   = &problem{fiber.StatusGone, "newer"}
	errTooMany = &problem{fiber.StatusTooManyRequests, "too_many"}
	errTooLong = &problem{fiber.StatusRequestEntityTooLarge, "too_long"}
	errNoForm  = &problem{fiber.StatusUnsupportedMediaType, "no_form"}
	errOurs    = &problem{fiber.StatusInternalServerError, "ours"}
)

// explain finds the problem that an error is for the shopper.
func explain(err error) *problem {
	var p *problem
	var bad *attribution.TokenError
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, token.ErrExpired):
		return errOldLink
	case errors.Is(err, token.ErrInvalid), errors.As(err, &bad):
		return errBadLink
	case errors.Is(err, consent.ErrOptInReplaced):
		return errNewer
	case errors.Is(err, store.ErrNotFound):
		return errGone
	}
	return errOurs
}

func (s *Storefront) open(h func(*visit) error) fiber.Handler {
	return func(c *fiber.Ctx) (err error) {
		v := &visit{s: s, c: c, ctx: c.UserContext(), ip: strings.Clone(c.IP()), agent: strings.Clone(c.Get(fiber.HeaderUserAgent))}
		v.speak(v.query("lang"))
		v.headers()
		defer func() {
			if p := recover(); p != nil {
				err = v.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		if len(c.Body()) > maxBody {
			return v.fail(errTooLong)
		}
		if err := h(v); err != nil {
			return v.fail(err)
		}
		return nil
	}
}

// headers are for pages. A token stands in the address, so that it must not travel on in a Referer.
func (v *visit) headers() {
	v.c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	v.c.Set(fiber.HeaderXFrameOptions, "DENY")
	v.c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	v.c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	v.c.Set(fiber.HeaderCacheControl, "no-store")
	v.c.Set("X-Robots-Tag", "noindex, nofollow")
}

// framed lets other sites show the answer in a frame: the sign-up form, which acts for nobody who is known.
func (v *visit) framed() {
	v.c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors *")
	v.c.Response().Header.Del(fiber.HeaderXFrameOptions)
}

// speak chooses the language: the first of the wanted ones that pages are written in, else what the browser asks for.
func (v *visit) speak(wanted ...string) {
	v.c.Vary(fiber.HeaderAcceptLanguage)
	for _, lang := range wanted {
		if lang == "" {
			continue
		}
		if found := v.s.catalogue.Match(lang); slices.Contains(v.s.languages, found) && strings.HasPrefix(strings.ToLower(lang), found) {
			v.p = v.s.catalogue.Printer(found, nil)
			return
		}
	}
	lang := v.s.catalogue.Match(strings.Clone(v.c.Get(fiber.HeaderAcceptLanguage)))
	if !slices.Contains(v.s.languages, lang) {
		lang = locale.Reference
	}
	v.p = v.s.catalogue.Printer(lang, nil)
}

func (v *visit) param(name string) string { return strings.Clone(v.c.Params(name)) }
func (v *visit) query(name string) string { return strings.Clone(v.c.Query(name)) }

// field is a value of an urlencoded form, and fields all of that name.
func (v *visit) field(name string) string { return string(v.c.Request().PostArgs().Peek(name)) }
func (v *visit) fields(name string) (all []string) {
	for _, value := range v.c.Request().PostArgs().PeekMulti(name) {
		all = append(all, string(value))
	}
	return all
}

// isForm says whether the body is what a form without files sends.
func (v *visit) isForm() bool {
	kind, _, err := mime.ParseMediaType(strings.Clone(v.c.Get(fiber.HeaderContentType)))
	return err == nil && kind == fiber.MIMEApplicationForm
}

func (v *visit) wantsJSON() bool {
	return strings.Contains(v.c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON)
}

// verify reads a token of count values. Somebody who tries many bad ones is made to wait.
func (v *visit) verify(purpose string, count int) ([]int64, error) {
	values, err := v.s.signer.Verify(purpose, v.param("token"), v.s.cfg.Clock())
	if err == nil && len(values) != count {
		err = token.ErrInvalid
	}
	if errors.Is(err, token.ErrInvalid) && !v.s.guessing.allow(v.ip) {
		return nil, errTooMany
	}
	return values, err
}

// frame is what every page has.
type frame struct {
	p     *locale.Printer
	Title string
	Shop  string
	Home  string // the shop window's address, or empty
	CSS   string
	Tongues
}

// Tongues is the choice of languages at the foot of a page.
type Tongues []tongue

type tongue struct {
	Code, Name string
	Current    bool
}

// ownName is what a language calls itself, with a capital, as it stands alone.
func (s *Storefront) ownName(lang string) string {
	name := []rune(s.catalogue.Printer(lang, nil).Language(lang))
	return string(unicode.ToUpper(name[0])) + string(name[1:])
}

// T is a sentence in the reader's language.
func (f frame) T(key string, args ...any) string { return f.p.T(key, args...) }

// Lang is the reader's language.
func (f frame) Lang() string { return f.p.Lang() }

func (v *visit) frame(titleKey string, shop intake.Shop) frame {
	f := frame{p: v.p, Title: v.p.T(titleKey), Shop: title(shop), CSS: v.s.assets.css}
	if strings.HasPrefix(shop.URL, "https://") || strings.HasPrefix(shop.URL, "http://") {
		f.Home = shop.URL
	}
	if v.c.Method() == fiber.MethodGet {
		for _, lang := range v.s.languages {
			f.Tongues = append(f.Tongues, tongue{lang, v.s.ownName(lang), lang == v.p.Lang()})
		}
	}
	return f
}

type pages map[string]*template.Template

func loadPages() (pages, error) {
	all := pages{}
	for _, name := range []string{"form", "message", "ask", "preferences"} {
		set, err := template.ParseFS(files, "templates/layout.html", "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
		all[name] = set
	}
	return all, nil
}

func (v *visit) show(status int, page string, data any) error {
	var out bytes.Buffer
	if err := v.s.pages[page].ExecuteTemplate(&out, "layout.html", data); err != nil {
		return fmt.Errorf("showing page %s: %w", page, err)
	}
	v.c.Set(fiber.HeaderContentLanguage, v.p.Lang())
	v.c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return v.c.Status(status).Send(out.Bytes())
}

// message is a page that says one thing.
type message struct {
	frame
	Text string
	Tone string // "good", "bad", or empty
	Link string
	Word string // of the link
}

func (v *visit) say(status int, key, tone string, shop intake.Shop, args ...any) error {
	return v.show(status, "message", message{frame: v.frame(key+".title", shop), Text: v.p.T(key+".text", args...), Tone: tone})
}

// fail answers with a page, or JSON, that says what is wrong, and logs the cause of what is our fault.
func (v *visit) fail(err error) error {
	p := explain(err)
	if p == errOurs {
		// The route, not the address: that one has a token in it.
		v.s.cfg.Logger.ErrorContext(v.ctx, "a storefront page failed", "route", v.c.Route().Path, "method", v.c.Method(), "error", err)
	}
	if p == errTooMany {
		v.c.Set(fiber.HeaderRetryAfter, "60")
	}
	key := "problem." + p.key
	if v.wantsJSON() {
		return v.c.Status(p.status).JSON(answer{Title: v.p.T(key + ".title"), Message: v.p.T(key + ".text")})
	}
	if err := v.say(p.status, key, "bad", intake.Shop{}); err != nil {
		return v.c.SendStatus(fiber.StatusInternalServerError)
	}
	return nil
}
