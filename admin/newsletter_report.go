package admin

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
)

// newsletterReport is what became of a newsletter, or how far it is.
type newsletterReport struct {
	frame
	ID             int64
	Path           string
	Tone, Mark     string
	Audience       string
	StartedAt      time.Time
	CanSend        bool
	CanWrite       bool
	Moving, Paused bool
	Percent        int
	Done, Total    int64
	Alarm, Trouble string
	Figures        []reportFigure
	Links          []reportLink
	LinksText      string
	Silent         int64      // links that nobody followed
	Fates          []countRow // who did not get it, and why
	Orders         []reportOrder
	Openers        int64
	Unsubscribed   int64
	MachineClicks  int64

	CanSee bool
	States []tab
	People []reportPerson
	Pager  *pager
	Export *exportLinks // nil for those who may not
}

type reportFigure struct{ Label, Value, More string }

type reportLink struct {
	Label, URL string
	Clickers   int64
	Percent    string // of the most clicked one
}

type reportOrder struct {
	Number, Href string
	Net          money.Money
	PlacedAt     time.Time
	After        string
}

type reportPerson struct {
	Name, Initials, Email, Href string
	Tone, State, Why            string
	At                          time.Time
}

var deliveryTones = map[delivery.State]string{
	delivery.Queued: "", delivery.Leased: "", delivery.Sending: "info", delivery.Sent: "good", delivery.Deferred: "warn",
	delivery.Bounced: "bad", delivery.Skipped: "", delivery.Uncertain: "warn",
}

func (v *visit) newsletterReport(n newsletter.Newsletter) error {
	page, err := v.reportPage(n)
	if err != nil {
		return err
	}
	if page.CanSee {
		filter := delivery.Filter{State: delivery.State(v.query("state"))}
		people, next, err := v.a.rooms.Newsletters.Recipients(v.ctx, n.ID, filter, v.query("after"), 50)
		if err != nil {
			return err
		}
		for _, p := range people {
			page.People = append(page.People, v.reportPerson(p))
		}
		page.Pager = v.pager(v.t("newsletters.people.shown", "count", len(people)), next)
		if v.may(staff.ExportPeople) && len(people) > 0 {
			page.Export = v.exportLinks(page.Path + "/deliveries")
		}
	}
	return v.render("newsletter_report", page)
}

// newsletterProgress is the report's moving part. It says when there is nothing more to wait for.
func (a *Admin) newsletterProgress(v *visit) error {
	n, err := v.newsletter()
	if err != nil {
		return err
	}
	page, err := v.reportPage(n)
	if err != nil {
		return err
	}
	if !page.Moving {
		v.c.Set("X-Reload", "1")
	}
	return v.fragment("newsletter_report", "progress", page)
}

func (v *visit) reportPage(n newsletter.Newsletter) (*newsletterReport, error) {
	report, err := v.a.rooms.Newsletters.Report(v.ctx, n.ID)
	if err != nil {
		return nil, err
	}
	results, err := v.a.rooms.Tracker.Results(v.ctx, n.MailingID)
	if err != nil {
		return nil, err
	}
	segments, err := v.segmentNames()
	if err != nil {
		return nil, err
	}
	d := report.Delivery
	page := &newsletterReport{
		frame: v.frame("newsletters", n.Name), ID: n.ID, Path: fmt.Sprintf("/newsletters/%d", n.ID), Tone: newsletterTones[n.State],
		Mark: v.t("newsletters.state." + string(n.State)), Audience: v.audienceName(n, segments), StartedAt: n.SentAt,
		CanSend: v.may(staff.SendNewsletters), CanWrite: v.may(staff.WriteNewsletters), CanSee: v.may(staff.SeePeople),
		Moving: n.State == newsletter.Sending, Paused: n.State == newsletter.Paused, Alarm: d.Mailing.Alarm, Trouble: d.Trouble,
		Openers: results.Openers, Unsubscribed: report.Unsubscribed, MachineClicks: results.MachineClicks,
	}
	page.Back = &backLink{v.t("newsletters.title"), v.a.link("/newsletters")}
	page.Total = d.Total - d.States[delivery.Skipped]
	page.Done = page.Total - d.Open()
	if page.Total > 0 {
		page.Percent = int(page.Done * 100 / page.Total)
	}
	sent := report.Gone()
	share := func(part, whole int64) string {
		if whole == 0 {
			return ""
		}
		return v.p.Percent(float64(part)/float64(whole), 1)
	}
	failed := d.States[delivery.Bounced] + d.States[delivery.Uncertain]
	page.Figures = []reportFigure{
		{v.t("newsletters.figure.sent"), v.p.Number(sent), v.t("newsletters.figure.left_out", "count", d.States[delivery.Skipped])},
		{v.t("newsletters.figure.bounced"), v.p.Number(failed), share(failed, sent+failed)},
		{v.t("newsletters.figure.clicked"), v.p.Number(results.Clickers), v.t("newsletters.figure.clicked.more", "share", share(results.Clickers, sent))},
		{v.t("newsletters.figure.orders"), v.p.Number(results.Orders), v.t("newsletters.figure.orders.more")},
		{v.t("newsletters.figure.revenue"), v.revenue(results.Revenue), v.t("newsletters.figure.revenue.more")},
	}
	if sent > 0 {
		each := v.shop.zero()
		if len(results.Revenue) > 0 {
			each = money.New(results.Revenue[0].Net.Div(decimal.NewFromInt(sent)), results.Revenue[0].Currency)
		}
		page.Figures = append(page.Figures, reportFigure{v.t("newsletters.figure.each"), v.p.Money(each), v.t("newsletters.figure.each.more")})
	}
	most := int64(1)
	if len(results.Links) > 0 {
		most = max(most, results.Links[0].Clickers)
	}
	for i, l := range results.Links {
		if l.Clickers == 0 {
			page.Silent = int64(len(results.Links) - i)
			break
		}
		if i < reportLinks {
			page.Links = append(page.Links, reportLink{v.shortURL(l.URL), l.URL, l.Clickers, fmt.Sprintf("%.2f", float64(l.Clickers)*100/float64(most))})
		}
	}
	page.LinksText = v.t("newsletters.links.sum", "clicks", results.Clicks, "count", results.Clickers)
	for _, fate := range []struct {
		state string
		all   map[string]int64
	}{{"skipped", d.Skipped}, {"bounced", d.Bounced}} {
		for _, reason := range slices.Sorted(maps.Keys(fate.all)) {
			page.Fates = append(page.Fates, countRow{v.reason(fate.state, reason), fate.all[reason]})
		}
	}
	if n := d.States[delivery.Uncertain]; n > 0 {
		page.Fates = append(page.Fates, countRow{v.t("newsletters.reason.uncertain"), n})
	}
	orders, _, err := v.a.rooms.Tracker.OrdersOf(v.ctx, n.MailingID, "", 8)
	if err != nil {
		return nil, err
	}
	for _, o := range orders {
		page.Orders = append(page.Orders, reportOrder{o.Number, v.a.link(fmt.Sprintf("/orders/%d", o.OrderID)), o.Net, o.PlacedAt, v.t("newsletters.orders.after", "span", v.span(o.PlacedAt.Sub(o.ClickedAt)))})
	}
	page.States = append(page.States, tab{v.t("newsletters.people.all"), v.a.link(v.here("state", "")), v.p.Number(d.Total), v.query("state") == ""})
	for _, s := range []delivery.State{delivery.Sent, delivery.Queued, delivery.Deferred, delivery.Bounced, delivery.Uncertain, delivery.Skipped} {
		if d.States[s] > 0 || v.query("state") == string(s) {
			page.States = append(page.States, tab{v.t("newsletters.delivery." + string(s)), v.a.link(v.here("state", string(s))), v.p.Number(d.States[s]), v.query("state") == string(s)})
		}
	}
	return page, nil
}

// reportLinks is how many links the report shows.
const reportLinks = 12

// shortURL is an address without what all addresses of the shop have in common.
func (v *visit) shortURL(address string) string {
	if path, ok := strings.CutPrefix(address, strings.TrimSuffix(v.shop.URL, "/")+"/"); ok && v.shop.URL != "" && path != "" {
		return "/" + path
	}
	return strings.TrimPrefix(strings.TrimPrefix(address, "https://"), "http://")
}

// reason says why somebody did not get a mail, or the word itself where it is one of an adapter's or a later release's.
func (v *visit) reason(state, reason string) string {
	if key := "newsletters.reason." + state + "." + reason; v.a.catalogue.Has(key) {
		return v.t(key)
	}
	return reason
}

func (v *visit) reportPerson(p newsletter.Recipient) reportPerson {
	row := reportPerson{
		Name: p.Name.Display(p.Email.Unicode()), Email: p.Email.Unicode(), Href: v.a.link(fmt.Sprintf("/customers/%d", p.ProfileID)),
		Initials: p.Name.Initials(), Tone: deliveryTones[p.State], State: v.t("newsletters.delivery." + string(p.State)), At: p.SettledAt,
	}
	if row.Initials == "" {
		row.Initials = initials(row.Name)
	}
	switch p.State {
	case delivery.Skipped, delivery.Bounced:
		row.Why = v.reason(string(p.State), p.Reason)
	case delivery.Deferred:
		row.Why = v.t("newsletters.people.again", "when", v.p.DateTime(p.NextAttemptAt))
	case delivery.Uncertain:
		row.Why = v.t("newsletters.reason.uncertain")
	}
	if p.Detail != "" && p.State != delivery.Skipped {
		row.Why += " (" + p.Detail + ")"
	}
	return row
}

// newsletterExport writes who got it and who did not, all pages of the report's list.
func (a *Admin) newsletterExport(v *visit) error {
	n, err := v.newsletter()
	if err != nil {
		return err
	}
	if n.MailingID == 0 {
		return errNoPage // it was never sent
	}
	head := []string{v.t("newsletters.people.person"), v.t("export.email"), v.t("newsletters.col.state"), v.t("newsletters.people.why"), v.t("newsletters.col.when")}
	return v.export(v.t("export.newsletter", "name", n.Name, "date", v.today()), head, func(ctx context.Context, out *sheet.Writer) error {
		return a.rooms.Newsletters.Export(ctx, n.ID, delivery.Filter{State: delivery.State(v.query("state"))}, func(p newsletter.Recipient) error {
			row := v.reportPerson(p)
			return out.Write([]any{row.Name, row.Email, row.State, row.Why, v.local(row.At)})
		})
	})
}
