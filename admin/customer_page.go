package admin

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// customerPage is everything about one person.
type customerPage struct {
	frame
	ID       int64
	Name     string
	Initials string
	Email    string
	About    []string // phone, place, language
	Stage    *badge
	Consent  badge

	Orders, Net, Average, Last, Rhythm figure
	LastAt                             time.Time
	Goods                              []goodRow
	GoodsAt                            time.Time
	Refills                            []refillRow
	Strip                              *chart
	Habits                             []pair
	Outlook                            []string // sentences; none of who never bought
	OutlookAt                          time.Time

	Kinds  []momentChoice
	Months []timelineMonth
	More   string // address of earlier moments

	Mails      []mailRow
	Identities []identityRow
	Alike      []alikeRow
	Topics     []topicState
	Suppressed string
	Ledger     []ledgerRow
	addresses  []string // all, for the suppressions
	CanEdit    bool
	CanAnswer  bool
	Erase      *eraseRow
	Note       string // as it was typed
}

type goodRow struct {
	Name, Href, Image, Price, Reason string
}

type momentChoice struct {
	Kind, Name string
	Chosen     bool
}

type timelineMonth struct {
	Name    string
	Moments []timelineRow
}

type timelineRow struct {
	Icon, Tone, Text, Href, Detail string
	At                             time.Time
}

type mailRow struct {
	Icon, Tone, Title, Href, Text string
}

type identityRow struct {
	Icon, Text, Evidence string
	Gone                 bool
	Unlink               string // where it is asked; "" where there is nothing to unlink
}

type topicState struct {
	Icon, Tone, Topic, Shop, Text string
	At                            time.Time
	Key                           string // "" where there is nothing to withdraw
	ShopID                        int64
}

type ledgerRow struct {
	Text, Wording, IP string
	At                time.Time
}

func (a *Admin) customer(v *visit) error {
	page, err := v.customerPage()
	var moved *movedError
	if errors.As(err, &moved) {
		return v.redirect(fmt.Sprintf("/customers/%d", moved.to))
	}
	if err != nil {
		return err
	}
	return v.render("customer", page)
}

// movedError says that a person is found under another id since two profiles became one.
type movedError struct{ to int64 }

func (e *movedError) Error() string { return fmt.Sprintf("the profile went into profile %d", e.to) }

func (v *visit) customerPage() (*customerPage, error) {
	id, err := v.id("id")
	if err != nil {
		return nil, err
	}
	p, err := v.a.rooms.People.Profile(v.ctx, id)
	if err != nil {
		return nil, err
	}
	if p.ID != id {
		return nil, &movedError{p.ID}
	}
	page := &customerPage{frame: v.frame("customers", v.personName(p)), ID: id, Name: v.personName(p), Initials: p.Name.Initials(), Email: p.Email.Unicode(), CanEdit: v.may(staff.EditPeople), CanAnswer: v.may(staff.AnswerPeople)}
	page.Back = &backLink{v.t("customers.title"), v.a.link("/customers")}
	place := []string{}
	for _, part := range []string{p.Address.City, v.p.Country(p.Address.Country)} {
		if part != "" {
			place = append(place, part)
		}
	}
	for _, part := range []string{p.Phone.International(), p.Company, strings.Join(place, ", ")} {
		if part != "" && part != page.Name {
			page.About = append(page.About, part)
		}
	}
	if p.Language != "" {
		page.About = append(page.About, v.t("customer.language", "language", v.p.Language(p.Language)))
	}
	for _, part := range []func(*customerPage, customer.Profile) error{
		v.customerFigures, v.customerOutlook, v.customerGoods, v.customerRefills, v.customerStrip, v.customerTimeline, v.customerMails, v.customerIdentities, v.customerAlike, v.customerErase, v.customerConsent,
	} {
		if err := part(page, p); err != nil {
			return nil, err
		}
	}
	return page, nil
}

func (v *visit) customerFigures(page *customerPage, p customer.Profile) error {
	fact, err := v.a.rooms.Facts.Of(v.ctx, p.ID)
	if errors.Is(err, store.ErrNotFound) { // nobody has worked them out yet
		page.Orders.Value, page.Net.Value, page.Average.Value, page.Last.Value, page.Rhythm.Value = v.p.Number(0), "–", "–", v.t("customer.never"), "–"
		page.Orders.Before = v.t("customer.soon")
		return nil
	}
	if err != nil {
		return err
	}
	page.Stage = v.stageBadge(string(fact.Stage))
	v.customerHabits(page, fact)
	page.Orders = figure{Value: v.p.Number(fact.Orders)}
	page.Net = figure{Value: v.p.Money(fact.Net)}
	page.Average = figure{Value: v.p.Money(fact.Average)}
	page.Last = figure{Value: v.t("customer.never")}
	page.Rhythm = figure{Value: "–", Before: v.t("customer.rhythm.unknown")}
	if fact.Orders > 0 {
		page.Orders.Before = v.t("customer.since", "date", v.p.Date(fact.FirstOrderAt))
		page.Last = figure{Value: v.p.Ago(fact.LastOrderAt, v.now())}
		page.LastAt = fact.LastOrderAt
	}
	if !fact.Refunded.IsZero() {
		page.Net.Before = v.t("customer.refunded", "amount", fact.Refunded)
	}
	for _, other := range fact.Revenue {
		if other.Currency != fact.Currency {
			also := v.t("customer.also", "amount", money.New(other.Net, other.Currency))
			page.Net.Before = strings.TrimPrefix(page.Net.Before+", "+also, ", ")
		}
	}
	if fact.GapDays != nil {
		days := int64(*fact.GapDays + 0.5)
		page.Rhythm = figure{Value: v.t("customer.rhythm.days", "count", days), Before: v.t("customer.rhythm.text")}
	}
	return nil
}

// customerGoods asks for suggestions of the shop the person buys in.
func (v *visit) customerGoods(page *customerPage, p customer.Profile) error {
	picks, err := v.a.rooms.Recommend.For(v.ctx, p.ShopID, []int64{p.ID}, 3, recommend.Options{})
	if err != nil {
		return err
	}
	for _, s := range picks[p.ID] {
		page.Goods = append(page.Goods, goodRow{Name: s.Product.Name, Href: v.a.link(fmt.Sprintf("/products/%d", s.Product.ID)), Image: s.Product.ImageURL,
			Price: v.p.Money(s.Product.Price), Reason: s.Reason(v.p)})
	}
	if run, err := v.a.rooms.Recommend.LastRun(v.ctx, p.ShopID); err == nil {
		page.GoodsAt = run.FinishedAt
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

// stripOrders is how many orders the rhythm shows at most.
const stripOrders = 60

func (v *visit) customerStrip(page *customerPage, p customer.Profile) error {
	orders, _, err := v.a.rooms.Orders.ByProfile(v.ctx, p.ID, "", stripOrders)
	if err != nil {
		return err
	}
	orders = slices.DeleteFunc(orders, func(o purchase.Order) bool { return !o.Counts() || o.PlacedAt.IsZero() })
	if len(orders) == 0 {
		return nil
	}
	slices.SortFunc(orders, func(x, y purchase.Order) int { return x.PlacedAt.Compare(y.PlacedAt) })
	// Heights compare amounts of one currency: the one of the latest order.
	currency := orders[len(orders)-1].Total.Currency()
	table := chartTable{Head: []string{v.t("customer.strip.day"), v.t("customer.strip.value")}}
	var moments []moment
	for _, o := range orders {
		if o.Total.Currency() != currency {
			continue
		}
		text := v.p.Date(o.PlacedAt) + ": " + v.p.Money(o.Net())
		moments = append(moments, moment{o.PlacedAt.In(v.p.Zone()), o.Net().Amount().InexactFloat64(), text})
		table.Rows = append(table.Rows, []string{v.p.Date(o.PlacedAt), v.p.Money(o.Net())})
	}
	month := func(t time.Time) string { return v.t("customer.strip.month", "month", v.p.Month(t)) }
	page.Strip = stripChart(v.t("customer.strip.label", "count", int64(len(moments)), "from", v.p.Date(moments[0].At), "to", v.p.Date(moments[len(moments)-1].At)),
		moments, v.now().In(v.p.Zone()), month, table)
	return nil
}

// timelineKinds are the groups of moments that can be chosen.
var timelineKinds = []struct {
	name  string
	kinds []string
}{
	{"orders", []string{customer.MomentOrder, customer.MomentRefund}},
	{"mail", []string{customer.MomentMail, customer.MomentOpen, customer.MomentClick}},
	{"notes", []string{customer.MomentNote, customer.MomentRegrouping}},
	{"consent", []string{customer.MomentConsent, customer.MomentWithdrawal, customer.MomentRegistration}},
}

// momentLooks is how a kind of moment is drawn.
var momentLooks = map[string]badge{
	customer.MomentRegistration: {"join", ""}, customer.MomentOrder: {"receipt", "good"}, customer.MomentRefund: {"reset", "warn"},
	customer.MomentConsent: {"shield", "good"}, customer.MomentWithdrawal: {"no", "bad"}, customer.MomentNote: {"note", ""},
	customer.MomentMail: {"mail", ""}, customer.MomentOpen: {"eye", ""}, customer.MomentClick: {"click", "accent"},
	customer.MomentRegrouping: {"merge", ""},
}

const timelinePage = 25

func (v *visit) customerTimeline(page *customerPage, p customer.Profile) error {
	chosen := v.queries("show")
	var kinds []string
	for _, k := range timelineKinds {
		on := slices.Contains(chosen, k.name)
		page.Kinds = append(page.Kinds, momentChoice{k.name, v.t("customer.timeline." + k.name), on})
		if on {
			kinds = append(kinds, k.kinds...)
		}
	}
	before, err := time.Parse(time.RFC3339Nano, v.query("before"))
	if err != nil {
		before = time.Time{}
	}
	moments, err := v.a.rooms.People.Timeline(v.ctx, p.ID, kinds, before, timelinePage)
	if err != nil {
		return err
	}
	names := v.names()
	for _, m := range moments {
		month := v.p.Month(m.At)
		if n := len(page.Months); n == 0 || page.Months[n-1].Name != month {
			page.Months = append(page.Months, timelineMonth{Name: month})
		}
		look, ok := momentLooks[m.Kind]
		if !ok {
			look = badge{"clock", ""}
		}
		if m.Kind == customer.MomentOrder { // an attempt is not a sale
			switch status, _ := m.Args["status"].(string); adapters.Status(status) {
			case adapters.StatusFailed:
				look.Tone = "bad"
			case adapters.StatusCancelled, adapters.StatusPending, adapters.StatusOther:
				look.Tone = ""
			}
		}
		row := timelineRow{Icon: look.Text, Tone: look.Tone, Text: v.momentText(m, names), Detail: m.Detail, At: m.At}
		if m.Link != "" {
			row.Href = v.a.link("/" + m.Link)
		}
		last := &page.Months[len(page.Months)-1]
		last.Moments = append(last.Moments, row)
	}
	if len(moments) >= timelinePage {
		page.More = v.a.link(v.here("before", moments[len(moments)-1].At.UTC().Format(time.RFC3339Nano))) + "#timeline"
	}
	return nil
}

// momentText says a moment's sentence, with keys of other rooms put into words.
func (v *visit) momentText(m customer.Moment, names *names) string {
	args := maps.Clone(m.Args)
	for name, value := range args {
		switch name {
		case "staff":
			if id, ok := value.(int64); ok {
				args[name] = names.staff(id)
			}
		case "topic":
			args[name] = names.topic(fmt.Sprint(value))
		case "source":
			args[name] = v.word("consent.source.", fmt.Sprint(value))
		case "status":
			args[name] = v.word("order.status.", fmt.Sprint(value))
		}
	}
	pairs := make([]any, 0, 2*len(args))
	for _, name := range slices.Sorted(maps.Keys(args)) {
		pairs = append(pairs, name, args[name])
	}
	return v.t(m.Key, pairs...)
}

// word is the sentence of a key made of a prefix and a value, or the value where nobody has put it into words.
func (v *visit) word(prefix, value string) string {
	if v.a.catalogue.Has(prefix + value) {
		return v.t(prefix + value)
	}
	return value
}

// names looks up what ids are called, each once a page.
type names struct {
	v      *visit
	people map[int64]string
	topics map[string]string
}

func (v *visit) names() *names { return &names{v: v, people: map[int64]string{}} }

func (n *names) staff(id int64) string {
	if id == 0 {
		return n.v.t("customer.program")
	}
	name, ok := n.people[id]
	if !ok {
		name = n.v.t("customer.colleague")
		if account, err := n.v.a.rooms.Staff.Account(n.v.ctx, id); err == nil {
			name = account.Name
		}
		n.people[id] = name
	}
	return name
}

func (n *names) topic(key string) string {
	if n.topics == nil {
		n.topics = map[string]string{}
		topics, err := n.v.a.rooms.Consents.Topics(n.v.ctx)
		if err != nil {
			n.v.a.cfg.Logger.ErrorContext(n.v.ctx, "listing the topics failed", "request", n.v.requestID, "error", err)
		}
		for _, t := range topics {
			n.topics[t.Topic] = t.Name
		}
	}
	if name := n.topics[key]; name != "" {
		return name
	}
	return key
}

// pastMails is how many mailings a person's page tells about.
const pastMails = 6

func (v *visit) customerMails(page *customerPage, p customer.Profile) error {
	past, err := v.a.rooms.Post.History(v.ctx, p.ID, pastMails)
	if err != nil {
		return err
	}
	for _, d := range past {
		row := mailRow{Icon: "no", Title: d.Mailing.Title, Href: v.a.link(fmt.Sprintf("/%ss/%d", d.Mailing.Kind, d.Mailing.RefID))}
		when := v.p.DateTime(d.SettledAt)
		switch d.State {
		case delivery.Sent:
			row.Icon, row.Tone, row.Text = "ok", "good", v.t("customer.mail.sent", "at", when)
		case delivery.Skipped:
			row.Text = v.t("customer.mail.skipped", "reason", v.word("delivery.reason.", d.Reason))
		case delivery.Bounced:
			row.Tone, row.Text = "bad", v.t("customer.mail.bounced", "at", when, "reason", v.word("delivery.reason.", d.Reason))
		case delivery.Uncertain:
			row.Icon, row.Tone, row.Text = "alert", "warn", v.t("customer.mail.uncertain")
		default:
			row.Icon, row.Text = "clock", v.t("customer.mail.waiting")
		}
		page.Mails = append(page.Mails, row)
	}
	return nil
}

func (v *visit) customerIdentities(page *customerPage, p customer.Profile) error {
	all, err := v.a.rooms.People.Identities(v.ctx, p.ID)
	if err != nil {
		return err
	}
	recognising := 0
	var numbers []string
	for _, i := range all {
		switch i.Kind {
		case customer.KindAccount, customer.KindEmail, customer.KindOrder:
			recognising++
		case customer.KindPhone:
			numbers = append(numbers, i.Value)
		}
		if i.Kind == customer.KindEmail {
			page.addresses = append(page.addresses, i.Value)
		}
	}
	shared, err := v.a.rooms.People.SharedPhones(v.ctx, numbers)
	if err != nil {
		return err
	}
	for _, i := range all {
		row := v.identityRow(i)
		if n := shared[i.Value]; i.Kind == customer.KindPhone && n > 0 {
			row.Evidence = v.t("customer.evidence.shared", "count", n)
		}
		if page.CanEdit && recognising > 1 && i.Kind != customer.KindPhone && i.Kind != customer.KindCookie {
			row.Unlink = v.a.link(fmt.Sprintf("/customers/%d/unlink/%d", p.ID, i.ID))
		}
		page.Identities = append(page.Identities, row)
	}
	return nil
}

var identityIcons = map[customer.Kind]string{customer.KindAccount: "shop", customer.KindEmail: "mail", customer.KindPhone: "phone", customer.KindOrder: "receipt", customer.KindCookie: "globe"}

// identityRow is an identity with its evidence, and who put it where it is.
func (v *visit) identityRow(i customer.Identity) identityRow {
	row := identityRow{Icon: identityIcons[i.Kind], Text: v.t("customer.identity."+string(i.Kind), "value", identityValue(i)), Gone: !i.GoneAt.IsZero()}
	row.Evidence = v.t("customer.evidence."+string(i.Evidence), "ref", i.EvidenceRef, "date", v.p.Date(i.CreatedAt))
	if row.Gone {
		row.Evidence = v.t("customer.identity.gone", "date", v.p.Date(i.GoneAt))
	}
	if i.LinkedBy == customer.LinkedByStaff {
		row.Evidence = v.t("customer.evidence.hand", "evidence", row.Evidence)
	}
	return row
}

// identityValue writes addresses and numbers as people do.
func identityValue(i customer.Identity) string {
	switch i.Kind {
	case customer.KindEmail:
		return contact.Email(i.Value).Unicode()
	case customer.KindPhone:
		return contact.Phone(i.Value).International()
	}
	return i.Value
}

func (v *visit) customerConsent(page *customerPage, p customer.Profile) error {
	states, err := v.a.rooms.Consents.States(v.ctx, p.ID)
	if err != nil {
		return err
	}
	names, best := v.names(), consent.State("")
	for _, s := range states {
		row := topicState{Icon: "ok", Tone: "good", Topic: names.topic(s.Topic), Text: v.t("customer.consent.granted"), At: s.ChangedAt, Key: s.Topic, ShopID: s.ShopID}
		if s.State == consent.Withdrawn {
			row.Icon, row.Tone, row.Text = "no", "bad", v.t("customer.consent.withdrawn")
			row.Key = ""
		}
		if best != consent.Granted {
			best = s.State
		}
		if len(v.shops) > 1 {
			if i := slices.IndexFunc(v.shops, func(shop shop) bool { return shop.ID == s.ShopID }); i >= 0 {
				row.Shop = v.shops[i].Name
			}
		}
		page.Topics = append(page.Topics, row)
	}
	page.Consent = v.consentBadge(best)
	if p.Email != "" {
		addresses := []contact.Email{p.Email}
		for _, i := range page.addresses {
			addresses = append(addresses, contact.Email(i))
		}
		suppressed, err := v.a.rooms.Consents.Suppressed(v.ctx, addresses)
		if err != nil {
			return err
		}
		reason, ok := suppressed[p.Email]
		for _, other := range addresses { // of the others only what is about the person, and not about a mailbox
			if why := suppressed[other]; !ok && why != "" && why != consent.SuppressBounce {
				reason, ok = why, true
			}
		}
		if ok {
			page.Suppressed = v.word("suppression.reason.", reason)
			page.Consent = badge{v.t("customers.consent.suppressed"), "bad"}
		}
	}
	history, err := v.a.rooms.Consents.History(v.ctx, p.ID)
	if err != nil {
		return err
	}
	for _, e := range history {
		page.Ledger = append(page.Ledger, ledgerRow{
			Text:    v.t("customer.ledger."+string(e.State), "topic", names.topic(e.Topic), "source", v.word("consent.source.", e.Source)),
			Wording: e.Wording, IP: e.IP, At: e.At,
		})
	}
	return nil
}

func (a *Admin) customerWithdraw(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	shopID, err := strconv.ParseInt(v.form("shop"), 10, 64)
	if err != nil {
		return store.ErrNotFound
	}
	topic := v.form("topic")
	if err := a.rooms.People.WithdrawFor(v.ctx, id, shopID, topic); err != nil {
		return err
	}
	return v.done(fmt.Sprintf("/customers/%d", id), "customer.withdrawn", "topic", v.names().topic(topic))
}

func (a *Admin) customerNote(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	_, err = a.rooms.People.AddNote(v.ctx, id, v.form("note"))
	var sentence string
	switch {
	case errors.Is(err, customer.ErrNoteEmpty):
		sentence = v.t("customer.note.empty")
	case errors.Is(err, customer.ErrNoteTooLong):
		sentence = v.t("customer.note.long", "count", customer.NoteMax)
	case err != nil:
		return err
	default:
		return v.done(fmt.Sprintf("/customers/%d", id), "customer.note.saved")
	}
	page, err := v.customerPage()
	if err != nil {
		return err
	}
	page.Note = v.form("note")
	page.Errors.add("note", sentence)
	return v.renderInvalid("customer", page)
}
