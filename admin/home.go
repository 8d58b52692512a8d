package admin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/staff"
)

func homeArea() area {
	return area{
		pages: []page{{"home", &homePage{}}},
		routes: func(a *Admin, r router) {
			r.get("/", staff.SeeSales, a.home)
			r.get("/home/history", staff.SeeSales, a.homeHistory)
		},
	}
}

// homePage is how the shop does, and what is to do.
type homePage struct {
	frame
	Ranges     []tab
	Range      string
	Currencies []tab // none where the shop sells in one
	CanWrite   bool
	Waiting    bool // nothing is mirrored yet
	History    []shopHealth

	Revenue, Orders, Average, Mail figure
	Days                           *chart
	Attention                      []attention
	Next                           []nextMailing
	Buyers                         *buyersCard
	Audience                       audienceCard
}

// figure is a number and how it was before.
type figure struct {
	Value, Before string
	Change        *change
}

// change is the way from one number to another. Tone says whether the shop wanted it.
type change struct {
	Text, Tone string
	Up, Down   bool
}

// attention is something that should not stay as it is.
type attention struct {
	Icon, Tone, Text, More string
	Href, Do               string // where to do what
}

type nextMailing struct {
	Name, Href, People string
	At                 time.Time
	Today              bool
}

type buyersCard struct {
	Returning, New           string // orders
	ReturningMore, NewMore   string
	ReturningPart, NewPart   string // per cent of orders, for the eye
	ReturningShare, NewShare string
}

type audienceCard struct {
	Subscribed   int64
	Grown        string
	Joined, Left string
	Chart        *chart
}

// period is a stretch of whole days in the shop's zone, and the stretch of the same length before it.
type period struct {
	days             int
	before, from, to time.Time
}

// periodOf ends with today.
func periodOf(now time.Time, zone *time.Location, days int) period {
	now = now.In(zone)
	to := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, zone)
	return period{days, to.AddDate(0, 0, -2*days), to.AddDate(0, 0, -days), to}
}

// homeRanges are the lengths that can be chosen, in days.
var homeRanges = [...]int{7, 30, 365}

const homeDays = 30

func (a *Admin) home(v *visit) error {
	page := &homePage{frame: v.frame("home", v.greeting()), CanWrite: v.may(staff.WriteNewsletters)}
	totals, err := v.totals()
	if err != nil {
		return err
	}
	health, err := a.rooms.Intake.States(v.ctx)
	if err != nil {
		return err
	}
	if len(totals.Revenue) == 0 {
		page.Waiting = true
		if health, err = v.health(); err != nil {
			return err
		}
		for _, h := range health {
			page.History = append(page.History, v.shopHealth(h, false))
		}
		return v.render("home", page)
	}
	currency := v.homeCurrency(page, totals)
	days := homeDays
	for _, n := range homeRanges {
		if v.query("days") == strconv.Itoa(n) {
			days = n
		}
	}
	for _, n := range homeRanges {
		t := tab{Label: v.t("home.range", "count", n), Href: a.link(v.here("days", strconv.Itoa(n))), Here: n == days}
		page.Ranges = append(page.Ranges, t)
		if t.Here {
			page.Range = t.Label
		}
	}
	span := periodOf(v.now(), v.shop.Zone, days)
	page.Intro = v.t("home.intro", "shop", v.shop.Name, "from", v.p.Date(span.from), "to", v.p.Date(span.to.Add(-time.Hour)), "count", days)
	if err := v.homeSales(page, span, currency); err != nil {
		return err
	}
	if err := v.homeBuyers(page, span, currency); err != nil {
		return err
	}
	if err := v.homeAudience(page); err != nil {
		return err
	}
	if err := v.homeNext(page); err != nil {
		return err
	}
	if err := v.homeAttention(page, health); err != nil {
		return err
	}
	return v.render("home", page)
}

func (a *Admin) homeHistory(v *visit) error {
	health, err := v.health()
	if err != nil {
		return err
	}
	page := &homePage{Waiting: true}
	done := len(health) > 0
	for _, h := range health {
		page.History = append(page.History, v.shopHealth(h, false))
		done = done && !slices.ContainsFunc(h.Streams, func(s intake.Stream) bool { return !s.Backfilled })
	}
	if done {
		v.c.Set("X-Reload", "1")
	}
	return v.fragment("home", "history", page)
}

// greeting goes by the hour of the shop.
func (v *visit) greeting() string {
	hour, key := v.now().In(v.p.Zone()).Hour(), "home.evening"
	switch {
	case hour < 4:
	case hour < 11:
		key = "home.morning"
	case hour < 18:
		key = "home.day"
	}
	first, _, _ := strings.Cut(v.account.Name, " ")
	return v.t(key, "name", first)
}

// homeCurrency is the chosen currency, or the shop's own, or the one that sells most.
func (v *visit) homeCurrency(page *homePage, totals purchase.Totals) string {
	sells := func(code string) bool {
		return slices.ContainsFunc(totals.Revenue, func(r purchase.Revenue) bool { return r.Currency == code })
	}
	currency := v.query("currency")
	if !sells(currency) {
		currency = v.shop.Currency
	}
	if !sells(currency) {
		currency = totals.Revenue[0].Currency
	}
	if len(totals.Revenue) > 1 {
		for _, r := range totals.Revenue {
			page.Currencies = append(page.Currencies, tab{Label: r.Currency, Href: v.a.link(v.here("currency", r.Currency)), Here: r.Currency == currency})
		}
	}
	return currency
}

// homeSales fills the figures and the chart.
func (v *visit) homeSales(page *homePage, span period, currency string) error {
	days, err := v.a.rooms.Orders.Days(v.ctx, v.shop.ID, currency, span.before, span.to, v.shop.Zone)
	if err != nil {
		return err
	}
	var before, now []purchase.Day
	for _, d := range days {
		if d.Date.Before(span.from) {
			before = append(before, d)
		} else {
			now = append(now, d)
		}
	}
	sum := func(days []purchase.Day) (net money.Money, orders int64) {
		net = money.Zero(currency)
		for _, d := range days {
			net, orders = net.Add(money.New(d.Net, currency)), orders+d.Orders
		}
		return net, orders
	}
	net, orders := sum(now)
	netBefore, ordersBefore := sum(before)
	page.Revenue = v.moneyFigure(net, netBefore)
	page.Orders = figure{Value: v.p.Number(orders), Before: v.p.Number(ordersBefore), Change: v.change(float64(orders), float64(ordersBefore))}
	page.Average = v.moneyFigure(average(net, orders), average(netBefore, ordersBefore))
	mail, _, err := v.a.rooms.Tracker.Influenced(v.ctx, v.shop.ID, currency, span.from, span.to)
	if err != nil {
		return err
	}
	mailBefore, _, err := v.a.rooms.Tracker.Influenced(v.ctx, v.shop.ID, currency, span.before, span.from)
	if err != nil {
		return err
	}
	page.Mail = figure{Value: v.p.Money(mail), Before: v.t("home.mail.share", "share", v.p.Percent(ratio(mail, net), 1), "before", v.p.Percent(ratio(mailBefore, netBefore), 1))}
	page.Days = v.daysChart(now, before, currency, span)
	return nil
}

// daysChart is net revenue per day, or per month where the days would be too many.
func (v *visit) daysChart(now, before []purchase.Day, currency string, span period) *chart {
	show := func(f float64) string { return v.p.Money(money.New(decimal.NewFromFloat(f), currency)) }
	p := plot{
		PlaceName: v.t("home.chart.day"), Label: v.t("home.chart.label", "from", v.p.Date(span.from), "to", v.p.Date(span.to.Add(-time.Hour))),
		Value: show, Tick: func(f float64) string {
			if f == 0 {
				return "0"
			}
			return v.p.MoneyRound(money.New(decimal.NewFromFloat(f), currency))
		},
		Series: []series{{Name: v.t("home.chart.now"), Class: "c-1", Area: true}, {Name: v.t("home.chart.before"), Class: "c-0", Dash: true}},
	}
	step := 1
	if len(now) > 100 {
		step = 7
		p.PlaceName = v.t("home.chart.week")
	}
	for i := 0; i+step <= len(now) && i+step <= len(before); i += step {
		var a, b decimal.Decimal
		for j := range step {
			a, b = a.Add(now[len(now)%step+i+j].Net), b.Add(before[len(before)%step+i+j].Net)
		}
		day := now[len(now)%step+i].Date
		p.Places = append(p.Places, v.p.DateShort(day))
		p.Heads = append(p.Heads, v.p.DateShort(day))
		p.Series[0].Values = append(p.Series[0].Values, a.InexactFloat64())
		p.Series[1].Values = append(p.Series[1].Values, b.InexactFloat64())
	}
	return lineChart(p)
}

func (v *visit) homeBuyers(page *homePage, span period, currency string) error {
	b, err := v.a.rooms.Orders.NewAndReturning(v.ctx, v.shop.ID, currency, span.from, span.to)
	if err != nil {
		return err
	}
	all := b.NewOrders + b.ReturningOrders
	if all == 0 {
		return nil
	}
	more := func(net decimal.Decimal, orders int64) string {
		sum := money.New(net, currency)
		return v.t("home.buyers.more", "net", sum, "average", average(sum, orders))
	}
	part := float64(b.ReturningOrders) / float64(all)
	page.Buyers = &buyersCard{
		Returning: v.t("home.orders", "count", b.ReturningOrders), ReturningMore: more(b.ReturningNet, b.ReturningOrders),
		New: v.t("home.orders", "count", b.NewOrders), NewMore: more(b.NewNet, b.NewOrders),
		ReturningPart: percent(part * 100), NewPart: percent(100 - part*100),
		ReturningShare: v.p.Percent(part, 1), NewShare: v.p.Percent(1-part, 1),
	}
	return nil
}

// audienceWeeks is how far back the audience's growth is shown.
const audienceWeeks = 12

func (v *visit) homeAudience(page *homePage) error {
	subscribed, err := v.a.audience.get(v.shop.ID, func() (int64, error) { return v.a.rooms.Consents.Subscribed(v.ctx, v.shop.ID) })
	if err != nil {
		return err
	}
	weeks, err := v.a.rooms.Consents.Growth(v.ctx, v.shop.ID, periodOf(v.now(), v.shop.Zone, 1).to, audienceWeeks)
	if err != nil {
		return err
	}
	page.Audience = audienceCard{Subscribed: subscribed}
	var joined, left int64
	p := plot{
		Class: "chart--low", Label: v.t("home.audience.label"), PlaceName: v.t("home.chart.week"), Value: func(f float64) string { return v.p.Number(int64(f)) },
		Series: []series{{Name: v.t("home.audience.joined.name"), Class: "c-2"}, {Name: v.t("home.audience.left.name"), Class: "c-0"}},
	}
	for _, w := range weeks {
		joined, left = joined+w.Joined, left+w.Left
		p.Places = append(p.Places, v.p.DateShort(w.From))
		p.Series[0].Values = append(p.Series[0].Values, float64(w.Joined))
		p.Series[1].Values = append(p.Series[1].Values, -float64(w.Left))
	}
	if joined+left > 0 {
		page.Audience.Chart = barChart(p)
	}
	page.Audience.Joined, page.Audience.Left = v.t("home.audience.joined", "count", joined), v.t("home.audience.left", "count", left)
	page.Audience.Grown = v.t("home.audience.text")
	return nil
}

// homeNext lists what is planned, the soonest first.
func (v *visit) homeNext(page *homePage) error {
	planned, _, err := v.a.rooms.Newsletters.List(v.ctx, newsletter.ListFilter{ShopID: v.shop.ID, State: newsletter.Scheduled, Limit: 50})
	if err != nil {
		return err
	}
	slices.SortFunc(planned, func(a, b newsletter.Newsletter) int { return a.SendAt.Compare(b.SendAt) })
	today := v.p.Date(v.now())
	for _, n := range planned[:min(5, len(planned))] {
		page.Next = append(page.Next, nextMailing{Name: n.Name, Href: v.a.link(fmt.Sprintf("/newsletters/%d", n.ID)), At: n.SendAt, Today: v.p.Date(n.SendAt) == today})
	}
	return nil
}

// homeAttention looks at everything that can stand still without anybody noticing.
func (v *visit) homeAttention(page *homePage, health []intake.Health) error {
	add := func(a attention) { page.Attention = append(page.Attention, a) }
	for _, h := range health {
		s := v.shopHealth(h, false)
		settings := v.a.link("/settings")
		switch s.Tone {
		case "bad":
			add(attention{"no", "bad", v.t("home.attention.failing", "shop", s.Name), s.Problems[0].Text, settings, v.t("home.attention.connection")})
		case "info":
			add(attention{"refresh", "info", v.t("home.attention.history", "shop", s.Name), v.t("home.attention.history.more"), settings, v.t("home.attention.connection")})
		case "warn":
			add(attention{"alert", "warn", v.t("home.attention.lag", "shop", s.Name, "span", s.Behind), v.t("home.attention.lag.more"), settings, v.t("home.attention.connection")})
		}
		if h.Quarantined > 0 && s.AsideURL != "" {
			add(attention{"alert", "warn", v.t("home.attention.aside", "count", h.Quarantined), v.t("home.attention.aside.more", "shop", s.Name), s.AsideURL, v.t("home.attention.aside.do")})
		}
	}
	if trouble := v.a.rooms.Post.Trouble(); trouble != "" {
		add(attention{"no", "bad", v.t("home.attention.mail"), trouble, v.a.link("/settings/mail"), v.t("home.attention.mail.do")})
	}
	paused, _, err := v.a.rooms.Newsletters.List(v.ctx, newsletter.ListFilter{ShopID: v.shop.ID, State: newsletter.Paused, Limit: 5})
	if err != nil {
		return err
	}
	for _, n := range paused {
		add(attention{"pause", "warn", v.t("home.attention.paused", "name", n.Name), v.t("home.attention.paused.more"), v.a.link(fmt.Sprintf("/newsletters/%d", n.ID)), v.t("home.attention.paused.do")})
	}
	failed, err := v.a.rooms.Jobs.List(v.ctx, job.Filter{State: job.Failed, Limit: 20})
	if err != nil {
		return err
	}
	recent := slices.DeleteFunc(failed, func(j job.Job) bool { return v.now().Sub(j.FinishedAt) > 24*time.Hour })
	if len(recent) > 0 {
		add(attention{"no", "bad", v.t("home.attention.jobs", "count", len(recent)), v.jobName(recent[0].Kind) + ": " + recent[0].Error, v.a.link("/settings/jobs"), v.t("home.attention.jobs.do")})
	}
	return nil
}

func (v *visit) moneyFigure(now, before money.Money) figure {
	return figure{Value: v.p.Money(now), Before: v.p.Money(before), Change: v.change(now.Amount().InexactFloat64(), before.Amount().InexactFloat64())}
}

// change compares with before, where there was something to compare with.
func (v *visit) change(now, before float64) *change {
	if before <= 0 {
		return nil
	}
	c := &change{Tone: "good", Up: true}
	part := now/before - 1
	switch {
	case part > -0.0005 && part < 0.0005:
		return &change{Text: v.p.Percent(0, 1)}
	case part < 0:
		c, part = &change{Tone: "bad", Down: true}, -part
	}
	c.Text = v.p.Percent(part, 1)
	return c
}

// average is m per piece, in its currency's smallest unit.
func average(m money.Money, pieces int64) money.Money {
	if pieces == 0 {
		return money.Zero(m.Currency())
	}
	return money.New(m.Amount().Div(decimal.NewFromInt(pieces)), m.Currency()).Rounded()
}

// ratio is part of whole, 0 of nothing.
func ratio(part, whole money.Money) float64 {
	if whole.Amount().Sign() <= 0 {
		return 0
	}
	return part.Amount().Div(whole.Amount()).InexactFloat64()
}
