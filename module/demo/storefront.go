package demo

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// StorefrontConfig says how the demo shop's pages behave.
type StorefrontConfig struct {
	// KupecURL is the public address of the CRM, to which the newsletter form posts. Default http://localhost:8090.
	KupecURL string
	// Prefix stands before each table name. Default "wp_".
	Prefix string
	// Secret signs sign-ins and forms. Default: made anew, so that a restart signs everybody out.
	Secret []byte
	// Clock gives the time of orders. Default time.Now.
	Clock func() time.Time
	// Logger gets what goes wrong; never a name or an address. Default: nothing is logged.
	Logger *slog.Logger
}

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static
var staticFiles embed.FS

// A Storefront is the demo shop in the browser. It is an http.Handler for the root of a host.
type Storefront struct {
	cfg      StorefrontConfig
	till     *till
	pages    map[string]*template.Template
	handler  http.Handler
	pictures sync.Map // file name -> []byte, drawn once
}

// NewStorefront makes the pages of the shop that Generate wrote. It reads nothing until it is asked; db stays the caller's.
// The identifiers in its forms are in the package comment.
func NewStorefront(db *sql.DB, cfg StorefrontConfig) *Storefront {
	if cfg.KupecURL == "" {
		cfg.KupecURL = "http://localhost:8090"
	}
	cfg.KupecURL = strings.TrimRight(cfg.KupecURL, "/")
	if cfg.Prefix == "" {
		cfg.Prefix = "wp_"
	}
	if len(cfg.Secret) == 0 {
		cfg.Secret = []byte(rand.Text() + rand.Text())
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	zone, err := time.LoadLocation(Zone)
	if err != nil { // the zones are compiled in
		panic(fmt.Sprintf("demo: time zone: %v", err))
	}
	s := &Storefront{cfg: cfg, till: &till{db: db, prefix: cfg.Prefix, goods: newAssortment(), zone: zone, clock: cfg.Clock}}
	s.pages = s.parsePages()
	mux := http.NewServeMux()
	page := func(pattern string, h func(*visit) error) { mux.Handle(pattern, s.page(h)) }
	page("GET /{$}", s.front)
	page("GET /product-category/{slug}/", s.category)
	page("GET /product-category/{parent}/{slug}/", s.category)
	page("GET /product/{slug}/", s.product)
	page("GET /cart/", s.cart)
	page("POST /cart/add", s.addToCart)
	page("POST /cart/update", s.updateCart)
	page("GET /checkout/", s.checkout)
	page("POST /checkout/", s.placeOrder)
	page("GET /my-account/", s.account)
	page("POST /my-account/register", s.register)
	page("POST /my-account/login", s.logIn)
	page("POST /my-account/logout", s.logOut)
	page("GET /order/{id}/", s.order)
	page("POST /order/{id}/refund", s.askRefund)
	page("GET /newsletter/", s.newsletter)
	page("GET /", s.notFound)
	mux.HandleFunc("GET /wp-content/uploads/", s.picture)
	mux.Handle("GET /static/", http.FileServerFS(staticFiles))
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self' "+origin(cfg.KupecURL)+"; base-uri 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
	return s
}

var _ http.Handler = (*Storefront)(nil)

func (s *Storefront) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// A visit is one request with who makes it.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context
	visitor string // key of a guest's WooCommerce session
	user    *user
}

type user struct {
	ID    uint64
	Email string
	First string
}

// An outcome other than a page, for people to read.
type httpError struct {
	status int
	text   string
}

func (e *httpError) Error() string { return e.text }

const (
	visitorCookie = "skodelica_visitor"
	userCookie    = "skodelica_user"
	sourceCookie  = "skodelica_source"
	signedIn      = 14 * 24 * time.Hour
)

// page wraps a handler: finds out who is there, checks the form's token, shows errors.
func (s *Storefront) page(h func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{w: w, r: r, ctx: r.Context()}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		err := s.recognise(v)
		if err == nil && r.Method == http.MethodPost && subtle.ConstantTimeCompare([]byte(r.PostFormValue("csrf")), []byte(s.token(v))) != 1 {
			err = &httpError{http.StatusForbidden, "This form is out of date. Go back, load the page again and send it once more."}
		}
		if err == nil {
			err = h(v)
		}
		if err == nil {
			return
		}
		var known *httpError
		if !errors.As(err, &known) {
			s.cfg.Logger.Error("demo shop", "path", r.URL.Path, "error", err)
			known = &httpError{http.StatusInternalServerError, "The shop could not answer. Try again in a moment."}
		}
		s.render(v, "message", known.status, "Something is not right", known.text)
	})
}

// recognise sets the visitor's key, the account signed in, and where the visitor came from.
func (s *Storefront) recognise(v *visit) error {
	if c, err := v.r.Cookie(visitorCookie); err == nil && visitorKey(c.Value) {
		v.visitor = c.Value
	} else {
		b := make([]byte, 15)
		_, _ = rand.Read(b) // never fails
		v.visitor = "t_" + hex.EncodeToString(b)
		s.setCookie(v, visitorCookie, v.visitor, signedIn)
	}
	if q := v.r.URL.Query(); q.Get("utm_source") != "" {
		value := url.Values{"source": {short(q.Get("utm_source"))}, "medium": {short(q.Get("utm_medium"))}, "campaign": {short(q.Get("utm_campaign"))}}
		s.setCookie(v, sourceCookie, base64.RawURLEncoding.EncodeToString([]byte(value.Encode())), 30*24*time.Hour)
	}
	c, err := v.r.Cookie(userCookie)
	if err != nil {
		return nil
	}
	id, ok := s.readTicket(c.Value)
	if !ok {
		return nil
	}
	u := user{ID: id}
	err = s.till.db.QueryRowContext(v.ctx, s.till.sql(`SELECT u.user_email, COALESCE(m.meta_value, u.display_name) FROM {p}users u
LEFT JOIN {p}usermeta m ON m.user_id = u.ID AND m.meta_key = 'first_name' WHERE u.ID = ? LIMIT 1`), id).Scan(&u.Email, &u.First)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("demo: read the account: %w", err)
	}
	v.user = &u
	return nil
}

func visitorKey(s string) bool {
	_, err := hex.DecodeString(strings.TrimPrefix(s, "t_"))
	return len(s) == 32 && strings.HasPrefix(s, "t_") && err == nil
}

func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 80)], "") }

func (s *Storefront) setCookie(v *visit, name, value string, age time.Duration) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(age.Seconds())}
	if age <= 0 {
		c.MaxAge = -1
	}
	http.SetCookie(v.w, c)
}

func (s *Storefront) mac(parts ...string) string {
	m := hmac.New(sha256.New, s.cfg.Secret)
	m.Write([]byte(strings.Join(parts, "|")))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// token belongs into each form; it holds for this visitor, signed in as they are.
func (s *Storefront) token(v *visit) string {
	id := uint64(0)
	if v.user != nil {
		id = v.user.ID
	}
	return s.mac("form", v.visitor, strconv.FormatUint(id, 10))
}

func (s *Storefront) ticket(id uint64) string {
	until := strconv.FormatInt(s.cfg.Clock().Add(signedIn).Unix(), 10)
	who := strconv.FormatUint(id, 10)
	return who + "." + until + "." + s.mac("user", who, until)
}

func (s *Storefront) readTicket(text string) (uint64, bool) {
	who, rest, _ := strings.Cut(text, ".")
	until, mac, _ := strings.Cut(rest, ".")
	id, err1 := strconv.ParseUint(who, 10, 64)
	end, err2 := strconv.ParseInt(until, 10, 64)
	if err1 != nil || err2 != nil || s.cfg.Clock().Unix() > end {
		return 0, false
	}
	return id, subtle.ConstantTimeCompare([]byte(mac), []byte(s.mac("user", who, until))) == 1
}

// cartKey is the session key of the visit: the user's id as text, or the visitor's key.
func (v *visit) cartKey() string {
	if v.user != nil {
		return strconv.FormatUint(v.user.ID, 10)
	}
	return v.visitor
}

func (s *Storefront) loadCart(ctx context.Context, key string) ([]pick, error) {
	var value string
	err := s.till.db.QueryRowContext(ctx, s.till.sql("SELECT session_value FROM {p}woocommerce_sessions WHERE session_key = ? AND session_expiry > ?"), key, s.cfg.Clock().Unix()).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("demo: read a cart: %w", err)
	}
	return readCart(s.till.goods, value)
}

// saveCart writes the cart as WooCommerce keeps it; email is what the visitor has let the shop know.
func (s *Storefront) saveCart(v *visit, picks []pick, who *person, email string) error {
	if v.user != nil {
		email, who.first = v.user.Email, v.user.First
	}
	_, err := s.till.db.ExecContext(v.ctx, s.till.sql(`INSERT INTO {p}woocommerce_sessions (session_key, session_value, session_expiry) VALUES (?, ?, ?)
ON DUPLICATE KEY UPDATE session_value = VALUES(session_value), session_expiry = VALUES(session_expiry)`), v.cartKey(), sessionValue(picks, who, email), s.cfg.Clock().Add(48*time.Hour).Unix())
	if err != nil {
		return fmt.Errorf("demo: save a cart: %w", err)
	}
	return nil
}

// A page's frame and content.
type frame struct {
	Title     string
	Nav       []navItem
	CartCount int
	User      *user
	CSRF      string
	KupecURL  string
	Body      any
}

type navItem struct {
	Name  string
	Href  string
	Under []navItem
}

func (s *Storefront) nav() []navItem {
	var nav []navItem
	all := categories()
	for i, c := range all {
		item := navItem{Name: c.name, Href: "/product-category/" + c.slug + "/"}
		if c.parent >= 0 {
			continue
		}
		for _, child := range all {
			if child.parent == i {
				item.Under = append(item.Under, navItem{Name: child.name, Href: "/product-category/" + child.slug + "/"})
			}
		}
		nav = append(nav, item)
	}
	return nav
}

func (s *Storefront) parsePages() map[string]*template.Template {
	funcs := template.FuncMap{
		"money":  func(cents int64, currency ...string) string { return moneyText(cents, currency...) },
		"name":   html.UnescapeString, // WordPress stores entities; the template escapes again
		"status": statusText,
		"date":   func(t time.Time) string { return t.In(s.till.zone).Format("2 January 2006") },
		"svg": func(p *product) string {
			return "/wp-content/uploads/" + strings.TrimSuffix(p.imageFile(), ".png") + ".svg"
		},
		"slug":  func(p *product) string { return p.slug },
		"about": func(p *product) string { return p.about },
		"pname": func(p *product) string { return html.UnescapeString(p.name) },
		"price": priceText,
		"field": newField,
		"methods": func() [][2]string {
			return [][2]string{{"card", paymentMethods()["card"]}, {"bacs", paymentMethods()["bacs"]}, {"cod", paymentMethods()["cod"]}}
		},
	}
	pages := map[string]*template.Template{}
	for _, name := range []string{"front", "category", "product", "cart", "checkout", "account", "order", "newsletter", "message"} {
		pages[name] = template.Must(template.New(name).Funcs(funcs).ParseFS(templateFiles, "templates/frame.html", "templates/parts.html", "templates/"+name+".html"))
	}
	return pages
}

func (s *Storefront) render(v *visit, name string, status int, title string, body any) {
	f := frame{Title: title, Nav: s.nav(), User: v.user, CSRF: s.token(v), KupecURL: s.cfg.KupecURL, Body: body}
	if picks, err := s.loadCart(v.ctx, v.cartKey()); err == nil {
		for _, p := range picks {
			f.CartCount += p.qty
		}
	}
	var b bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&b, "frame", f); err != nil {
		s.cfg.Logger.Error("demo shop page", "page", name, "error", err)
		http.Error(v.w, "The page could not be made.", http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.WriteHeader(status)
	_, _ = b.WriteTo(v.w) // the visitor may be gone
}

func (v *visit) redirect(to string) error {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

func moneyText(cents int64, currency ...string) string {
	sign := "€"
	if len(currency) > 0 && currency[0] == "GBP" {
		sign = "£"
	}
	if cents < 0 {
		return "−" + moneyText(-cents, currency...)
	}
	text := centsText(cents)
	for at := len(text) - 6; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

func priceText(p *product) string {
	if len(p.variants) > 0 {
		return "from " + moneyText(p.variants[0].price)
	}
	return moneyText(p.price)
}

func statusText(status string) string {
	if text, ok := map[string]string{statusPending: "Waiting for payment", statusProcessing: "Being packed", statusOnHold: "Waiting for the transfer", statusCompleted: "Sent",
		statusCancelled: "Cancelled", statusRefunded: "Refunded", statusFailed: "Payment failed", statusPickup: "Ready for pick-up"}[status]; ok {
		return text
	}
	return strings.TrimPrefix(status, "wc-")
}

// picture serves product pictures under the addresses that WooCommerce's rows give them: PNG for mails, and the same
// drawing as SVG for the shop's own pages.
func (s *Storefront) picture(w http.ResponseWriter, r *http.Request) {
	file := strings.TrimPrefix(r.URL.Path, "/wp-content/uploads/")
	body, ok := s.pictures.Load(file)
	if !ok {
		b, err := s.drawPicture(file)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		body, _ = s.pictures.LoadOrStore(file, b)
	}
	w.Header().Set("Content-Type", "image/png")
	if strings.HasSuffix(file, ".svg") {
		w.Header().Set("Content-Type", "image/svg+xml")
	}
	w.Header().Set("Cache-Control", "public, max-age=86400")
	_, _ = w.Write(body.([]byte))
}

func (s *Storefront) drawPicture(file string) ([]byte, error) {
	for _, p := range s.till.goods.products {
		base := strings.TrimSuffix(p.imageFile(), ".png")
		switch file {
		case base + ".svg":
			return p.draw().svg(), nil
		case base + ".png":
			return p.draw().png(480)
		}
	}
	return nil, errors.New("demo: no such picture")
}
