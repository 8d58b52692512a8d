package storefront

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/store"
)

func (s *Storefront) readerWhoLeaves(v *visit) (reader, error) {
	values, err := v.verify(newsletter.PurposeUnsubscribe, 2)
	if err != nil {
		return reader{}, err
	}
	return s.reader(v, values[0], values[1])
}

// topicName is what the reader knows the mail's topic by.
func (s *Storefront) topicName(v *visit, r reader) (string, error) {
	topics, err := s.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return "", err
	}
	if at := slices.IndexFunc(topics, func(t consent.Topic) bool { return t.Topic == r.topic }); at >= 0 {
		return topics[at].Name, nil
	}
	return v.p.T("unsubscribe.everything"), nil
}

func (s *Storefront) askUnsubscribe(v *visit) error {
	r, err := s.readerWhoLeaves(v)
	if err != nil {
		return err
	}
	name, err := s.topicName(v, r)
	if err != nil {
		return err
	}
	page := ask{frame: v.frame("unsubscribe.title", r.shop), Action: s.prefix + "/unsubscribe/" + v.param("token"),
		Text: v.p.T("unsubscribe.text", "topic", name, "shop", title(r.shop), "address", masked(r.profile.Email)), Button: v.p.T("unsubscribe.button")}
	if r.test {
		page.Text = v.p.T("test.text")
	} else {
		page.Other, page.Word = s.preferencesURL(r.profile.ID, r.mailingID), v.p.T("unsubscribe.preferences")
	}
	return v.show(fiber.StatusOK, "ask", page)
}

// unsubscribe withdraws at once. The body is not read: a mailbox provider sends List-Unsubscribe=One-Click, the button
// nothing, and the token says it all (RFC 8058, section 3.1: no cookies, no redirect, any number of times).
func (s *Storefront) unsubscribe(v *visit) error {
	r, err := s.readerWhoLeaves(v)
	if errors.Is(err, store.ErrNotFound) { // erased: there is nobody left to mail
		shop, err := s.shop(v.ctx, "")
		if err != nil {
			return err
		}
		return v.say(fiber.StatusOK, "unsubscribed", "good", shop, "topic", v.p.T("unsubscribe.everything"), "shop", title(shop))
	}
	if err != nil {
		return err
	}
	name, err := s.topicName(v, r)
	if err != nil {
		return err
	}
	if r.test {
		return v.say(fiber.StatusOK, "test", "", r.shop)
	}
	if r.topic == "" {
		err = s.withdrawAll(v, r, consent.SourceUnsubscribe)
	} else {
		err = s.withdraw(v, r)
	}
	if err != nil {
		return err
	}
	return v.show(fiber.StatusOK, "message", message{frame: v.frame("unsubscribed.title", r.shop), Tone: "good",
		Text: v.p.T("unsubscribed.text", "topic", name, "shop", title(r.shop)),
		Link: s.preferencesURL(r.profile.ID, r.mailingID), Word: v.p.T("unsubscribed.preferences")})
}

func (s *Storefront) withdraw(v *visit, r reader) error {
	states, err := s.rooms.Consents.States(v.ctx, r.profile.ID)
	if err != nil {
		return err
	}
	for _, state := range states {
		if state.Topic == r.topic && state.ShopID == r.shop.ID && state.State == consent.Withdrawn {
			return nil // in force already: no lock is needed to see that
		}
	}
	e := v.entry(r, r.topic, consent.SourceUnsubscribe)
	e.State = consent.Withdrawn
	return s.rooms.People.Choose(v.ctx, r.profile.ID, []consent.Entry{e})
}
