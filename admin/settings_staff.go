package admin

import (
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
)

type staffPage struct {
	frame
	Tabs  []tab
	Staff []personRow
	Roles []roleChoice
	Name  string // the form as it was typed
	Email string
}

type personRow struct {
	ID              int64
	Name, Email     string
	Initials, Role  string
	Href            string
	Code, Off, Self bool
	Seen            time.Time
}

type roleChoice struct {
	Role, Name, About string
	Chosen            bool
}

func (v *visit) roles(chosen staff.Role) []roleChoice {
	var all []roleChoice
	for _, r := range staff.Roles {
		all = append(all, roleChoice{string(r), v.t("role." + string(r)), v.t("role." + string(r) + ".about"), r == chosen})
	}
	return all
}

func (v *visit) personRow(p staff.Account) personRow {
	return personRow{ID: p.ID, Name: p.Name, Email: p.Email.Unicode(), Initials: initials(p.Name), Role: v.t("role." + string(p.Role)),
		Href: v.a.link(fmt.Sprintf("/settings/staff/%d", p.ID)), Code: p.TOTP, Off: p.Disabled, Self: p.ID == v.account.ID, Seen: p.LastLoginAt}
}

func (v *visit) staffPage(chosen staff.Role) (*staffPage, error) {
	people, err := v.a.rooms.Staff.List(v.ctx)
	if err != nil {
		return nil, err
	}
	page := &staffPage{frame: v.frame("settings", v.t("settings.title")), Tabs: v.settingsTabs("staff"), Roles: v.roles(chosen)}
	for _, p := range people {
		page.Staff = append(page.Staff, v.personRow(p))
	}
	return page, nil
}

func (a *Admin) staffPage(v *visit) error {
	page, err := v.staffPage(staff.RoleReader)
	if err != nil {
		return err
	}
	return v.render("settings_staff", page)
}

func (a *Admin) staffAdd(v *visit) error {
	n := staff.NewAccount{Name: v.form("name"), Role: staff.Role(v.form("role")), Password: strings.Clone(v.c.FormValue("password"))}
	address, err := contact.ParseEmail(v.form("email"))
	if err == nil {
		n.Email = address
		if _, err = a.rooms.Staff.Create(v.ctx, n); err == nil {
			return v.done("/settings/staff", "staff.added", "name", n.Name)
		}
	}
	page, pageErr := v.staffPage(n.Role)
	if pageErr != nil {
		return pageErr
	}
	page.Name, page.Email = n.Name, v.form("email")
	if field, sentence, ok := v.invalidInput(err); ok {
		page.Errors.add(field, sentence)
		return v.renderInvalid("settings_staff", page)
	}
	return err
}

type personPage struct {
	frame
	Person personRow
	Roles  []roleChoice
}

func (v *visit) personPage() (*personPage, error) {
	id, err := v.id("id")
	if err != nil {
		return nil, err
	}
	account, err := v.a.rooms.Staff.Account(v.ctx, id)
	if err != nil {
		return nil, err
	}
	page := &personPage{frame: v.frame("settings", account.Name), Person: v.personRow(account), Roles: v.roles(account.Role)}
	page.Back = &backLink{v.t("settings.tab.staff"), v.a.link("/settings/staff")}
	return page, nil
}

func (a *Admin) personPage(v *visit) error {
	page, err := v.personPage()
	if err != nil {
		return err
	}
	return v.render("settings_person", page)
}

// personDo does something to the account in the address and says so; what the domain refuses stands on the page.
func (a *Admin) personDo(v *visit, saved string, do func(id int64) error) error {
	page, err := v.personPage()
	if err != nil {
		return err
	}
	err = do(page.Person.ID)
	if field, sentence, ok := v.invalidInput(err); ok {
		page.Errors.add(field, sentence)
		return v.renderInvalid("settings_person", page)
	}
	if err != nil {
		return err
	}
	return v.done(fmt.Sprintf("/settings/staff/%d", page.Person.ID), saved, "name", page.Person.Name)
}

func (a *Admin) personRole(v *visit) error {
	return a.personDo(v, "staff.role.saved", func(id int64) error { return a.rooms.Staff.SetRole(v.ctx, id, staff.Role(v.form("role"))) })
}

func (a *Admin) personPassword(v *visit) error {
	return a.personDo(v, "staff.password.saved", func(id int64) error {
		return a.rooms.Staff.SetPassword(v.ctx, id, strings.Clone(v.c.FormValue("password")))
	})
}

func (a *Admin) personDisable(v *visit) error {
	return a.personDo(v, "staff.disabled", func(id int64) error { return a.rooms.Staff.Disable(v.ctx, id) })
}

func (a *Admin) personEnable(v *visit) error {
	return a.personDo(v, "staff.enabled", func(id int64) error { return a.rooms.Staff.Enable(v.ctx, id) })
}

func (a *Admin) personDropCode(v *visit) error {
	return a.personDo(v, "staff.code.dropped", func(id int64) error { return a.rooms.Staff.DropTOTP(v.ctx, id) })
}
