package storefront

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"time"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/store"
)

// ConfirmJob is the kind of background job that mails a link to confirm a subscription.
const ConfirmJob = "storefront.confirm"

const (
	purposeConfirm = "confirm" // values: opt-in, round
	day            = 24 * time.Hour
	confirmTime    = 14 * day
)

// confirmation is the job's payload.
type confirmation struct {
	OptIn int64 `json:"opt_in"`
	Round int64 `json:"round"`
}

var confirmMail = template.Must(template.ParseFS(files, "templates/confirm_mail.html"))

// mailConfirmation sends the mail that asks to confirm. Nothing that a visitor typed stands in it, not even a name: else
// anybody could have their words sent to anybody.
func (s *Storefront) mailConfirmation(ctx context.Context, run *job.Run) error {
	var c confirmation
	if err := run.Payload(&c); err != nil {
		return err
	}
	o, err := s.rooms.Consents.OptIn(ctx, c.OptIn)
	if errors.Is(err, store.ErrNotFound) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	if o.Round != c.Round || !o.ConfirmedAt.IsZero() {
		return nil
	}
	shop, err := s.shopByID(ctx, o.ShopID)
	if err != nil {
		return err
	}
	brand, err := s.rooms.Letters.Brand(ctx, o.ShopID)
	if err != nil {
		return err
	}
	if brand.SenderEmail == "" {
		return job.Permanent(fmt.Errorf("shop %s has no sender address: set one under Settings, or KUPEC_MAIL_FROM", shop.Name))
	}
	name := brand.SenderName
	if name == "" {
		name = title(shop)
	}
	p := s.catalogue.Printer(o.Language, nil)
	link := s.cfg.BaseURL + "/s/confirm/" + s.signer.Sign(purposeConfirm, s.cfg.Clock().Add(confirmTime), o.ID, o.Round)
	var html bytes.Buffer
	err = confirmMail.Execute(&html, map[string]string{"Lang": p.Lang(), "Subject": p.T("mail.subject", "shop", name), "Text": p.T("mail.text", "shop", name),
		"Button": p.T("mail.button"), "Ignore": p.T("mail.ignore"), "Link": link, "Address": brand.PostalAddress, "Accent": brand.Accent})
	if err != nil {
		return fmt.Errorf("writing a mail to confirm: %w", err)
	}
	m := delivery.Message{
		From: delivery.Mailbox{Name: name, Email: contact.Email(brand.SenderEmail)}, ReplyTo: delivery.Mailbox{Email: contact.Email(brand.ReplyTo)}, To: o.Email,
		Subject: p.T("mail.subject", "shop", name), HTML: html.String(),
		Text:    p.T("mail.text", "shop", name) + "\n\n" + link + "\n\n" + p.T("mail.ignore") + "\n\n" + brand.PostalAddress + "\n",
		Headers: map[string]string{"Auto-Submitted": "auto-generated"}, // RFC 3834: out-of-office programs keep still
	}
	err = s.rooms.Mailer.SendNow(ctx, m)
	var refused *delivery.RefusedError
	if errors.As(err, &refused) && !refused.Temporary() {
		return job.Permanent(err)
	}
	return err
}
