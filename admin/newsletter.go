package admin

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/staff"
)

func newsletterArea() area {
	return area{
		pages: []page{
			{"newsletter_list", &newslettersPage{}}, {"newsletter_edit", &newsletterPage{}},
			{"newsletter_report", &newsletterReport{}},
		},
		routes: func(a *Admin, r router) {
			r.get("/newsletters", staff.SeeSales, a.newsletters)
			r.post("/newsletters", staff.WriteNewsletters, a.newsletterCreate)
			r.get("/newsletters/:id/deliveries.csv", staff.ExportPeople, a.newsletterExport)
			r.get("/newsletters/:id/deliveries.xlsx", staff.ExportPeople, a.newsletterExport)
			r.get("/newsletters/:id", staff.SeeSales, a.newsletter)
			r.post("/newsletters/:id", staff.WriteNewsletters, a.newsletterSave)
			r.get("/newsletters/:id/preview", staff.SeeSales, a.newsletterPreview)
			r.get("/newsletters/:id/text", staff.SeeSales, a.newsletterText)
			r.get("/newsletters/:id/envelope", staff.SeeSales, a.newsletterEnvelope)
			r.get("/newsletters/:id/progress", staff.SeeSales, a.newsletterProgress)
			r.post("/newsletters/:id/audience", staff.WriteNewsletters, a.newsletterAudience)
			r.post("/newsletters/:id/test", staff.WriteNewsletters, a.newsletterTest)
			r.post("/newsletters/:id/send", staff.SendNewsletters, a.newsletterSend)
			r.post("/newsletters/:id/schedule", staff.SendNewsletters, a.newsletterSchedule)
			r.post("/newsletters/:id/turn", staff.SendNewsletters, a.newsletterTurn)
			r.post("/newsletters/:id/copy", staff.WriteNewsletters, a.newsletterCopy)
			r.post("/newsletters/:id/delete", staff.WriteNewsletters, a.newsletterDelete)
		},
	}
}

type newslettersPage struct {
	frame
	CanWrite, CanBrand bool
	Query, State       string
	Filtered           bool
	States             []tab
	Rows               []newsletterRow
	Pager              *pager
}

type newsletterRow struct {
	Name, Subject, Href string
	Tone, State         string
	Audience            string
	Sent, Clicked       string // "" before it is sent
	ClickRate, Revenue  string
	At                  time.Time
	Coming              bool // At is when it goes out
}

var newsletterTones = map[newsletter.State]string{
	newsletter.Draft: "", newsletter.Scheduled: "info", newsletter.Sending: "accent", newsletter.Paused: "warn", newsletter.Sent: "good", newsletter.Cancelled: "bad",
}

func (a *Admin) newsletters(v *visit) error {
	filter := newsletter.ListFilter{ShopID: v.shop.ID, State: newsletter.State(v.query("state")), Query: v.query("q"), After: v.query("after"), Limit: 25}
	list, next, err := a.rooms.Newsletters.List(v.ctx, filter)
	if err != nil {
		return err
	}
	var mailings []int64
	for _, n := range list {
		if n.MailingID != 0 {
			mailings = append(mailings, n.MailingID)
		}
	}
	sent, err := a.rooms.Newsletters.Sums(v.ctx, mailings)
	if err != nil {
		return err
	}
	brought, err := a.rooms.Tracker.Sums(v.ctx, mailings)
	if err != nil {
		return err
	}
	segments, err := v.segmentNames()
	if err != nil {
		return err
	}
	page := &newslettersPage{
		frame: v.frame("newsletters", v.t("newsletters.title")), CanWrite: v.may(staff.WriteNewsletters), CanBrand: v.may(staff.ManageMail),
		Query: filter.Query, State: string(filter.State), Filtered: filter.Query != "" || filter.State != "",
	}
	page.Intro = v.t("newsletters.intro")
	page.States = append(page.States, tab{Label: v.t("newsletters.state.all"), Href: a.link(v.here("state", "")), Here: filter.State == ""})
	for _, s := range newsletter.States {
		page.States = append(page.States, tab{Label: v.t("newsletters.state." + string(s)), Href: a.link(v.here("state", string(s))), Here: filter.State == s})
	}
	for _, n := range list {
		row := newsletterRow{Name: n.Name, Subject: n.Subject, Href: a.link(fmt.Sprintf("/newsletters/%d", n.ID)), Tone: newsletterTones[n.State],
			State: v.t("newsletters.state." + string(n.State)), Audience: v.audienceName(n, segments)}
		switch {
		case n.State == newsletter.Scheduled:
			row.At, row.Coming = n.SendAt, true
		case n.MailingID != 0:
			row.At = n.SentAt
			sum, results := sent[n.MailingID], brought[n.MailingID]
			row.Sent, row.Clicked, row.Revenue = v.p.Number(sum.Sent), v.p.Number(results.Clickers), v.revenue(results.Revenue)
			if sum.Sent > 0 {
				row.ClickRate = v.p.Percent(float64(results.Clickers)/float64(sum.Sent), 1)
			}
		default:
			row.At = n.UpdatedAt
		}
		page.Rows = append(page.Rows, row)
	}
	page.Pager = v.pager(v.t("newsletters.shown", "count", len(page.Rows)), next)
	return v.render("newsletter_list", page)
}

// segmentNames is the saved segments' names by id, archived ones too.
func (v *visit) segmentNames() (map[int64]string, error) {
	names := map[int64]string{}
	for _, archived := range []bool{false, true} {
		list, err := v.a.rooms.Segments.List(v.ctx, segmentFilter(archived))
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			names[s.ID] = s.Name
		}
	}
	return names, nil
}

func (v *visit) audienceName(n newsletter.Newsletter, segments map[int64]string) string {
	switch {
	case n.SegmentID != 0:
		return segments[n.SegmentID]
	case n.Audience == nil:
		return v.t("newsletters.audience.none")
	case n.Audience.Everybody():
		return v.t("newsletters.audience.everybody")
	}
	return v.t("newsletters.audience.own")
}

// revenue is net money of several currencies in one line, the largest first.
func (v *visit) revenue(all []purchase.Revenue) string {
	if len(all) == 0 {
		return v.p.Money(v.shop.zero())
	}
	parts := make([]string, len(all))
	for i, r := range all {
		parts[i] = v.p.Money(money.New(r.Net, r.Currency))
	}
	return strings.Join(parts, " + ")
}

func (a *Admin) newsletterCreate(v *visit) error { return v.startNewsletter(v.form("name"), 0) }

// startNewsletter makes a draft, for a segment unless that is 0, and goes to its editor.
func (v *visit) startNewsletter(name string, segmentID int64) error {
	if name == "" {
		name = v.t("newsletters.unnamed", "date", v.p.Date(v.now()))
	}
	n, err := v.a.rooms.Newsletters.Create(v.ctx, newsletter.Newsletter{
		ShopID: v.shop.ID, Name: name, SegmentID: segmentID,
		Blocks: []newsletter.Block{newsletter.NewBlock(newsletter.KindHeading, nil)},
	})
	if sentence, ok := v.newsletterRefusal(err); ok {
		return v.refused("/newsletters", sentence)
	}
	if err != nil {
		return err
	}
	return v.redirect(fmt.Sprintf("/newsletters/%d", n.ID))
}

// newsletterRefusal says why the domain would not do something that staff may try again differently.
func (v *visit) newsletterRefusal(err error) (string, bool) {
	var invalid *newsletter.InvalidError
	var notReady *newsletter.NotReadyError
	switch {
	case errors.As(err, &invalid):
		return v.newsletterPlace(invalid.Problem), true
	case errors.As(err, &notReady):
		return v.t("newsletters.not_ready", "why", v.newsletterPlace(notReady.Problems[0])), true
	case errors.Is(err, newsletter.ErrConflict):
		return v.t("newsletters.conflict"), true
	case errors.Is(err, newsletter.ErrState):
		return v.t("newsletters.wrong_state"), true
	}
	return "", false
}

// newsletterPlace is a problem's sentence, led by its block where it has one.
func (v *visit) newsletterPlace(p newsletter.Problem) string {
	if p.Block == 0 {
		return p.Sentence(v.p)
	}
	return v.t("newsletters.in_block", "count", p.Block, "what", p.Sentence(v.p))
}

func (a *Admin) newsletterCopy(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	n, err := a.rooms.Newsletters.Get(v.ctx, id)
	if err != nil {
		return err
	}
	twin, err := a.rooms.Newsletters.Copy(v.ctx, id, v.t("newsletters.copy_of", "name", n.Name))
	if err != nil {
		return err
	}
	return v.done(fmt.Sprintf("/newsletters/%d", twin.ID), "newsletters.copied")
}

func (a *Admin) newsletterDelete(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = a.rooms.Newsletters.Delete(v.ctx, id)
	if sentence, ok := v.newsletterRefusal(err); ok {
		return v.refused(fmt.Sprintf("/newsletters/%d", id), sentence)
	}
	if err != nil {
		return err
	}
	return v.done("/newsletters", "newsletters.deleted")
}

func (a *Admin) newsletterTurn(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	desk := a.rooms.Newsletters
	key := ""
	switch do := v.form("do"); do {
	case "pause":
		key, err = "newsletters.paused", desk.Pause(v.ctx, id)
	case "resume":
		key, err = "newsletters.resumed", desk.Resume(v.ctx, id)
	case "cancel":
		key, err = "newsletters.cancelled", desk.Cancel(v.ctx, id)
	case "unschedule":
		key = "newsletters.unscheduled"
		_, err = desk.Unschedule(v.ctx, id)
	default:
		return errNoPage
	}
	path := fmt.Sprintf("/newsletters/%d", id)
	if sentence, ok := v.newsletterRefusal(err); ok {
		return v.refused(path, sentence)
	}
	if err != nil {
		return err
	}
	return v.done(path, key)
}
