package newsletter

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

type brandRow struct {
	bun.BaseModel `bun:"table:crm_brands"`

	ShopID        int64 `bun:",pk"`
	SenderName    string
	SenderEmail   string
	ReplyTo       string
	PostalAddress string
	LogoURL       string
	Accent        string
	UpdatedAt     time.Time
}

// Brand is a shop's brand. A shop that has set none yet has its own name as the sender's, and the address that the
// program was started with.
func (d *Desk) Brand(ctx context.Context, shopID int64) (Brand, error) {
	shop, err := d.shop(ctx, shopID)
	if err != nil {
		return Brand{}, err
	}
	var r brandRow
	err = store.NotFound(d.db.NewSelect().Model(&r).Where("shop_id = ?", shopID).Scan(ctx))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Brand{}, fmt.Errorf("reading the brand of shop %d: %w", shopID, err)
	}
	b := Brand{ShopID: shopID, SenderName: r.SenderName, SenderEmail: r.SenderEmail, ReplyTo: r.ReplyTo,
		PostalAddress: r.PostalAddress, LogoURL: r.LogoURL, Accent: r.Accent}
	if b.SenderEmail == "" {
		b.SenderEmail = string(d.cfg.DefaultFrom.Email)
		if b.SenderName == "" {
			b.SenderName = d.cfg.DefaultFrom.Name
		}
	}
	if b.SenderName == "" {
		b.SenderName = shop.Title
	}
	if b.Accent == "" {
		b.Accent = DefaultAccent
	}
	return b, nil
}

// SaveBrand keeps a shop's brand; mailings that were frozen before keep theirs. It needs [staff.ManageMail]. Errors about
// fields are [*InvalidError].
func (d *Desk) SaveBrand(ctx context.Context, b Brand) error {
	if err := may(ctx, staff.ManageMail); err != nil {
		return err
	}
	r := &brandRow{
		ShopID: b.ShopID, SenderName: contact.CleanText(b.SenderName, 120), PostalAddress: strings.Join(addressLines(b.PostalAddress), "\n"),
		LogoURL: strings.TrimSpace(b.LogoURL), Accent: strings.ToLower(strings.TrimSpace(b.Accent)), UpdatedAt: d.now(),
	}
	for _, f := range []struct {
		name, value string
		to          *string
	}{{"sender_email", b.SenderEmail, &r.SenderEmail}, {"reply_to", b.ReplyTo, &r.ReplyTo}} {
		if strings.TrimSpace(f.value) == "" {
			continue
		}
		address, err := contact.ParseEmail(f.value)
		if err != nil {
			return invalid(f.name, "newsletter.problem.address", "value", clipTo(f.value, 60))
		}
		*f.to = string(address)
	}
	if err := checkText("postal_address", "postal_address", r.PostalAddress, 500); err != nil {
		return err
	}
	if u, err := url.Parse(r.LogoURL); r.LogoURL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(r.LogoURL) > 768) {
		return invalid("logo_url", "newsletter.problem.logo", "value", clipTo(r.LogoURL, 60))
	}
	if r.Accent != "" && !colour.MatchString(r.Accent) {
		return invalid("accent", "newsletter.problem.accent", "value", clipTo(r.Accent, 20))
	}
	return store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(r).
			On(`DUPLICATE KEY UPDATE sender_name = VALUES(sender_name), sender_email = VALUES(sender_email), reply_to = VALUES(reply_to),
				postal_address = VALUES(postal_address), logo_url = VALUES(logo_url), accent = VALUES(accent), updated_at = VALUES(updated_at)`).
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("keeping the brand of shop %d: %w", b.ShopID, err)
		}
		return staff.Record(ctx, tx, "brand.save", "shop", b.ShopID, nil)
	})
}
