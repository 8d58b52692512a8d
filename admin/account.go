package admin

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"html/template"
	"net/url"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"github.com/kupec/kupec/module/staff"
)

func accountArea() area {
	return area{
		pages: []page{{"account", &accountPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/account", "", a.accountForm)
			r.post("/account", "", a.accountSave)
			r.post("/account/theme", "", a.accountTheme)
			r.post("/account/password", "", a.accountPassword)
			r.post("/account/code/begin", "", a.codeBegin)
			r.post("/account/code/confirm", "", a.codeConfirm)
			r.post("/account/code/drop", "", a.codeDrop)
			r.post("/account/sessions", "", a.accountSignOutOthers)
		},
	}
}

// accountPage is somebody's own account.
type accountPage struct {
	frame
	Email     string
	Language  string // "": as the browser
	Languages []languageChoice
	Code      bool // a one-time code is asked for
	Setup     *codeSetup
	Sessions  []sessionRow
}

// codeSetup is a secret on its way into somebody's app.
type codeSetup struct {
	Picture template.URL // a PNG
	Secret  string       // in groups of four, to type
	Held    string       // the same, sealed, so that a mistyped code does not need a new scan
}

type sessionRow struct {
	Browser, IP string
	SeenAt      time.Time
	Here        bool
}

func (v *visit) accountPage() (*accountPage, error) {
	page := &accountPage{frame: v.frame("", v.t("account.title")), Email: v.account.Email.Unicode(), Language: v.account.Language, Code: v.account.TOTP}
	for _, code := range v.a.catalogue.Complete() {
		page.Languages = append(page.Languages, languageChoice{Code: code, Name: v.a.catalogue.Printer(code, nil).T("language.own"), Chosen: code == v.account.Language})
	}
	sessions, err := v.a.rooms.Staff.Sessions(v.ctx, v.account.ID)
	if err != nil {
		return nil, err
	}
	own := sha256.Sum256([]byte(v.session))
	for _, s := range sessions {
		page.Sessions = append(page.Sessions, sessionRow{v.browser(s.UserAgent), s.IP, s.SeenAt, s.ID == hex.EncodeToString(own[:])})
	}
	return page, nil
}

// browser names the program and the system of a User-Agent, as far as people tell them apart.
func (v *visit) browser(agent string) string {
	pick := func(names ...string) string {
		for i := 0; i+1 < len(names); i += 2 {
			if strings.Contains(agent, names[i]) {
				return names[i+1]
			}
		}
		return ""
	}
	// The order matters: each of them also names those it descends from.
	program := pick("Edg", "Edge", "OPR", "Opera", "Firefox", "Firefox", "Chrom", "Chrome", "Safari", "Safari")
	system := pick("iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS X", "macOS", "Linux", "Linux")
	switch {
	case program != "" && system != "":
		return v.t("account.browser", "program", program, "system", system)
	case program+system != "":
		return program + system
	}
	return v.t("account.browser.unknown")
}

func (a *Admin) accountForm(v *visit) error {
	page, err := v.accountPage()
	if err != nil {
		return err
	}
	return v.render("account", page)
}

func (a *Admin) accountSave(v *visit) error {
	lang := v.form("language")
	if lang != "" {
		lang = a.language(lang)
	}
	if err := a.rooms.Staff.SetPreferences(v.ctx, v.account.ID, lang, v.form("theme")); err != nil {
		return err
	}
	if lang != "" {
		v.p = a.catalogue.Printer(lang, v.p.Zone())
	}
	return v.done("/account", "account.saved")
}

// accountTheme is the moon and the sun in the bar; it leads back to the page they were pressed on.
func (a *Admin) accountTheme(v *visit) error {
	if err := a.rooms.Staff.SetPreferences(v.ctx, v.account.ID, v.account.Language, v.form("theme")); err != nil {
		return err
	}
	return v.redirect(v.cameFrom("/"))
}

func (a *Admin) accountPassword(v *visit) error {
	page, err := v.accountPage()
	if err != nil {
		return err
	}
	password := strings.Clone(v.c.FormValue("new"))
	err = a.rooms.Staff.CheckPassword(v.ctx, v.account.ID, strings.Clone(v.c.FormValue("old")))
	if errors.Is(err, staff.ErrWrongLogin) {
		page.Errors.add("old", v.t("account.password.wrong"))
	} else if err != nil {
		return err
	}
	if len(page.Errors) == 0 {
		err := a.rooms.Staff.SetPassword(v.ctx, v.account.ID, password)
		if _, sentence, ok := v.invalidInput(err); ok {
			page.Errors.add("new", sentence)
		} else if err != nil {
			return err
		}
	}
	if len(page.Errors) > 0 {
		return v.renderInvalid("account", page)
	}
	v.setCookie("session", "", -1)
	return v.done("/signin", "account.password.saved")
}

func (a *Admin) codeBegin(v *visit) error {
	page, err := v.accountPage()
	if err != nil {
		return err
	}
	_, uri, err := a.rooms.Staff.BeginTOTP(v.ctx, v.account.ID)
	if err != nil {
		return err
	}
	if page.Setup, err = a.codeSetup(v, uri); err != nil {
		return err
	}
	return v.render("account", page)
}

func (a *Admin) codeSetup(v *visit, uri string) (*codeSetup, error) {
	picture, err := qrcode.Encode(uri, qrcode.Medium, 220)
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(uri)
	if err != nil {
		return nil, err
	}
	var groups []string
	for secret := address.Query().Get("secret"); secret != ""; {
		n := min(4, len(secret))
		groups = append(groups, secret[:n])
		secret = secret[n:]
	}
	return &codeSetup{
		Picture: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(picture)),
		Secret:  strings.Join(groups, " "),
		Held:    base64.RawURLEncoding.EncodeToString(a.box.Seal([]byte(uri), []byte("code "+v.session))),
	}, nil
}

func (a *Admin) codeConfirm(v *visit) error {
	err := a.rooms.Staff.ConfirmTOTP(v.ctx, v.account.ID, v.form("code"))
	if err == nil {
		return v.done("/account", "account.code.on.done")
	}
	page, pageErr := v.accountPage()
	if pageErr != nil {
		return pageErr
	}
	_, sentence, ok := v.invalidInput(err)
	if !ok {
		return err
	}
	page.Errors.add("code", sentence)
	if sealed, err := base64.RawURLEncoding.DecodeString(v.form("held")); err == nil {
		if uri, err := a.box.Open(sealed, []byte("code "+v.session)); err == nil {
			if page.Setup, err = a.codeSetup(v, string(uri)); err != nil {
				return err
			}
		}
	}
	return v.renderInvalid("account", page)
}

func (a *Admin) codeDrop(v *visit) error {
	err := a.rooms.Staff.CheckPassword(v.ctx, v.account.ID, strings.Clone(v.c.FormValue("password")))
	if errors.Is(err, staff.ErrWrongLogin) {
		page, err := v.accountPage()
		if err != nil {
			return err
		}
		page.Errors.add("password", v.t("account.password.wrong"))
		return v.renderInvalid("account", page)
	}
	if err != nil {
		return err
	}
	if err := a.rooms.Staff.DropTOTP(v.ctx, v.account.ID); err != nil {
		return err
	}
	return v.done("/account", "account.code.off.done")
}

func (a *Admin) accountSignOutOthers(v *visit) error {
	if err := a.rooms.Staff.SignOutOthers(v.ctx, v.account.ID, v.session); err != nil {
		return err
	}
	return v.done("/account", "account.sessions.done")
}
