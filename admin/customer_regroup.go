package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// regroupPage asks whether two profiles shall be merged, an identity unlinked, or one of both undone.
type regroupPage struct {
	frame
	Kind       string // "merge", "unlink", "undo"
	From, To   personCard
	Swap       string // where the other one would stay; "" where that is no question
	Identities []identityRow
	Facts      []pair
	Consents   []outcomeRow
	Warnings   []string
	Said       string // why nothing can be done; then there is no form
	Action     string
	With       int64
	Do, Keep   string // the buttons' words
	Cancel     string // where the safe answer leads
	CanEdit    bool
	Reasons    []string
	Score      int
}

// personCard is a person in a few lines.
type personCard struct {
	ID                     int64
	Name, Initials, Href   string
	Email, Phone, Place    string
	Account, Since, Figure string
}

type outcomeRow struct{ Topic, From, To, Joined, Tone string }

// alikeRow is somebody who may be the same person.
type alikeRow struct {
	ID, Other    int64
	Name, Href   string
	Reasons      string
	Score        int
	Merge        string
	About, Email string
}

func (v *visit) personCard(p customer.Profile) personCard {
	c := personCard{ID: p.ID, Name: v.personName(p), Initials: p.Name.Initials(), Href: v.a.link(fmt.Sprintf("/customers/%d", p.ID)),
		Email: p.Email.Unicode(), Phone: p.Phone.International(), Account: v.t("regroup.guest")}
	if p.HasAccount {
		c.Account = v.t("regroup.member")
	}
	var place []string
	for _, part := range []string{p.Address.Line1, strings.TrimSpace(p.Address.Postcode + " " + p.Address.City), v.p.Country(p.Address.Country)} {
		if part != "" {
			place = append(place, part)
		}
	}
	c.Place = strings.Join(place, ", ")
	if !p.FirstSeenAt.IsZero() {
		c.Since = v.t("customer.since", "date", v.p.Date(p.FirstSeenAt))
	}
	if fact, err := v.a.rooms.Facts.Of(v.ctx, p.ID); err == nil {
		c.Figure = v.t("regroup.figure", "count", fact.Orders, "amount", fact.Net)
	}
	return c
}

// alikeReason says a reason in words.
func (v *visit) alikeReason(r customer.Alike) string {
	value, other := r.Value, r.Other
	switch r.Kind {
	case customer.AlikePhone:
		value = contact.Phone(value).International()
	case customer.AlikeTypo:
		value, other = contact.Email(value).Unicode(), contact.Email(other).Unicode()
	}
	return v.t("alike."+r.Kind, "value", value, "other", other)
}

func (v *visit) alikeRow(s customer.Suggestion) alikeRow {
	row := alikeRow{ID: s.Profile.ID, Other: s.Other.ID, Name: v.personName(s.Other), Href: v.a.link(fmt.Sprintf("/customers/%d", s.Other.ID)),
		Score: int(s.Score*100 + 0.5), Merge: v.a.link(fmt.Sprintf("/customers/%d/merge?with=%d", s.Profile.ID, s.Other.ID)), About: v.personName(s.Profile), Email: s.Other.Email.Unicode()}
	var reasons []string
	for _, r := range s.Reasons {
		reasons = append(reasons, v.alikeReason(r))
	}
	row.Reasons = strings.Join(reasons, ", ")
	return row
}

// alikeMost is how many a person's page shows.
const alikeMost = 5

func (v *visit) customerAlike(page *customerPage, p customer.Profile) error {
	all, err := v.a.rooms.People.Suggestions(v.ctx, p.ID)
	if err != nil {
		return err
	}
	for _, s := range all[:min(alikeMost, len(all))] {
		page.Alike = append(page.Alike, v.alikeRow(s))
	}
	return nil
}

// samePage is all pairs that may be one person each.
type samePage struct {
	frame
	Rows    []alikeRow
	Pager   *pager
	CanEdit bool
}

func (a *Admin) samePeople(v *visit) error {
	all, next, err := a.rooms.People.AllSuggestions(v.ctx, v.query("after"), 50)
	if err != nil {
		return err
	}
	page := &samePage{frame: v.frame("customers", v.t("same.title")), CanEdit: v.may(staff.EditPeople)}
	page.Back = &backLink{v.t("customers.title"), a.link("/customers")}
	page.Intro = v.t("same.intro")
	for _, s := range all {
		page.Rows = append(page.Rows, v.alikeRow(s))
	}
	page.Pager = v.pager(v.t("same.shown", "count", int64(len(page.Rows))), next)
	return v.render("customer_same", page)
}

// choosePage finds with whom somebody is to be merged.
type choosePage struct {
	frame
	Person personCard
	Query  string
	Rows   []alikeRow
	Action string
}

func (v *visit) choose(p customer.Profile) error {
	page := &choosePage{frame: v.frame("customers", v.t("regroup.choose.title", "name", v.personName(p))), Person: v.personCard(p), Query: v.query("find"),
		Action: v.a.link(fmt.Sprintf("/customers/%d/merge", p.ID))}
	page.Back = &backLink{page.Person.Name, page.Person.Href}
	if page.Query != "" {
		hits, err := v.a.rooms.People.Search(v.ctx, page.Query, 20)
		if err != nil {
			return err
		}
		for _, h := range hits {
			if h.Profile.ID != p.ID {
				page.Rows = append(page.Rows, v.alikeRow(customer.Suggestion{Profile: p, Other: h.Profile}))
			}
		}
	}
	return v.render("customer_choose", page)
}

func (a *Admin) mergePreview(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	with, err := strconv.ParseInt(v.query("with"), 10, 64)
	if err != nil {
		p, err := a.rooms.People.Profile(v.ctx, id)
		if err != nil {
			return err
		}
		return v.choose(p)
	}
	preview, err := a.rooms.People.PreviewMerge(v.ctx, with, id)
	if said, ok := v.regroupProblem(err); ok {
		return v.refused(fmt.Sprintf("/customers/%d", id), said)
	}
	if err != nil {
		return err
	}
	to, from := v.personName(preview.To), v.personName(preview.From)
	page := v.regroupPage("merge", v.t("regroup.merge.title", "from", from, "to", to), preview)
	page.Action, page.With = a.link(fmt.Sprintf("/customers/%d/merge", id)), with
	page.Swap = a.link(fmt.Sprintf("/customers/%d/merge?with=%d", with, id))
	page.Do, page.Keep, page.Cancel = v.t("regroup.merge.do", "count", int64(len(preview.Identities))), v.t("regroup.merge.no"), page.To.Href
	page.Back = &backLink{to, page.To.Href}
	for address, reason := range preview.Suppressed {
		if reason != consent.SuppressBounce {
			page.Warnings = append(page.Warnings, v.t("regroup.merge.silenced", "address", address.Unicode(), "reason", v.word("suppression.reason.", reason)))
		}
	}
	for _, s := range v.alikeOf(id, with) {
		page.Score = int(s.Score*100 + 0.5)
		for _, r := range s.Reasons {
			page.Reasons = append(page.Reasons, v.alikeReason(r))
		}
	}
	return v.render("customer_regroup", page)
}

// alikeOf gives the suggestion about two people, if there is one. That it cannot be read takes no page away.
func (v *visit) alikeOf(id, other int64) (found []customer.Suggestion) {
	all, err := v.a.rooms.People.Suggestions(v.ctx, id)
	if err != nil {
		v.a.cfg.Logger.ErrorContext(v.ctx, "reading who may be the same failed", "request", v.requestID, "error", err)
	}
	for _, s := range all {
		if s.Other.ID == other {
			found = append(found, s)
		}
	}
	return found
}

// regroupPage tells what a preview says.
func (v *visit) regroupPage(kind, title string, p customer.Preview) *regroupPage {
	page := &regroupPage{frame: v.frame("customers", title), Kind: kind, From: v.personCard(p.From), CanEdit: v.may(staff.EditPeople)}
	if p.To.ID != 0 {
		page.To = v.personCard(p.To)
	}
	for _, i := range p.Identities {
		page.Identities = append(page.Identities, v.identityRow(i))
	}
	fact := func(key string, value string) { page.Facts = append(page.Facts, pair{v.t("regroup." + key), value}) }
	orders := v.p.Number(p.Orders)
	for _, net := range p.Net {
		orders += ", " + v.p.Money(net)
	}
	fact("orders", orders)
	if p.Attempts > 0 {
		fact("attempts", v.p.Number(p.Attempts))
	}
	if kind != "unlink" {
		fact("notes", v.p.Number(p.Notes))
	}
	if kind == "merge" {
		fact("mails", v.p.Number(p.Mails))
	}
	names := v.names()
	for _, c := range p.Consents {
		state := func(s consent.State) string { return v.consentBadge(s).Text }
		page.Consents = append(page.Consents, outcomeRow{names.topic(c.Topic), state(c.From), state(c.To), state(c.Joined), v.consentBadge(c.Joined).Tone})
	}
	return page
}

// regroupProblem says why people cannot be regrouped, and what to do.
func (v *visit) regroupProblem(err error) (string, bool) {
	var moved *customer.MovedError
	if errors.As(err, &moved) {
		return v.t("regroup.moved"), true
	}
	for known, key := range map[error]string{customer.ErrSamePerson: "regroup.same", customer.ErrOnlyIdentity: "regroup.only", customer.ErrNotALink: "regroup.nolink",
		customer.ErrUndone: "regroup.undone", customer.ErrNothingLeft: "regroup.nothing"} {
		if errors.Is(err, known) {
			return v.t(key), true
		}
	}
	return "", false
}

func (a *Admin) merge(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	with, err := strconv.ParseInt(v.form("with"), 10, 64)
	if err != nil {
		return store.ErrNotFound
	}
	done, err := a.rooms.People.Merge(v.ctx, with, id)
	if said, ok := v.regroupProblem(err); ok {
		return v.refused(fmt.Sprintf("/customers/%d", id), said)
	}
	if err != nil {
		return err
	}
	return v.regrouped(id, "regroup.merged", done)
}

func (a *Admin) unlinkPreview(v *visit) error {
	id, identity, err := v.identity()
	if err != nil {
		return err
	}
	preview, err := a.rooms.People.PreviewUnlink(v.ctx, identity)
	if said, ok := v.regroupProblem(err); ok {
		return v.refused(fmt.Sprintf("/customers/%d", id), said)
	}
	if err != nil {
		return err
	}
	from := v.personName(preview.From)
	what := ""
	for _, i := range preview.Identities {
		if i.ID == identity {
			what = v.identityRow(i).Text
		}
	}
	page := v.regroupPage("unlink", v.t("regroup.unlink.title", "what", what, "name", from), preview)
	page.Action, page.Cancel = a.link(fmt.Sprintf("/customers/%d/unlink/%d", id, identity)), page.From.Href
	page.Do, page.Keep = v.t("regroup.unlink.do", "count", int64(len(preview.Identities))), v.t("regroup.unlink.no")
	page.Back = &backLink{from, page.From.Href}
	return v.render("customer_regroup", page)
}

func (v *visit) identity() (id, identity int64, err error) {
	if id, err = v.id("id"); err != nil {
		return 0, 0, err
	}
	identity, err = v.id("identity")
	return id, identity, err
}

func (a *Admin) unlink(v *visit) error {
	id, identity, err := v.identity()
	if err != nil {
		return err
	}
	done, err := a.rooms.People.Unlink(v.ctx, identity)
	if said, ok := v.regroupProblem(err); ok {
		return v.refused(fmt.Sprintf("/customers/%d", id), said)
	}
	if err != nil {
		return err
	}
	return v.regrouped(done.OtherID, "regroup.unlinked", done)
}

// regrouped says that it is done, with the way back.
func (v *visit) regrouped(id int64, key string, done customer.Regrouping) error {
	return v.doneWithUndo(fmt.Sprintf("/customers/%d", id), v.t(key, "count", int64(len(done.Identities))), fmt.Sprintf("/customers/regroupings/%d/undo", done.ID), "", "")
}

func (a *Admin) regrouping(v *visit) error {
	id, err := v.id("regrouping")
	if err != nil {
		return err
	}
	g, err := a.rooms.People.Regrouping(v.ctx, id)
	if err != nil {
		return err
	}
	owner, err := a.rooms.People.Profile(v.ctx, g.OtherID)
	if err != nil {
		return err
	}
	preview, err := a.rooms.People.PreviewUndo(v.ctx, id)
	said, known := v.regroupProblem(err)
	if err != nil && !known {
		return err
	}
	if known {
		preview.From = owner
	}
	page := v.regroupPage("undo", v.t("regroup.undo."+string(g.Kind), "name", v.personName(owner)), preview)
	page.Intro = v.t("regroup.by", "staff", v.names().staff(g.StaffID), "at", v.p.DateTime(g.At))
	page.Said, page.Cancel = said, v.a.link(fmt.Sprintf("/customers/%d", owner.ID))
	page.Action = a.link(fmt.Sprintf("/customers/regroupings/%d/undo", id))
	page.Do, page.Keep = v.t("regroup.undo.do", "count", int64(len(preview.Identities))), v.t("regroup.undo.no")
	page.Back = &backLink{v.personName(owner), page.Cancel}
	return v.render("customer_regroup", page)
}

func (a *Admin) regroupingUndo(v *visit) error {
	id, err := v.id("regrouping")
	if err != nil {
		return err
	}
	done, err := a.rooms.People.Undo(v.ctx, id)
	if said, ok := v.regroupProblem(err); ok {
		return v.refused(fmt.Sprintf("/customers/regroupings/%d", id), said)
	}
	if err != nil {
		return err
	}
	to := done.ProfileID // of a merge: who is there again
	if done.Kind == customer.Unlinking {
		to = done.OtherID
	}
	return v.done(fmt.Sprintf("/customers/%d", to), "regroup.undone.done")
}

// notSame says that two people are two people.
func (a *Admin) notSame(v *visit) error {
	id, other, err := v.pairOfPeople()
	if err != nil {
		return err
	}
	back := v.cameFrom(fmt.Sprintf("/customers/%d", id))
	err = a.rooms.People.Dismiss(v.ctx, id, other)
	if said, ok := v.regroupProblem(err); ok {
		return v.refused(back, said)
	}
	if err != nil {
		return err
	}
	return v.doneWithUndo(back, v.t("same.dismissed"), fmt.Sprintf("/customers/%d/may-be-same", id), "other", strconv.FormatInt(other, 10))
}

// mayBeSame takes that back.
func (a *Admin) mayBeSame(v *visit) error {
	id, other, err := v.pairOfPeople()
	if err != nil {
		return err
	}
	if err := a.rooms.People.Reconsider(v.ctx, id, other); err != nil {
		return err
	}
	return v.done(v.cameFrom(fmt.Sprintf("/customers/%d", id)), "same.again")
}

func (v *visit) pairOfPeople() (id, other int64, err error) {
	if id, err = v.id("id"); err != nil {
		return 0, 0, err
	}
	if other, err = strconv.ParseInt(v.form("other"), 10, 64); err != nil {
		return 0, 0, store.ErrNotFound
	}
	return id, other, nil
}

// eraseRow is what an erasure takes, in a sentence.
type eraseRow struct{ Title, Text, Do, Keep, Action string }

func (v *visit) eraseRow(e customer.Erasure) *eraseRow {
	name := v.personName(e.Profile)
	return &eraseRow{Title: v.t("erase.title", "name", name), Do: v.t("erase.do", "name", name), Keep: v.t("erase.no", "name", name),
		Text:   v.t("erase.identities", "count", e.Identities) + " " + v.t("erase.events", "count", e.Events) + " " + v.t("erase.orders", "count", e.Orders),
		Action: v.a.link(fmt.Sprintf("/customers/%d/erase", e.Profile.ID))}
}

func (v *visit) customerErase(page *customerPage, p customer.Profile) error {
	if !page.CanAnswer {
		return nil
	}
	e, err := v.a.rooms.People.PreviewErase(v.ctx, p.ID)
	if err != nil {
		return err
	}
	page.Erase = v.eraseRow(e)
	return nil
}

// erasePage asks where the browser has no dialogs.
type erasePage struct {
	frame
	Erase  eraseRow
	Cancel string
}

func (a *Admin) erasePreview(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	e, err := a.rooms.People.PreviewErase(v.ctx, id)
	if err != nil {
		return err
	}
	row := v.eraseRow(e)
	page := &erasePage{frame: v.frame("customers", row.Title), Erase: *row, Cancel: a.link(fmt.Sprintf("/customers/%d", e.Profile.ID))}
	page.Back = &backLink{v.personName(e.Profile), page.Cancel}
	return v.render("customer_erase", page)
}

func (a *Admin) erase(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	e, err := a.rooms.People.Erase(v.ctx, id)
	if err != nil {
		return err
	}
	return v.done("/customers", "erase.done", "count", e.Orders)
}

func (a *Admin) everythingJSON(v *visit) error {
	return v.everything("application/json; charset=utf-8", "json", func(d customer.Dossier) ([]byte, error) { return json.MarshalIndent(d, "", "  ") })
}

func (a *Admin) everythingHTML(v *visit) error {
	return v.everything("text/html; charset=utf-8", "html", func(d customer.Dossier) ([]byte, error) {
		var out bytes.Buffer
		err := d.WriteHTML(&out, v.p)
		return out.Bytes(), err
	})
}

// everything gives all that is known of a person as a file to keep: shown in the panel it would be a page of the panel.
func (v *visit) everything(kind, ending string, write func(customer.Dossier) ([]byte, error)) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	dossier, err := v.a.rooms.People.Access(v.ctx, id)
	if err != nil {
		return err
	}
	file, err := write(dossier)
	if err != nil {
		return err
	}
	v.c.Set(fiber.HeaderContentType, kind)
	name := v.t("customer.everything.file", "id", strconv.FormatInt(id, 10), "date", v.now().In(v.p.Zone()).Format(time.DateOnly))
	v.c.Set(fiber.HeaderContentDisposition, "attachment; filename*=UTF-8''"+url.PathEscape(name)+"."+ending)
	return v.c.Send(file)
}
