package storefront

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/newsletter"
)

// formPage is the sign-up form, empty or with what was wrong in it.
type formPage struct {
	frame
	Action    string
	ShopName  string
	Email     string
	FirstName string
	LastName  string
	Topics    []topicChoice
	Errors    map[string]string // by field
}

type topicChoice struct {
	Topic, Name, Description string
	On                       bool
}

// answer is what the embedded form gets.
type answer struct {
	OK      bool              `json:"ok"`
	Title   string            `json:"title"`
	Message string            `json:"message"`
	Errors  map[string]string `json:"errors,omitempty"`
}

func (v *visit) formPage(shop intake.Shop) (formPage, error) {
	f := formPage{frame: v.frame("form.title", shop), Action: v.s.prefix + "/subscribe", ShopName: shop.Name, Errors: map[string]string{}}
	topics, err := v.s.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return f, err
	}
	for _, t := range topics {
		f.Topics = append(f.Topics, topicChoice{Topic: t.Topic, Name: t.Name, Description: t.Description, On: len(topics) == 1 || t.Topic == consent.DefaultTopic})
	}
	return f, nil
}

func (s *Storefront) form(v *visit) error {
	v.framed()
	shop, err := s.shop(v.ctx, v.query("shop"))
	if err != nil {
		return err
	}
	page, err := v.formPage(shop)
	if err != nil {
		return err
	}
	return v.show(fiber.StatusOK, "form", page)
}

// subscribe takes the form. Whatever is known of an address, the answer is the same: the next step is in the mailbox.
func (s *Storefront) subscribe(v *visit) error {
	v.framed()
	v.c.Set(fiber.HeaderAccessControlAllowOrigin, "*") // no cookie is read, and nothing is told
	v.c.Vary(fiber.HeaderAccept)
	if !v.isForm() {
		return errNoForm
	}
	v.speak(v.field("lang"))
	if !s.asking.allow(v.ip) {
		return errTooMany
	}
	shop, err := s.shop(v.ctx, v.field("shop"))
	if err != nil {
		return err
	}
	if v.field("website") != "" { // people do not see this field; programs fill it in
		return v.asked(shop)
	}
	page, err := v.formPage(shop)
	if err != nil {
		return err
	}
	page.FirstName, page.LastName = contact.CleanText(v.field("first_name"), 120), contact.CleanText(v.field("last_name"), 120)
	page.Email = contact.CleanText(v.field("email"), 254)
	email, err := contact.ParseEmail(v.field("email"))
	var invalid *contact.InvalidError
	if errors.As(err, &invalid) {
		page.Errors["email"] = v.p.T("form." + invalid.Key)
	} else if err != nil {
		return err
	}
	wanted := v.fields("topic")
	if len(wanted) == 0 {
		wanted = []string{consent.DefaultTopic}
	}
	for i := range page.Topics {
		page.Topics[i].On = slices.Contains(wanted, page.Topics[i].Topic)
	}
	for _, t := range wanted {
		if !slices.ContainsFunc(page.Topics, func(known topicChoice) bool { return known.Topic == t }) {
			page.Errors["topic"] = v.p.T("form.topic.unknown")
		}
	}
	if len(page.Errors) > 0 {
		if v.wantsJSON() {
			return v.c.Status(fiber.StatusUnprocessableEntity).JSON(answer{Title: v.p.T("form.errors"), Errors: page.Errors})
		}
		return v.show(fiber.StatusUnprocessableEntity, "form", page)
	}

	var names []string
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	for _, t := range page.Topics {
		if t.On {
			names = append(names, t.Name)
		}
	}
	ticket, err := s.rooms.Consents.RequestOptIn(v.ctx, consent.OptIn{ShopID: shop.ID, Email: email, Name: contact.Name{First: page.FirstName, Last: page.LastName},
		Topics: wanted, Language: v.p.Lang(), Wording: v.wording(shop, names), IP: v.ip, UserAgent: v.agent})
	if err != nil {
		return err
	}
	if ticket.ShouldMail {
		_, err := s.rooms.Jobs.Enqueue(v.ctx, s.rooms.DB, ConfirmJob, confirmation{OptIn: ticket.ID, Round: ticket.Round}, job.Options{})
		if err != nil {
			return err
		}
	}
	return v.asked(shop)
}

// wording is what a consent is given to: the topics that were chosen, and the sentence beside them.
func (v *visit) wording(shop intake.Shop, topics []string) string {
	return strings.Join(topics, ", ") + ": " + v.p.T("form.consent", "shop", title(shop))
}

func (v *visit) asked(shop intake.Shop) error {
	if v.wantsJSON() {
		return v.c.JSON(answer{OK: true, Title: v.p.T("asked.title"), Message: v.p.T("asked.text")})
	}
	return v.say(fiber.StatusOK, "asked", "good", shop)
}

// ask is a page with one button, because programs that look through mail open every address but press none.
type ask struct {
	frame
	Action string
	Text   string
	Button string
	Other  string // address of a quieter way
	Word   string // of that way
}

func (s *Storefront) askConfirm(v *visit) error {
	o, err := s.optIn(v)
	if err != nil {
		return err
	}
	shop, err := s.shopByID(v.ctx, o.ShopID)
	if err != nil {
		return err
	}
	return v.show(fiber.StatusOK, "ask", ask{frame: v.frame("confirm.title", shop), Action: s.prefix + "/confirm/" + v.param("token"),
		Text: v.p.T("confirm.text", "shop", title(shop), "address", o.Email.Unicode()), Button: v.p.T("confirm.button")})
}

// optIn gives the request a confirming link is for.
func (s *Storefront) optIn(v *visit) (consent.OptIn, error) {
	values, err := v.verify(purposeConfirm, 2)
	if err != nil {
		return consent.OptIn{}, err
	}
	o, err := s.rooms.Consents.OptIn(v.ctx, values[0])
	if err != nil {
		return o, err
	}
	v.speak(v.query("lang"), v.field("lang"), o.Language)
	if o.Round != values[1] {
		return o, consent.ErrOptInReplaced
	}
	return o, nil
}

func (s *Storefront) confirm(v *visit) error {
	o, err := s.optIn(v)
	if err != nil {
		return err
	}
	shop, err := s.shopByID(v.ctx, o.ShopID)
	if err != nil {
		return err
	}
	profile, _, _, err := s.rooms.People.Confirm(v.ctx, o.ID, o.Round, v.ip, v.agent)
	if err != nil {
		return err
	}
	page := message{frame: v.frame("confirmed.title", shop), Text: v.p.T("confirmed.text", "shop", title(shop)), Tone: "good"}
	if profile.ID != 0 {
		page.Link, page.Word = s.preferencesURL(profile.ID, 0), v.p.T("confirmed.preferences")
	}
	return v.show(fiber.StatusOK, "message", page)
}

// preferencesURL is the path of a person's preference page; it holds for a day, for it is not from a mail.
func (s *Storefront) preferencesURL(profileID, mailingID int64) string {
	return s.prefix + "/preferences/" + s.signer.Sign(newsletter.PurposePreferences, s.cfg.Clock().Add(day), profileID, mailingID)
}
