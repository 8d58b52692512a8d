package admin

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
)

// frame is what the layout shows around every page. visit.frame makes it.
type frame struct {
	Title   string
	Intro   string // one line under the title, or ""
	Back    *backLink
	Scripts []string // modules of static that the page needs beside app.js
	Errors  formErrors

	Lang, Theme string
	CSRF        string
	Search      string // the words in the search field
	Toast       *toast
	Rail        []railItem
	Settings    *railItem
	ShopChoices []shopChoice
	Running     []jobProgress
	Me          *me // nil before the sign-in
}

// framed is a pointer to a page's struct: something that embeds frame.
type framed interface{ framing() *frame }

func (f *frame) framing() *frame { return f }

// backLink stands above the title and leads to the list that the page is one of.
type backLink struct{ Label, Href string }

type railItem struct {
	Label, Icon, Href string
	Here              bool
}

type shopChoice struct {
	Name, Href string
	Chosen     bool
}

// me is the reader.
type me struct {
	Name, Initials, Role string
	Theme                string // as chosen: "", "light", "dark"
	Next                 string // the theme a press of the moon or sun gives
	Language             string
}

// jobProgress is something that works in the background. Total 0 is work whose end is not known.
type jobProgress struct {
	Name        string
	Done, Total int64
	Percent     int
}

// rail is the panel's subjects in order; an item shows for those who may see it.
var rail = [...]struct {
	name, icon, path string
	may              staff.Permission
}{
	{"home", "home", "/", staff.SeeSales},
	{"customers", "people", "/customers", staff.SeePeople},
	{"segments", "segment", "/segments", staff.SeeSales},
	{"newsletters", "mail", "/newsletters", staff.SeeSales},
	{"products", "box", "/products", staff.SeeSales},
	{"orders", "receipt", "/orders", staff.SeeSales},
	{"reports", "chart", "/reports", staff.SeeSales},
}

// frame gives the layout's part of a page: nav is the lit item of the rail ("settings" below it), title the page's.
// Errors of what it shows around the page are logged and leave that part empty: they must not take the page away.
func (v *visit) frame(nav, title string) frame {
	f := frame{Title: title, Lang: v.p.Lang(), Theme: v.account.Theme, CSRF: v.token(), Toast: v.takeFlash(), Errors: formErrors{}}
	if !v.signedIn() {
		return f
	}
	for _, item := range rail {
		if item.may == "" || v.may(item.may) {
			f.Rail = append(f.Rail, railItem{v.t("nav." + item.name), item.icon, v.a.link(item.path), item.name == nav})
		}
	}
	f.Settings = &railItem{v.t("nav.settings"), "gear", v.a.link("/settings"), nav == "settings"}
	for _, shop := range v.shops {
		href := v.here("shop", strconv.FormatInt(shop.ID, 10))
		f.ShopChoices = append(f.ShopChoices, shopChoice{shop.Name, v.a.link(href), shop.ID == v.shop.ID})
	}
	f.Running = v.jobs()
	f.Me = &me{
		Name: v.account.Name, Initials: initials(v.account.Name), Role: v.t("role." + string(v.account.Role)),
		Theme: v.account.Theme, Next: "dark", Language: v.p.Language(v.p.Lang()),
	}
	if v.account.Theme == "dark" {
		f.Me.Next = "light"
	}
	return f
}

// initials are the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) > 2 {
		words = []string{words[0], words[len(words)-1]}
	}
	var b strings.Builder
	for _, word := range words {
		for _, r := range word {
			b.WriteString(strings.ToUpper(string(r)))
			break
		}
	}
	return b.String()
}

// formErrors are a form's mistakes: field name to a sentence that names the fix.
type formErrors map[string]string

// add keeps the first mistake of a field.
func (e formErrors) add(field, sentence string) {
	if _, ok := e[field]; !ok {
		e[field] = sentence
	}
}

// invalidInput says which field of a form a domain error is about and what to do, or that it is not about one.
func (v *visit) invalidInput(err error) (field, sentence string, ok bool) {
	var account *staff.InvalidError
	var address *contact.InvalidError
	switch {
	case errors.As(err, &account):
		return account.Field, v.t(account.Key), true
	case errors.As(err, &address):
		return address.Field, v.t(address.Key), true
	}
	return "", "", false
}
