package admin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

type shopsPage struct {
	frame
	Tabs  []tab
	Shops []shopHealth
}

type shopHealth struct {
	ID        int64
	Name      string
	About     string // platform, currency, zone
	URL       string
	Tone      string // of the badge
	State     string
	StateIcon string // the icon's name
	Behind    string
	Lags      *lagChart
	Orders    string
	Others    string
	Checked   time.Time
	Check     *checkFact
	CheckURL  string // where to ask for a comparison; "" for those who may not, and while one is under way
	Checking  bool
	Spared    string // why the shop's server is asked for less
	Skew      string // how far the shop's clock is off; "": not worth a word
	Streams   []streamRow
	Problems  []streamProblem
	Aside     int64
	AsideURL  string // "" for those who may not look
}

// lagChart is how far behind a shop was in the last day.
type lagChart struct {
	Most  string
	Lines []lagLine // a line each for the stretches in which a process looked at the shop
}

type lagLine struct{ Path, Area string }

// checkFact is what the last comparison with the shop found.
type checkFact struct {
	Tone, Text, Detail string
	At                 time.Time
}

type streamRow struct {
	Name       string
	Rows       int64
	ChangedAt  time.Time
	Rate       string // while history is read
	Check      string
	CheckTone  string
	Read       int64
	Expected   int64
	Percent    int
	Back       bool // still reading history
	Left       string
	CaughtUpAt time.Time
}

type streamProblem struct {
	Stream, Text, Next string
	Since              time.Time
}

// lagLimit is from when on a shop counts as behind: a dozen looks in a row did not get to its end.
const lagLimit = time.Minute

// skewLimit is from when on a clock that is off is worth a word.
const skewLimit = 5 * time.Second

func (v *visit) shopHealth(h intake.Health, checking bool) shopHealth {
	s := v.a.shop(h.Shop)
	row := shopHealth{
		ID: h.Shop.ID, Name: s.Name, URL: h.Shop.URL, Tone: "good", StateIcon: "ok", State: v.t("settings.shops.ok"), Aside: h.Quarantined,
		About:  v.shopAbout(h.Shop),
		Behind: v.span(time.Duration(h.LagSeconds * float64(time.Second))),
		Orders: v.t("settings.shops.orders", "count", h.Rows["orders"]),
		Others: v.t("settings.shops.others", "people", v.t("settings.shops.people", "count", h.Rows["customers"]), "products", v.t("settings.shops.products", "count", h.Rows["products"])),
	}
	if v.may(staff.ManageShops) {
		row.AsideURL = v.a.link(fmt.Sprintf("/settings/shops/%d/aside", h.Shop.ID))
	}
	row.Spared = h.Shop.Spared
	if skew := h.Shop.ClockSkew.Abs(); skew > skewLimit {
		row.Skew = v.t("settings.shops.skew", "span", v.span(skew))
	}
	if row.Checking = checking; !checking && v.may(staff.ManageShops) {
		row.CheckURL = v.a.link(fmt.Sprintf("/settings/shops/%d/reconcile", h.Shop.ID))
	}
	row.Check = v.checked(h.Reconciled)
	back := false
	for _, stream := range h.Streams {
		r := streamRow{Name: v.t("settings.stream." + stream.Name), Rows: h.Rows[stream.Name], Read: stream.Read, Expected: max(stream.Expected, stream.Read),
			Back: !stream.Backfilled, CaughtUpAt: stream.CaughtUpAt, ChangedAt: stream.ChangedAt}
		if stream.Rate > 0 && !stream.Backfilled {
			r.Rate = v.t("settings.shops.rate", "count", int64(stream.Rate))
		}
		r.Check, r.CheckTone = v.streamChecked(h.Reconciled, stream.Name)
		if r.Expected > 0 {
			r.Percent = int(r.Read * 100 / r.Expected)
		}
		if r.Back {
			back = true
			if left := stream.Left(); left > 0 {
				r.Left = v.span(left)
			}
		}
		row.Streams = append(row.Streams, r)
		if stream.Error != "" {
			row.Problems = append(row.Problems, streamProblem{r.Name, stream.Error, v.t("settings.shops.failure." + string(stream.Failure)), stream.FailedAt})
		}
	}
	switch {
	case len(row.Problems) > 0:
		row.Tone, row.StateIcon, row.State = "bad", "no", v.t("settings.shops.failing")
	case back:
		row.Tone, row.StateIcon, row.State = "info", "refresh", v.t("settings.shops.history")
	case h.LagSeconds > lagLimit.Seconds():
		row.Tone, row.StateIcon, row.State = "warn", "alert", v.t("settings.shops.behind", "span", row.Behind)
	}
	return row
}

// lagGap is how far two of the shop's lags may lie apart, for one line to join them.
const lagGap = 10 * time.Minute

// lagChart draws the last day of lags; nil where nothing is known.
func (v *visit) lagChart(lags []intake.Lag, now time.Time) *lagChart {
	if len(lags) == 0 {
		return nil
	}
	most := slices.MaxFunc(lags, func(a, b intake.Lag) int { return cmp.Compare(a.Seconds, b.Seconds) })
	span := v.span(time.Duration(most.Seconds * float64(time.Second)))
	return &lagChart{Most: v.t("settings.shops.lags.most", "span", span, "time", v.p.Time(most.At)), Lines: lagLines(lags, most.Seconds, now)}
}

// lagLines runs from the left, a day ago, to the right, now, in per cent; the most, but a second at least, is at the top.
func lagLines(lags []intake.Lag, most float64, now time.Time) (lines []lagLine) {
	scale := newScale(0, max(1, most))
	x := func(l intake.Lag) string { return percent(100 - 100*now.Sub(l.At).Hours()/24) }
	for from, to := 0, 0; from < len(lags); from = to {
		var path strings.Builder
		for to = from; to < len(lags) && (to == from || lags[to].At.Sub(lags[to-1].At) <= lagGap); to++ {
			path.WriteString(map[bool]string{true: "M", false: "L"}[to == from] + x(lags[to]) + " " + percent(scale.y(lags[to].Seconds)))
		}
		line := lagLine{Path: path.String()}
		if to == from+1 {
			line.Path += "h.7" // ten minutes wide
		} else {
			line.Area = line.Path + "L" + x(lags[to-1]) + " 100L" + x(lags[from]) + " 100Z"
		}
		lines = append(lines, line)
	}
	return lines
}

// checked is what the last comparison found, in a word and a line.
func (v *visit) checked(f intake.Findings) *checkFact {
	if f.FinishedAt.IsZero() {
		return nil
	}
	fact := &checkFact{Tone: "good", Text: v.t("settings.shops.check.equal"), At: f.FinishedAt, Detail: v.t("settings.shops.check.took", "span", v.span(f.Took()))}
	if n := f.Repaired(); n > 0 {
		fact.Tone, fact.Text = "info", v.t("settings.shops.check.repaired", "count", n)
	}
	for _, s := range f.Streams {
		if s.Error != "" {
			fact.Tone, fact.Text = "warn", v.t("settings.shops.check.failed", "stream", v.t("settings.stream."+s.Stream))
		}
	}
	return fact
}

// streamChecked is what it found in one kind of rows: "equal", "2 edited, 1 deleted".
func (v *visit) streamChecked(f intake.Findings, stream string) (text, tone string) {
	i := slices.IndexFunc(f.Streams, func(s intake.StreamFindings) bool { return s.Stream == stream })
	if f.FinishedAt.IsZero() || i < 0 {
		return "", ""
	}
	s := f.Streams[i]
	var parts []string
	for _, found := range []struct {
		key string
		n   int64
	}{{"missed", s.Missed.Rows}, {"edited", s.Edited.Rows}, {"deleted", s.Deleted.Rows}, {"aside", s.Aside.Rows}} {
		if found.n > 0 {
			parts = append(parts, v.t("settings.shops.check."+found.key, "count", found.n))
		}
	}
	switch {
	case s.Error != "":
		return v.t("settings.shops.check.broken"), "warn"
	case s.Skipped != "":
		return v.t("settings.shops.check.skipped"), ""
	case len(parts) > 0:
		return strings.Join(parts, ", "), "info"
	}
	return v.t("settings.shops.check.equal"), "good"
}

// shopReconcile asks for a shop to be compared with its mirror.
func (a *Admin) shopReconcile(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := a.rooms.Intake.RequestReconcile(v.ctx, id); err != nil {
		return err
	}
	return v.done("/settings", "settings.shops.check.asked")
}

// shopAbout is "WooCommerce 9.4, HPOS, EUR, Europe/Ljubljana".
func (v *visit) shopAbout(s intake.Shop) string {
	platform := s.Platform
	if key := "platform." + s.Platform; v.a.catalogue.Has(key) {
		platform = v.t(key)
	}
	parts := []string{strings.TrimSpace(platform + " " + s.Version), s.Mode, s.Currency, s.Zone}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// span is a length of time in its two largest units: "14 min 20 s".
func (v *visit) span(d time.Duration) string {
	n := func(d time.Duration) string { return strconv.FormatInt(int64(d), 10) }
	switch {
	case d < time.Second:
		return v.t("span.seconds", "seconds", "0")
	case d < time.Minute:
		return v.t("span.seconds", "seconds", n(d/time.Second))
	case d < time.Hour:
		return v.t("span.minutes", "minutes", n(d/time.Minute), "seconds", n(d%time.Minute/time.Second))
	case d < 48*time.Hour:
		return v.t("span.hours", "hours", n(d/time.Hour), "minutes", n(d%time.Hour/time.Minute))
	}
	return v.t("span.days", "count", int64(d/(24*time.Hour)))
}

func (v *visit) shopsData() (*shopsPage, error) {
	health, err := v.health()
	if err != nil {
		return nil, err
	}
	page := &shopsPage{frame: v.frame("settings", v.t("settings.title")), Tabs: v.settingsTabs("shops")}
	checking, err := v.a.rooms.Intake.Reconciling(v.ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range health {
		row := v.shopHealth(h, checking[h.Shop.ID])
		lags, err := v.a.rooms.Intake.Lags(v.ctx, h.Shop.ID)
		if err != nil {
			return nil, err
		}
		row.Lags = v.lagChart(lags, time.Now())
		page.Shops = append(page.Shops, row)
	}
	return page, nil
}

func (a *Admin) shopsPage(v *visit) error {
	page, err := v.shopsData()
	if err != nil {
		return err
	}
	return v.render("settings_shops", page)
}

func (a *Admin) shopsLive(v *visit) error {
	page, err := v.shopsData()
	if err != nil {
		return err
	}
	return v.fragment("settings_shops", "shops", page)
}

// asidePage is the rows of a shop that could not be read.
type asidePage struct {
	frame
	ShopID int64
	Shop   string
	Rows   []asideRow
	Pager  *pager
}

type asideRow struct {
	What, Reason string
	Since, Seen  time.Time
	Raw          []pair
}

func (a *Admin) asidePage(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(v.shops, func(s shop) bool { return s.ID == id })
	if i < 0 {
		return store.ErrNotFound
	}
	rows, next, err := a.rooms.Intake.Quarantine(v.ctx, id, v.query("after"), 50)
	if err != nil {
		return err
	}
	page := &asidePage{frame: v.frame("settings", v.t("aside.title")), ShopID: id, Shop: v.shops[i].Name}
	page.Back = &backLink{v.t("settings.tab.shops"), a.link("/settings")}
	page.Intro = v.t("aside.intro")
	for _, r := range rows {
		row := asideRow{What: v.t("aside.what", "stream", v.t("settings.stream.one."+r.Stream), "key", r.Key), Reason: r.Reason, Since: r.FirstSeenAt, Seen: r.LastSeenAt}
		for _, name := range slices.Sorted(maps.Keys(r.Raw)) {
			row.Raw = append(row.Raw, pair{name, r.Raw[name]})
		}
		page.Rows = append(page.Rows, row)
	}
	page.Pager = v.pager(v.t("aside.shown", "count", int64(len(rows))), next)
	return v.render("settings_aside", page)
}

func (a *Admin) asideRetry(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := a.rooms.Intake.Retry(v.ctx, id); err != nil {
		return err
	}
	return v.done(fmt.Sprintf("/settings/shops/%d/aside", id), "aside.retried")
}
