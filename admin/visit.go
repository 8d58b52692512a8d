package admin

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// visit is one request and who makes it. Its methods give copies: Fiber reuses a request's bytes.
type visit struct {
	a         *Admin
	c         *fiber.Ctx
	ctx       context.Context // carries the staff member, ends with the request
	p         *locale.Printer
	account   staff.Account // zero before the sign-in
	session   string        // the session's token, or ""
	door      string        // stands in for the session in form tokens, before the sign-in
	shops     []shop
	shop      shop   // the chosen one; the first where nobody chose; zero where there is none
	requestID string // the request's id, in the log and on error pages
}

// Cookies are named after the panel's path, so that panels under one host do not share them.
func (a *Admin) cookie(kind string) string {
	sum := sha256.Sum256([]byte(a.cfg.BasePath))
	return "kupec_" + kind + "_" + hex.EncodeToString(sum[:3])
}

// visit never gives nil; with an error it can still show an error page.
func (a *Admin) visit(ctx context.Context, c *fiber.Ctx) (*visit, error) {
	v := &visit{a: a, c: c, ctx: ctx, requestID: a.random(6)}
	v.headers()
	v.session = strings.Clone(c.Cookies(a.cookie("session")))
	v.door = strings.Clone(c.Cookies(a.cookie("door")))
	lang := a.language(v.query("lang"), strings.Clone(c.Cookies(a.cookie("lang"))), strings.Clone(c.Get(fiber.HeaderAcceptLanguage)))
	v.p = a.catalogue.Printer(lang, nil)
	if v.session != "" {
		account, err := a.rooms.Staff.Session(ctx, v.session)
		switch {
		case errors.Is(err, staff.ErrNoSession):
			v.session = ""
		case err != nil:
			return v, fmt.Errorf("reading the session: %w", err)
		default:
			v.account = account
			v.ctx = staff.WithActor(ctx, account, v.ip())
			if account.Language != "" {
				lang = a.language(account.Language)
			}
		}
	}
	if !v.signedIn() {
		return v, nil
	}
	var err error
	if v.shops, err = a.shops(v.ctx); err != nil {
		return v, fmt.Errorf("listing the shops: %w", err)
	}
	v.chooseShop()
	v.p = a.catalogue.Printer(lang, v.shop.Zone)
	return v, nil
}

// language gives the first of the wishes (codes or Accept-Language headers) that can be met in full.
func (a *Admin) language(wishes ...string) string {
	for _, wish := range wishes {
		if wish == "" {
			continue
		}
		lang := a.catalogue.Match(wish)
		for _, complete := range a.catalogue.Complete() {
			if lang == complete {
				return lang
			}
		}
	}
	return locale.Reference
}

// zone falls back to UTC for a zone this machine does not know.
func (a *Admin) zone(name string) *time.Location {
	if zone, ok := a.zones.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	a.zones.Store(name, zone)
	return zone
}

// chooseShop takes ?shop=, which it remembers, or what was remembered, or the first shop.
func (v *visit) chooseShop() {
	if len(v.shops) == 0 {
		return
	}
	v.shop = v.shops[0]
	wish := v.query("shop")
	if wish == "" {
		wish = strings.Clone(v.c.Cookies(v.a.cookie("shop")))
	}
	for _, shop := range v.shops {
		if strconv.FormatInt(shop.ID, 10) == wish {
			v.shop = shop
			if v.query("shop") != "" {
				v.setCookie("shop", wish, 365*24*time.Hour)
			}
		}
	}
}

func (v *visit) headers() {
	v.c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'self'; img-src 'self' https: http: data:; script-src 'self'; "+
		"frame-src 'self'; form-action 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	v.c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	v.c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	v.c.Set("Cross-Origin-Opener-Policy", "same-origin")
	v.c.Set(fiber.HeaderCacheControl, "no-store")
}

func (v *visit) signedIn() bool { return v.account.ID != 0 }

// may says whether whoever is here has the permission, to show or hide a button.
func (v *visit) may(p staff.Permission) bool { return v.signedIn() && v.account.Role.May(p) }

func (v *visit) now() time.Time { return v.a.cfg.Clock() }

// t says a sentence in the reader's language.
func (v *visit) t(key string, args ...any) string { return v.p.T(key, args...) }

// query is a value from the address, trimmed.
func (v *visit) query(name string) string {
	return strings.Clone(strings.TrimSpace(v.c.Query(name)))
}

// queries is all values of one name in the address.
func (v *visit) queries(name string) []string {
	var all []string
	for _, raw := range v.c.Context().QueryArgs().PeekMulti(name) {
		all = append(all, string(raw))
	}
	return all
}

// form is a value of the posted form, trimmed.
func (v *visit) form(name string) string {
	return strings.Clone(strings.TrimSpace(v.c.FormValue(name)))
}

// forms is all values of one name in the posted form, in order.
func (v *visit) forms(name string) []string {
	if form, err := v.c.MultipartForm(); err == nil {
		return append([]string(nil), form.Value[name]...)
	}
	var all []string
	for _, raw := range v.c.Context().PostArgs().PeekMulti(name) {
		all = append(all, string(raw))
	}
	return all
}

// param is a piece of the path.
func (v *visit) param(name string) string {
	raw, err := url.PathUnescape(v.c.Params(name))
	if err != nil {
		return ""
	}
	return strings.Clone(raw)
}

// id is a piece of the path that is a row's id; anything else is a page that does not exist.
func (v *visit) id(name string) (int64, error) {
	id, err := strconv.ParseInt(v.param(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, store.ErrNotFound
	}
	return id, nil
}

func (v *visit) ip() string { return strings.Clone(v.c.IP()) }

func (v *visit) origin() staff.Origin {
	return staff.Origin{IP: v.ip(), UserAgent: strings.Clone(v.c.Get(fiber.HeaderUserAgent))}
}

// here is this page's path below the panel's, with its query changed: pairs of name and value, "" takes a name out.
// What only makes sense on the page it came from (after) goes out too.
func (v *visit) here(pairs ...string) string {
	values, err := url.ParseQuery(string(v.c.Context().QueryArgs().QueryString()))
	if err != nil {
		values = url.Values{}
	}
	values.Del("after")
	values.Del("shop")
	values.Del("lang")
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			values.Del(pairs[i])
		} else {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	path := strings.TrimPrefix(strings.Clone(v.c.Path()), v.a.cfg.BasePath)
	if path == "" {
		path = "/"
	}
	if query := values.Encode(); query != "" {
		return path + "?" + query
	}
	return path
}

// link makes a path of the panel into one of the site.
func (a *Admin) link(path string) string {
	if path == "/" && a.cfg.BasePath != "" {
		return a.cfg.BasePath
	}
	return a.cfg.BasePath + path
}

// redirect sends the browser to a path of the panel with a GET.
func (v *visit) redirect(path string) error {
	return v.c.Redirect(v.a.link(path), fiber.StatusSeeOther)
}

// done says a sentence in a toast on the next page, and sends the browser there.
func (v *visit) done(path, key string, args ...any) error {
	v.flash("good", v.t(key, args...))
	return v.redirect(path)
}

// refused is done for what could not be done and needs no form: the sentence says why and what next.
func (v *visit) refused(path, sentence string) error {
	v.flash("bad", sentence)
	return v.redirect(path)
}

// toast is a sentence shown once. Tone is "good" or "bad". Undo, where it is not "", is the path to which a button in it
// posts, with one field.
type toast struct{ Tone, Text, Undo, Field, Value string }

func (v *visit) flash(tone, text string) { v.leave(toast{Tone: tone, Text: text}) }

// doneWithUndo is done with a button that takes it back.
func (v *visit) doneWithUndo(path, text, undo, field, value string) error {
	v.leave(toast{"good", text, undo, field, value})
	return v.redirect(path)
}

func (v *visit) leave(t toast) {
	if len(t.Text) > 1000 {
		t.Text = strings.ToValidUTF8(t.Text[:1000], "") + "…"
	}
	raw, err := json.Marshal(t)
	if err != nil {
		panic(err) // strings
	}
	v.setCookie("flash", base64.RawURLEncoding.EncodeToString(raw), time.Minute)
}

// takeFlash gives the toast that the page before left, once.
func (v *visit) takeFlash() *toast {
	text := v.c.Cookies(v.a.cookie("flash"))
	if text == "" {
		return nil
	}
	v.setCookie("flash", "", -1)
	raw, err := base64.RawURLEncoding.DecodeString(text)
	var said toast
	if err != nil || json.Unmarshal(raw, &said) != nil || (said.Tone != "good" && said.Tone != "bad") {
		return nil
	}
	return &said
}

// setCookie keeps a value in the browser for a time: 0 until the browser closes, negative deletes.
func (v *visit) setCookie(kind, value string, keep time.Duration) {
	cookie := &fiber.Cookie{
		Name: v.a.cookie(kind), Value: value, Path: v.a.link("/"), HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: strings.HasPrefix(v.a.cfg.BaseURL, "https:") || v.c.Secure(),
	}
	switch {
	case keep < 0:
		cookie.Expires = time.Unix(1, 0)
	case keep > 0:
		cookie.MaxAge = int(keep / time.Second)
	default:
		cookie.SessionOnly = true
	}
	v.c.Cookie(cookie)
}

// random is n random bytes as text.
func (a *Admin) random(n int) string {
	raw := make([]byte, n)
	if _, err := io.ReadFull(a.cfg.Random, raw); err != nil {
		panic(fmt.Sprintf("admin: no randomness: %v", err))
	}
	return hex.EncodeToString(raw)
}

var (
	errForged = errors.New("the form's token is missing or of another session")
	errNoPage = fmt.Errorf("page: %w", store.ErrNotFound)
)

// token is what forms carry: it cannot be known outside the session's own pages. Before the sign-in it hangs on a cookie
// made for that.
func (v *visit) token() string {
	subject := "session " + v.session
	if v.session == "" {
		if v.door == "" {
			v.door = v.a.random(16)
			v.setCookie("door", v.door, 0)
		}
		subject = "door " + v.door
	}
	mac := hmac.New(sha256.New, v.a.cfg.Secret)
	mac.Write([]byte("admin form token\x00" + subject))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// checkToken refuses a changing request that does not come from a page of this session. Browsers also say so
// themselves (Sec-Fetch-Site, W3C Fetch Metadata); older ones only have the token.
func (v *visit) checkToken() error {
	switch v.c.Method() {
	case fiber.MethodGet, fiber.MethodHead:
		return nil
	}
	if site := v.c.Get("Sec-Fetch-Site"); site == "cross-site" {
		return errForged
	}
	given := v.c.Get("X-CSRF-Token")
	if given == "" {
		given = v.c.FormValue("_csrf")
	}
	if (v.session == "" && v.door == "") || !hmac.Equal([]byte(given), []byte(v.token())) {
		return errForged
	}
	return nil
}

// cameFrom is the path of this panel's page that the request came from, or else path.
func (v *visit) cameFrom(path string) string {
	from, err := url.Parse(strings.Clone(v.c.Get(fiber.HeaderReferer)))
	if err != nil || from.Host != string(v.c.Context().Host()) {
		return path
	}
	rest, ok := strings.CutPrefix(from.Path, v.a.cfg.BasePath)
	if !ok || strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/signin") {
		return path
	}
	if rest == "" {
		rest = "/"
	}
	if !strings.HasPrefix(rest, "/") {
		return path
	}
	if from.RawQuery != "" {
		rest += "?" + from.RawQuery
	}
	return rest
}
