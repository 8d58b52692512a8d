package storefront

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/store"
)

type preferencesPage struct {
	frame
	Action   string
	Address  string // the mailbox, mostly hidden: mail is forwarded
	Topics   []topicChoice
	Language string // the one that mail comes in
	Spoken   Tongues
	Saved    bool
	Test     bool
}

// reader is the person a token of a mail speaks for.
type reader struct {
	profile   customer.Profile
	mailingID int64
	shop      intake.Shop
	topic     string // of the mail; empty when the mailing is gone
	test      bool   // a link of a test mail: it shows the page and changes nothing
}

// reader finds whom the values of a token are about, and chooses their language.
func (s *Storefront) reader(v *visit, mailingID, profileID int64) (r reader, err error) {
	r = reader{mailingID: mailingID, test: profileID == 0}
	if !r.test {
		if r.profile, err = s.rooms.People.Profile(v.ctx, profileID); err != nil {
			return r, err
		}
		v.speak(v.query("lang"), r.profile.Language)
	}
	shopID := r.profile.ShopID
	if mailingID != 0 {
		mailing, err := s.rooms.Mailer.Mailing(v.ctx, mailingID)
		if err == nil {
			shopID, r.topic = mailing.ShopID, mailing.Topic
		} else if !errors.Is(err, store.ErrNotFound) {
			return r, err
		}
	}
	if r.test && shopID == 0 {
		r.shop, err = s.shop(v.ctx, "")
	} else {
		r.shop, err = s.shopByID(v.ctx, shopID)
	}
	return r, err
}

func (s *Storefront) readerOfPreferences(v *visit) (reader, error) {
	values, err := v.verify(newsletter.PurposePreferences, 2)
	if err != nil {
		return reader{}, err
	}
	return s.reader(v, values[1], values[0])
}

func (s *Storefront) preferences(v *visit) error {
	r, err := s.readerOfPreferences(v)
	if err != nil {
		return err
	}
	return s.showPreferences(v, r, false)
}

func (s *Storefront) showPreferences(v *visit, r reader, saved bool) error {
	topics, err := s.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return err
	}
	granted, err := s.granted(v, r)
	if err != nil {
		return err
	}
	page := preferencesPage{frame: v.frame("preferences.title", r.shop), Action: s.prefix + "/preferences/" + v.param("token"),
		Address: masked(r.profile.Email), Saved: saved, Test: r.test}
	for _, t := range topics {
		page.Topics = append(page.Topics, topicChoice{Topic: t.Topic, Name: t.Name, Description: t.Description, On: granted[t.Topic] || r.test && t.Topic == r.topic})
	}
	mailIn := strings.ToLower(r.profile.Language)
	for _, lang := range s.languages {
		page.Spoken = append(page.Spoken, tongue{lang, s.ownName(lang), mailIn == lang || strings.HasPrefix(mailIn, lang+"-")})
	}
	return v.show(fiber.StatusOK, "preferences", page)
}

// granted is the topics of the reader's shop that they get mail about.
func (s *Storefront) granted(v *visit, r reader) (map[string]bool, error) {
	on := map[string]bool{}
	if r.test {
		return on, nil
	}
	states, err := s.rooms.Consents.States(v.ctx, r.profile.ID)
	if err != nil {
		return nil, err
	}
	for _, state := range states {
		if state.ShopID == r.shop.ID && state.State == consent.Granted {
			on[state.Topic] = true
		}
	}
	return on, nil
}

func (s *Storefront) savePreferences(v *visit) error {
	r, err := s.readerOfPreferences(v)
	if err != nil {
		return err
	}
	if !v.isForm() {
		return errNoForm
	}
	if r.test {
		return s.showPreferences(v, r, false)
	}
	if v.field("everything") != "" {
		if err := s.withdrawAll(v, r, consent.SourcePreferences); err != nil {
			return err
		}
		return s.showPreferences(v, r, true)
	}
	topics, err := s.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return err
	}
	granted, err := s.granted(v, r)
	if err != nil {
		return err
	}
	wanted := v.fields("topic")
	var choices []consent.Entry
	for _, t := range topics {
		e := v.entry(r, t.Topic, consent.SourcePreferences)
		switch on := slices.Contains(wanted, t.Topic); {
		case on && !granted[t.Topic]:
			e.State, e.Wording = consent.Granted, v.wording(r.shop, []string{t.Name})
		case !on && granted[t.Topic]:
			e.State = consent.Withdrawn
		default:
			continue
		}
		choices = append(choices, e)
	}
	if len(choices) > 0 {
		if err := s.rooms.People.Choose(v.ctx, r.profile.ID, choices); err != nil {
			return err
		}
	}
	if lang := v.field("language"); slices.Contains(s.languages, lang) {
		if r.profile, err = s.rooms.People.ChooseLanguage(v.ctx, r.profile.ID, lang); err != nil {
			return err
		}
		v.speak(lang)
	}
	return s.showPreferences(v, r, true)
}

func (v *visit) entry(r reader, topic, source string) consent.Entry {
	return consent.Entry{ShopID: r.shop.ID, Topic: topic, Source: source, IP: v.ip, UserAgent: v.agent, MailingID: r.mailingID}
}

// withdrawAll ends every consent of the person, in every shop.
func (s *Storefront) withdrawAll(v *visit, r reader, source string) error {
	states, err := s.rooms.Consents.States(v.ctx, r.profile.ID)
	if err != nil {
		return err
	}
	var choices []consent.Entry
	for _, state := range states {
		if state.State != consent.Granted {
			continue
		}
		e := v.entry(r, state.Topic, source)
		e.ShopID, e.State = state.ShopID, consent.Withdrawn
		choices = append(choices, e)
	}
	if len(choices) == 0 {
		return nil
	}
	return s.rooms.People.Choose(v.ctx, r.profile.ID, choices)
}

// masked shows enough of an address for its owner to know it.
func masked(e contact.Email) string {
	if e == "" {
		return ""
	}
	first := []rune(e.Local())[:1]
	_, domain, _ := strings.Cut(e.Unicode(), "@")
	return string(first) + "…@" + domain
}
