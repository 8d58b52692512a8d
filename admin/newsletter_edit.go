package admin

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// newsletterPage is a newsletter that has not been sent: its content, audience and checks, by Tab, and the question
// before it goes out.
type newsletterPage struct {
	frame
	Tab        string // "content", "audience", "checks", "send"
	Tabs       []tab
	ID         int64
	Path       string // of this newsletter
	Tone, Mark string // the badge of its state
	Version    string
	Saved      string // when it was saved last, in words
	Conflict   bool   // somebody else has saved meanwhile
	Editable   bool
	CanSend    bool
	Scheduled  time.Time // zero: is not

	Name, Subject, Preheader string
	SubjectNow               string // as the chosen person sees it, with its length
	Languages, Topics        []choice
	Fields                   []mergeField
	Blocks                   []blockForm
	Kinds                    []blockKind
	Weight                   string
	Checks                   []checkRow
	Passed                   string

	As       string
	People   []choice
	From     string
	Shown    newsletter.Rendered
	Count    segment.Count
	LeftOut  []countRow
	Audience []audienceChoice
	Ready    bool // nothing blocks it
	MyEmail  string
	Earliest string // for the time to send at
}

type choice struct {
	Value, Label string
	Chosen       bool
}

// mergeField is a field of the picker: Name is shown, Tag is what is inserted.
type mergeField struct{ Label, Name, Tag string }

type blockKind struct{ Kind, Label, KindIcon string }

// blockForm is one block as the editor shows it.
type blockForm struct {
	ID, Kind, Label, BlockIcon string
	Summary                    string
	Open, First, Last          bool
	Text, URL, Alt, Link       string
	Reason                     bool
	Counts, Picks              []choice
	Product                    *productChoice
	Find                       string
	Found                      []productChoice
	Searched                   bool
	Mistake                    string
}

type productChoice struct {
	ID                 string
	Name, About, Image string
}

type checkRow struct {
	Tone, CheckIcon, Text, More string
	Href                        string
}

type countRow struct {
	Label string
	Count int64
}

type audienceChoice struct {
	Value, Name, About string
	Chosen             bool
}

var blockIcons = map[newsletter.Kind]string{
	newsletter.KindHeading: "flag", newsletter.KindText: "text", newsletter.KindImage: "image", newsletter.KindButton: "button",
	newsletter.KindProduct: "box", newsletter.KindRecommendations: "spark", newsletter.KindDivider: "split",
}

func segmentFilter(archived bool) segment.ListFilter { return segment.ListFilter{Archived: archived} }

// newsletter shows the editor, or the report once it has been sent.
func (a *Admin) newsletter(v *visit) error {
	n, err := v.newsletter()
	if err != nil {
		return err
	}
	if n.MailingID != 0 {
		return v.newsletterReport(n)
	}
	page, err := v.newsletterPage(n, nil)
	if err != nil {
		return err
	}
	return v.render("newsletter_edit", page)
}

func (v *visit) newsletter() (newsletter.Newsletter, error) {
	id, err := v.id("id")
	if err != nil {
		return newsletter.Newsletter{}, err
	}
	return v.a.rooms.Newsletters.Get(v.ctx, id)
}

// newsletterPage gathers what the editor shows of a newsletter, kept or as it was just typed.
func (v *visit) newsletterPage(n newsletter.Newsletter, mistake *newsletter.InvalidError) (*newsletterPage, error) {
	desk := v.a.rooms.Newsletters
	page := &newsletterPage{
		frame: v.frame("newsletters", n.Name), Tab: "content", ID: n.ID, Path: fmt.Sprintf("/newsletters/%d", n.ID),
		Tone: newsletterTones[n.State], Mark: v.t("newsletters.state." + string(n.State)), Version: strconv.Itoa(n.Version),
		Editable: n.State == newsletter.Draft && v.may(staff.WriteNewsletters), CanSend: v.may(staff.SendNewsletters),
		Name: n.Name, Subject: n.Subject, Preheader: n.Preheader, MyEmail: string(v.account.Email),
	}
	page.Back = &backLink{v.t("newsletters.title"), v.a.link("/newsletters")}
	page.Scripts = []string{"newsletter.js"}
	page.Saved = v.t("newsletters.saved_ago", "ago", v.p.Ago(n.UpdatedAt, v.now()))
	if n.State == newsletter.Scheduled {
		page.Scheduled = n.SendAt
		page.Saved = v.t("newsletters.goes_out", "when", v.p.DateTime(n.SendAt))
	}
	if t := v.query("tab"); t == "audience" || t == "checks" || t == "send" {
		page.Tab = t
	}
	problems, err := desk.Check(v.ctx, n)
	if err != nil {
		return nil, err
	}
	page.Ready = !newsletter.Blocked(problems)
	if n.HasAudience() {
		// What the audience's own problem is, the checks say already.
		if count, err := desk.Count(v.ctx, n); err == nil {
			page.Count = count
			for key, left := range map[string]int64{"no_address": count.NoAddress, "withdrawn": count.Withdrawn, "no_consent": count.NoConsent, "suppressed": count.Suppressed} {
				if left > 0 {
					page.LeftOut = append(page.LeftOut, countRow{v.t("newsletters.left." + key), left})
				}
			}
			slices.SortFunc(page.LeftOut, func(a, b countRow) int { return int(b.Count - a.Count) })
		}
	}
	open := v.query("block")
	if mistake != nil && mistake.Block > 0 && mistake.Block <= len(n.Blocks) {
		open = n.Blocks[mistake.Block-1].ID
	}
	if page.Blocks, err = v.blockForms(n, open); err != nil {
		return nil, err
	}
	if mistake != nil {
		if mistake.Block > 0 && mistake.Block <= len(page.Blocks) {
			page.Blocks[mistake.Block-1].Mistake = mistake.Sentence(v.p)
		} else {
			page.Errors.add(mistake.Field, mistake.Sentence(v.p))
		}
	}
	for _, k := range newsletter.Kinds {
		page.Kinds = append(page.Kinds, blockKind{string(k), v.t("newsletters.kind." + string(k)), blockIcons[k]})
	}
	for _, f := range newsletter.Fields {
		tag := "{{ " + f.Name + " }}"
		if f.Name == "profile.first_name" || f.Name == "profile.full_name" {
			tag = "{{ " + f.Name + ` | default: "` + v.t("newsletters.field.default") + `" }}`
		}
		page.Fields = append(page.Fields, mergeField{v.t("newsletters.field." + f.Name), f.Name, tag})
	}
	for _, lang := range desk.Languages() {
		page.Languages = append(page.Languages, choice{lang, v.p.Language(lang), lang == n.Language})
	}
	topics, err := v.a.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		page.Topics = append(page.Topics, choice{t.Topic, t.Name, t.Topic == n.Topic})
	}
	if page.Audience, err = v.audienceChoices(n); err != nil {
		return nil, err
	}
	if err := v.previewOf(page, n); err != nil {
		return nil, err
	}
	v.checkRows(page, problems)
	page.Earliest = v.now().In(v.shop.Zone).Add(10 * time.Minute).Format(localTime)
	people, checks := "", ""
	if n.HasAudience() {
		people = v.p.Number(page.Count.Mailable)
	}
	if len(problems) > 0 {
		checks = v.p.Number(len(problems))
	}
	for _, t := range []struct{ name, count string }{{"content", ""}, {"audience", people}, {"checks", checks}} {
		page.Tabs = append(page.Tabs, tab{Label: v.t("newsletters.tab." + t.name), Href: v.a.link(page.Path + "?tab=" + t.name), Count: t.count, Here: t.name == page.Tab})
	}
	return page, nil
}

// localTime is how HTML writes a time of day without a zone.
const localTime = "2006-01-02T15:04"

func (v *visit) blockForms(n newsletter.Newsletter, open string) ([]blockForm, error) {
	products, err := v.a.rooms.Newsletters.Products(v.ctx, n.Blocks)
	if err != nil {
		return nil, err
	}
	var forms []blockForm
	for i, b := range n.Blocks {
		f := blockForm{
			ID: b.ID, Kind: string(b.Kind), Label: v.t("newsletters.kind." + string(b.Kind)), BlockIcon: blockIcons[b.Kind],
			Open: b.ID == open, First: i == 0, Last: i == len(n.Blocks)-1, Text: b.Text, URL: b.URL, Alt: b.Alt, Link: b.Link, Reason: b.Reason,
		}
		f.Summary = strings.Join(strings.Fields(b.Text), " ")
		switch b.Kind {
		case newsletter.KindImage:
			f.Summary = b.Alt
		case newsletter.KindRecommendations:
			key := "newsletters.recommendations.plain"
			if b.Reason {
				key = "newsletters.recommendations.reason"
			}
			f.Summary = v.t(key, "count", b.Count)
			for _, pick := range newsletter.Picks {
				f.Picks = append(f.Picks, choice{pick, v.t("newsletters.pick." + pick), pick == b.Pick})
			}
			for c := 1; c <= newsletter.MaxRecommendations; c++ {
				f.Counts = append(f.Counts, choice{strconv.Itoa(c), v.p.Number(c), c == b.Count})
			}
		case newsletter.KindProduct:
			if p, ok := products[b.ProductID]; ok {
				chosen := v.productChoice(p)
				f.Product, f.Summary = &chosen, p.Name
			}
			if f.Open && v.query("find") != "" {
				f.Find, f.Searched = v.query("find"), true
				found, _, err := v.a.rooms.Catalog.List(v.ctx, catalog.ListFilter{ShopID: n.ShopID, Query: f.Find, OnlySellable: true, Limit: 8})
				if err != nil {
					return nil, err
				}
				for _, p := range found {
					f.Found = append(f.Found, v.productChoice(p))
				}
			}
		}
		forms = append(forms, f)
	}
	return forms, nil
}

func (v *visit) productChoice(p catalog.Product) productChoice {
	about := p.SKU
	if p.HasPrice {
		about = strings.TrimPrefix(about+", "+v.p.Money(p.Price), ", ")
	}
	return productChoice{ID: strconv.FormatInt(p.ID, 10), Name: p.Name, About: about, Image: p.ImageURL}
}

func (v *visit) audienceChoices(n newsletter.Newsletter) ([]audienceChoice, error) {
	all := []audienceChoice{{"everybody", v.t("newsletters.audience.everybody"), v.t("newsletters.audience.everybody.about"), n.SegmentID == 0 && n.Audience != nil && n.Audience.Everybody()}}
	if n.SegmentID == 0 && n.Audience != nil && !n.Audience.Everybody() {
		names, err := v.a.rooms.Segments.Names(v.ctx, *n.Audience)
		if err != nil {
			return nil, err
		}
		all = append(all, audienceChoice{"own", v.t("newsletters.audience.own"), v.a.rooms.Segments.Sentence(v.p, *n.Audience, names), true})
	}
	segments, err := v.a.rooms.Segments.List(v.ctx, segmentFilter(false))
	if err != nil {
		return nil, err
	}
	for _, s := range segments {
		c := audienceChoice{Value: strconv.FormatInt(s.ID, 10), Name: s.Name, Chosen: s.ID == n.SegmentID}
		if s.Mailable != nil {
			c.About = v.t("newsletters.audience.counted", "count", *s.Mailable, "ago", v.p.Ago(s.CountedAt, v.now()))
		}
		all = append(all, c)
	}
	return all, nil
}

// previewOf shows the newsletter as a person: the one that was chosen, or the first of the audience.
func (v *visit) previewOf(page *newsletterPage, n newsletter.Newsletter) error {
	desk := v.a.rooms.Newsletters
	as, err := strconv.ParseInt(v.query("as"), 10, 64)
	chosen := err == nil && as >= 0
	if v.may(staff.SeePeople) {
		examples, err := desk.Examples(v.ctx, n, 5)
		var invalid *segment.InvalidError
		if err != nil && !errors.As(err, &invalid) && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		known := as == 0
		for _, p := range examples {
			if !chosen {
				as, chosen = p.ID, true
			}
			known = known || p.ID == as
			page.People = append(page.People, choice{strconv.FormatInt(p.ID, 10), p.Name.Display(p.Email.Unicode()), p.ID == as})
		}
		if !known {
			if who, err := v.a.rooms.People.Profile(v.ctx, as); err == nil {
				page.People = append([]choice{{strconv.FormatInt(as, 10), who.Name.Display(who.Email.Unicode()), true}}, page.People...)
			} else {
				as = 0
			}
		}
	} else {
		as = 0
	}
	page.People = append(page.People, choice{"0", v.t("newsletters.as.new"), as == 0})
	who := ""
	for _, p := range page.People {
		if p.Chosen {
			who = p.Label
		}
	}
	page.As = strconv.FormatInt(as, 10)
	if page.Shown, err = desk.Preview(v.ctx, n, as); err != nil {
		return err
	}
	brand, err := desk.Brand(v.ctx, n.ShopID)
	if err != nil {
		return err
	}
	page.From = brand.SenderName + " <" + brand.SenderEmail + ">"
	page.SubjectNow = v.t("newsletters.subject.now", "who", who, "subject", page.Shown.Subject, "count", utf8.RuneCountInString(page.Shown.Subject), "limit", newsletter.PhoneSubject)
	page.Weight = v.t("newsletters.weight", "weight", kilobytes(page.Shown.Bytes), "limit", newsletter.GmailClips/1024)
	return nil
}

func kilobytes(bytes int) float64 { return float64((bytes*10+512)/1024) / 10 }

// checkRows lists the problems, and what is in order.
func (v *visit) checkRows(page *newsletterPage, problems []newsletter.Problem) {
	good := map[string]string{
		"tags": v.t("newsletters.ok.tags"), "audience": v.t("newsletters.ok.audience", "count", page.Count.Mailable),
		"weight": v.t("newsletters.ok.weight", "weight", kilobytes(page.Shown.Bytes)), "subject": v.t("newsletters.ok.subject"),
		"unsubscribe": v.t("newsletters.ok.unsubscribe"),
	}
	for _, p := range problems {
		row := checkRow{Tone: "warn", CheckIcon: "alert", Text: p.Sentence(v.p)}
		if p.Severity == newsletter.Blocking {
			row.Tone, row.CheckIcon = "bad", "no"
		}
		switch {
		case p.Block > 0:
			row.More = v.t("newsletters.where.block", "count", p.Block)
			if p.Line > 0 {
				row.More = v.t("newsletters.where.line", "count", p.Block, "line", p.Line)
			}
			row.Href = v.a.link(page.Path + "?block=" + url.QueryEscape(p.BlockID) + "#block-" + url.PathEscape(p.BlockID))
		case p.Field == "audience":
			row.Href = v.a.link(page.Path + "?tab=audience")
		case p.Field == "brand":
			if v.may(staff.ManageMail) {
				row.Href = v.a.link("/settings/mail")
			}
		case p.Field == "blocks":
			row.Href = v.a.link(page.Path + "#h-blocks")
		default:
			row.Href = v.a.link(page.Path + "#" + url.PathEscape(p.Field))
		}
		if p.Line > 0 { // only merge tags know their line
			delete(good, "tags")
		}
		if p.Key == "newsletter.problem.heavy" {
			delete(good, "weight")
		}
		delete(good, p.Field)
		page.Checks = append(page.Checks, row)
	}
	for _, name := range []string{"audience", "subject", "tags", "weight", "unsubscribe"} {
		if text, ok := good[name]; ok {
			page.Checks = append(page.Checks, checkRow{Tone: "good", CheckIcon: "ok", Text: text})
		}
	}
	page.Passed = v.t("newsletters.passed", "good", len(good), "all", len(page.Checks))
}

// previewed is the newsletter and the person it is shown as.
func (v *visit) previewed() (newsletter.Rendered, error) {
	n, err := v.newsletter()
	if err != nil {
		return newsletter.Rendered{}, err
	}
	as, err := strconv.ParseInt(v.query("as"), 10, 64)
	if err != nil || as < 0 {
		as = 0
	}
	return v.a.rooms.Newsletters.Preview(v.ctx, n, as)
}

func (a *Admin) newsletterPreview(v *visit) error {
	mail, err := v.previewed()
	if err != nil {
		return err
	}
	return v.document(mail.HTML)
}

func (a *Admin) newsletterText(v *visit) error {
	mail, err := v.previewed()
	if err != nil {
		return err
	}
	v.c.Set(fiber.HeaderContentType, fiber.MIMETextPlainCharsetUTF8)
	return v.c.SendString(mail.Text)
}

func (a *Admin) newsletterEnvelope(v *visit) error {
	n, err := v.newsletter()
	if err != nil {
		return err
	}
	page := &newsletterPage{frame: v.frame("newsletters", n.Name)}
	if err := v.previewOf(page, n); err != nil {
		return err
	}
	return v.fragment("newsletter_edit", "envelope", page)
}

func (a *Admin) newsletterAudience(v *visit) error {
	n, err := v.newsletter()
	if err != nil {
		return err
	}
	if n.Version, err = strconv.Atoi(v.form("version")); err != nil {
		return store.ErrNotFound
	}
	if topic := v.form("topic"); topic != "" {
		n.Topic = topic
	}
	switch who := v.form("audience"); who {
	case "everybody":
		n.SegmentID, n.Audience = 0, &segment.Tree{}
	case "own", "":
	default:
		if n.SegmentID, err = strconv.ParseInt(who, 10, 64); err != nil {
			return store.ErrNotFound
		}
		n.Audience = nil
	}
	path := fmt.Sprintf("/newsletters/%d?tab=audience", n.ID)
	_, err = a.rooms.Newsletters.Update(v.ctx, n)
	if sentence, ok := v.newsletterRefusal(err); ok {
		return v.refused(path, sentence)
	}
	if err != nil {
		return err
	}
	return v.done(path, "newsletters.audience.saved")
}
