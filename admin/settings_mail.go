package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/kupec/kupec/module/newsletter"
)

// mailPage is how mail goes out and what stands in every newsletter of the chosen shop.
type mailPage struct {
	frame
	Tabs    []tab
	Server  string
	About   []pair
	Trouble string // why mail does not go out just now
	Checked string // the outcome of a check that was just asked for: "" none, "ok", or a sentence
	Shop    string // "": none is attached
	Brand   newsletter.Brand
}

func (v *visit) mailPage() (*mailPage, error) {
	page := &mailPage{frame: v.frame("settings", v.t("settings.title")), Tabs: v.settingsTabs("mail"), Trouble: v.a.rooms.Post.Trouble()}
	t := v.a.rooms.Post.Transport()
	page.Server = fmt.Sprintf("%s:%d", t.Host, t.Port)
	page.About = []pair{{v.t("mail.security"), v.word("mail.security.", string(t.Security))}, {v.t("mail.login"), v.t("mail.login.none")}, {v.t("mail.conns"), v.p.Number(t.Conns)}}
	if t.User != "" {
		page.About[1].Value = t.User
	}
	if t.Rate > 0 {
		page.About = append(page.About, pair{v.t("mail.rate"), v.t("mail.rate.second", "rate", t.Rate)})
	}
	if v.shop.ID == 0 {
		return page, nil
	}
	page.Shop = v.shop.Name
	var err error
	if page.Brand, err = v.a.rooms.Newsletters.Brand(v.ctx, v.shop.ID); err != nil {
		return nil, err
	}
	return page, nil
}

func (a *Admin) mailPage(v *visit) error {
	page, err := v.mailPage()
	if err != nil {
		return err
	}
	return v.render("settings_mail", page)
}

// mailCheckTime is how long the mail server may take: a person waits.
const mailCheckTime = 15 * time.Second

func (a *Admin) mailCheck(v *visit) error {
	page, err := v.mailPage()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(v.ctx, mailCheckTime)
	defer cancel()
	page.Checked = "ok"
	if err := a.rooms.Post.Check(ctx); err != nil {
		page.Checked = err.Error()
	}
	return v.render("settings_mail", page)
}
