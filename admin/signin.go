package admin

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kupec/kupec/module/staff"
)

func signinArea() area {
	return area{
		pages: []page{{"signin", &signinPage{}}},
		routes: func(a *Admin, r router) {
			r.r.Get("/signin", a.open(a.signinForm))
			r.r.Post("/signin", a.open(a.signin))
			r.post("/signout", "", a.signout)
		},
	}
}

type signinPage struct {
	frame
	Email     string
	Stay      bool
	Next      string // the path to go to afterwards
	Held      string // after a right password: sealed, while the code is asked for
	Problem   string
	Languages []languageChoice
}

type languageChoice struct {
	Code, Name, Href string
	Chosen           bool
}

// holdTime is how long somebody may look for the code on their phone.
const holdTime = 5 * time.Minute

// held is what waits, sealed, between the password and the code, so that the password is typed once and never put into a page.
type held struct {
	Email, Password string
	Stay            bool
	Until           time.Time
}

// toSignin leads to the sign-in and from there back to this page.
func (v *visit) toSignin() error {
	path := "/signin"
	if here := v.here(); v.c.Method() == "GET" && here != "/" {
		path += "?next=" + base64.RawURLEncoding.EncodeToString([]byte(here))
	}
	return v.redirect(path)
}

// next is the page to go to after the sign-in: a path of this panel, never another site.
func next(text string) string {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	path := string(raw)
	if err != nil || len(path) > 2000 || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}

func (v *visit) signinPage() *signinPage {
	page := &signinPage{frame: v.frame("", v.t("signin.title")), Next: v.query("next")}
	for _, code := range v.a.catalogue.Complete() {
		own := v.a.catalogue.Printer(code, nil)
		page.Languages = append(page.Languages, languageChoice{code, own.T("language.own"), v.a.link("/signin?lang=" + code), code == v.p.Lang()})
	}
	return page
}

func (a *Admin) signinForm(v *visit) error {
	if v.signedIn() {
		return v.redirect("/")
	}
	if lang := v.query("lang"); lang != "" {
		v.setCookie("lang", a.language(lang), 365*24*time.Hour)
	}
	return v.render("signin", v.signinPage())
}

func (a *Admin) signin(v *visit) error {
	page := v.signinPage()
	page.Next, page.Email, page.Stay = v.form("next"), v.form("email"), v.form("stay") != ""
	// The password is not trimmed: blanks may be part of it.
	password, code := strings.Clone(v.c.FormValue("password")), ""
	if text := v.form("held"); text != "" {
		hold, ok := a.unseal(text)
		if !ok {
			page.Problem = v.t("signin.error.held")
			return v.renderInvalid("signin", page)
		}
		page.Email, page.Stay, page.Held = hold.Email, hold.Stay, text
		password, code = hold.Password, strings.ReplaceAll(v.form("code"), " ", "")
	}
	if !a.guard.allow(v.ip()) {
		page.Problem = v.t("signin.error.often")
		return v.renderInvalid("signin", page)
	}
	token, account, err := a.rooms.Staff.SignIn(v.ctx, page.Email, password, code, v.origin())
	var locked *staff.LockedError
	var wrongCode *staff.InvalidError
	switch {
	case errors.Is(err, staff.ErrCodeNeeded) && code == "":
		page.Held = a.seal(held{page.Email, password, page.Stay, v.now().Add(holdTime)})
		return v.render("signin", page)
	case errors.Is(err, staff.ErrCodeNeeded), errors.As(err, &wrongCode):
		page.Problem = v.t("signin.error.code")
		return v.renderInvalid("signin", page)
	case errors.Is(err, staff.ErrWrongLogin):
		page.Problem = v.t("signin.error.wrong")
		return v.renderInvalid("signin", page)
	case errors.As(err, &locked):
		minutes := int64(locked.Until.Sub(v.now())/time.Minute) + 1
		page.Held, page.Problem = "", v.t("signin.error.locked", "count", minutes)
		return v.renderInvalid("signin", page)
	case err != nil:
		return err
	}
	keep := time.Duration(0)
	if page.Stay {
		keep = stayTime
	}
	v.setCookie("session", token, keep)
	v.setCookie("door", "", -1)
	if account.Language != "" {
		v.setCookie("lang", "", -1)
	}
	return v.redirect(next(page.Next))
}

// stayTime is how long a browser keeps the session when asked to; the session itself may end sooner.
const stayTime = 30 * 24 * time.Hour

func (a *Admin) signout(v *visit) error {
	if err := a.rooms.Staff.SignOut(v.ctx, v.session); err != nil {
		return err
	}
	v.setCookie("session", "", -1)
	return v.redirect("/signin")
}

func (a *Admin) seal(h held) string {
	raw, err := json.Marshal(h)
	if err != nil {
		panic(err) // texts and a time
	}
	return base64.RawURLEncoding.EncodeToString(a.box.Seal(raw, []byte("signin")))
}

func (a *Admin) unseal(text string) (held, bool) {
	var h held
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return h, false
	}
	raw, err := a.box.Open(sealed, []byte("signin"))
	if err != nil || json.Unmarshal(raw, &h) != nil || !a.cfg.Clock().Before(h.Until) {
		return held{}, false
	}
	return h, true
}

// signinGuard slows down guessing from one address: a burst of tries, then one every few seconds. Accounts are locked
// by the domain, whatever address the guesses come from.
type signinGuard struct {
	clock func() time.Time
	mu    sync.Mutex
	seen  map[string]*rate.Limiter
}

const (
	signinBurst = 10
	signinEvery = 6 * time.Second
	signinSeen  = 10_000
)

func newSigninGuard(clock func() time.Time) *signinGuard {
	return &signinGuard{clock: clock, seen: map[string]*rate.Limiter{}}
}

func (g *signinGuard) allow(ip string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.clock()
	if len(g.seen) >= signinSeen { // forget those that have their whole burst again
		for ip, l := range g.seen {
			if l.TokensAt(now) >= signinBurst {
				delete(g.seen, ip)
			}
		}
		if len(g.seen) >= signinSeen {
			clear(g.seen)
		}
	}
	l, ok := g.seen[ip]
	if !ok {
		l = rate.NewLimiter(rate.Every(signinEvery), signinBurst)
		g.seen[ip] = l
	}
	return l.AllowN(now, 1)
}
