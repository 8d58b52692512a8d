package admin

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/kupec/kupec/module/staff"
)

type auditPage struct {
	frame
	Tabs    []tab
	Entries []auditRow
	Actors  []actorChoice
	Pager   *pager
}

type auditRow struct {
	At       time.Time
	Who, Act string
	Details  []pair
	IP       string
}

type actorChoice struct {
	ID     int64
	Name   string
	Chosen bool
}

func (a *Admin) auditPage(v *visit) error {
	const limit = 50
	before, _ := strconv.ParseInt(v.query("after"), 10, 64)
	who, _ := strconv.ParseInt(v.query("who"), 10, 64)
	entries, err := a.rooms.Staff.Audit(v.ctx, staff.AuditFilter{StaffID: who, Before: before, Limit: limit + 1})
	if err != nil {
		return err
	}
	page := &auditPage{frame: v.frame("settings", v.t("settings.title")), Tabs: v.settingsTabs("audit")}
	next := ""
	if len(entries) > limit {
		entries = entries[:limit]
		next = strconv.FormatInt(entries[limit-1].ID, 10)
	}
	for _, e := range entries {
		row := auditRow{At: e.At, Who: e.Actor, Act: v.auditAct(e), IP: e.IP, Details: details(e.Detail)}
		page.Entries = append(page.Entries, row)
	}
	if v.may(staff.ManageStaff) {
		people, err := a.rooms.Staff.List(v.ctx)
		if err != nil {
			return err
		}
		for _, p := range people {
			page.Actors = append(page.Actors, actorChoice{p.ID, p.Name, p.ID == who})
		}
	}
	page.Pager = v.pager(v.t("audit.shown", "count", int64(len(page.Entries))), next)
	return v.render("settings_audit", page)
}

// auditAct is the act in words, with the object it was done to: "Sent a newsletter, newsletter 12".
func (v *visit) auditAct(e staff.Entry) string {
	act := e.Action
	if key := "audit." + e.Action; v.a.catalogue.Has(key) {
		act = v.t(key)
	}
	if e.ObjectID == 0 {
		return act
	}
	kind := e.ObjectKind
	if key := "audit.object." + kind; v.a.catalogue.Has(key) {
		kind = v.t(key)
	}
	return v.t("audit.act", "act", act, "kind", kind, "id", strconv.FormatInt(e.ObjectID, 10))
}

// details flattens an act's JSON object for people; anything else is shown as it is.
func details(raw json.RawMessage) []pair {
	var fields map[string]any
	if err := json.Unmarshal(raw, &fields); err != nil {
		if text := string(raw); text != "" && text != "null" {
			return []pair{{"", text}}
		}
		return nil
	}
	var all []pair
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value, ok := fields[name].(string)
		if !ok {
			text, err := json.Marshal(fields[name])
			if err != nil {
				continue
			}
			value = string(text)
		}
		all = append(all, pair{name, value})
	}
	return all
}
