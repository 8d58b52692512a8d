package admin

import (
	"github.com/kupec/kupec/module/staff"
)

func settingsArea() area {
	return area{
		pages: []page{
			{"settings_shops", &shopsPage{}}, {"settings_aside", &asidePage{}},
			{"settings_mail", &mailPage{}}, {"settings_topics", &topicsPage{}},
			{"settings_staff", &staffPage{}}, {"settings_person", &personPage{}},
			{"settings_stages", &stagesPage{}}, {"settings_jobs", &jobsPage{}}, {"settings_audit", &auditPage{}},
		},
		routes: func(a *Admin, r router) {
			r.get("/settings", "", a.shopsPage)
			r.get("/settings/shops/live", "", a.shopsLive)
			r.post("/settings/shops/:id/reconcile", staff.ManageShops, a.shopReconcile)
			r.get("/settings/shops/:id/aside", staff.ManageShops, a.asidePage)
			r.post("/settings/shops/:id/retry", staff.ManageShops, a.asideRetry)
			r.get("/settings/mail", staff.ManageMail, a.mailPage)
			r.post("/settings/mail/check", staff.ManageMail, a.mailCheck)
			r.get("/settings/topics", staff.ManageMail, a.topicsPage)
			r.post("/settings/topics", staff.ManageMail, a.topicSave)
			r.get("/settings/staff", staff.ManageStaff, a.staffPage)
			r.post("/settings/staff", staff.ManageStaff, a.staffAdd)
			r.get("/settings/staff/:id", staff.ManageStaff, a.personPage)
			r.post("/settings/staff/:id/role", staff.ManageStaff, a.personRole)
			r.post("/settings/staff/:id/password", staff.ManageStaff, a.personPassword)
			r.post("/settings/staff/:id/disable", staff.ManageStaff, a.personDisable)
			r.post("/settings/staff/:id/enable", staff.ManageStaff, a.personEnable)
			r.post("/settings/staff/:id/code", staff.ManageStaff, a.personDropCode)
			r.get("/settings/stages", staff.SeeSales, a.stagesPage)
			r.post("/settings/stages", staff.ManageShops, a.stagesSave)
			r.get("/settings/jobs", "", a.jobsPage)
			r.post("/settings/jobs/:id/cancel", staff.ManageShops, a.jobCancel)
			r.get("/settings/audit", staff.SeeAudit, a.auditPage)
		},
	}
}

// tab is one of a row of tabs. Count is shown where it is not "".
type tab struct {
	Label, Href, Count string
	Here               bool
}

// settingsTabs are the settings the reader may open.
func (v *visit) settingsTabs(here string) []tab {
	var tabs []tab
	for _, t := range []struct {
		name, path string
		may        staff.Permission
	}{
		{"shops", "/settings", ""},
		{"mail", "/settings/mail", staff.ManageMail},
		{"topics", "/settings/topics", staff.ManageMail},
		{"staff", "/settings/staff", staff.ManageStaff},
		{"stages", "/settings/stages", staff.SeeSales},
		{"imports", "/settings/imports", staff.EditPeople},
		{"jobs", "/settings/jobs", ""},
		{"audit", "/settings/audit", staff.SeeAudit},
	} {
		if t.may == "" || v.may(t.may) {
			tabs = append(tabs, tab{Label: v.t("settings.tab." + t.name), Href: v.a.link(t.path), Here: t.name == here})
		}
	}
	return tabs
}
