package newsletter

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// Report is how a newsletter was delivered and who left because of it. What it brought in clicks and orders is
// attribution's to say.
type Report struct {
	Newsletter   Newsletter
	Delivery     delivery.Progress
	Unsubscribed int64 // people who withdrew a consent through one of its links
}

// Gone is how many messages the mail server has taken.
func (r Report) Gone() int64 { return r.Delivery.States[delivery.Sent] }

// Report adds up a newsletter that is being sent or has been. One that never was is [ErrState]. It needs [staff.SeeSales].
func (d *Desk) Report(ctx context.Context, id int64) (Report, error) {
	n, err := d.Get(ctx, id)
	if err != nil {
		return Report{}, err
	}
	if n.MailingID == 0 {
		return Report{}, fmt.Errorf("newsletter %d is %s: %w", id, n.State, ErrState)
	}
	r := Report{Newsletter: n}
	if r.Delivery, err = d.rooms.Post.Progress(ctx, n.MailingID); err != nil {
		return Report{}, err
	}
	err = d.db.NewRaw("SELECT COUNT(DISTINCT profile_id) FROM crm_consents WHERE mailing_id = ? AND state = ?", n.MailingID, consent.Withdrawn).
		Scan(ctx, &r.Unsubscribed)
	if err != nil {
		return Report{}, fmt.Errorf("counting who left newsletter %d: %w", id, err)
	}
	return r, nil
}

// Sums is how many people several mailings were for, and how many messages went out, with one query for all.
func (d *Desk) Sums(ctx context.Context, mailingIDs []int64) (map[int64]Sum, error) {
	if err := may(ctx, seeing); err != nil {
		return nil, err
	}
	sums := make(map[int64]Sum, len(mailingIDs))
	if len(mailingIDs) == 0 {
		return sums, nil
	}
	var rows []struct {
		MailingID int64
		State     delivery.State
		N         int64
	}
	err := d.db.NewRaw("SELECT mailing_id, state, COUNT(*) AS n FROM crm_deliveries WHERE mailing_id IN (?) GROUP BY mailing_id, state", bun.List(mailingIDs)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("adding up mailings: %w", err)
	}
	for _, r := range rows {
		s := sums[r.MailingID]
		switch r.State {
		case delivery.Sent:
			s.Sent += r.N
		case delivery.Skipped:
			s.Skipped += r.N
		case delivery.Bounced, delivery.Uncertain:
			s.Failed += r.N
		default:
			s.Open += r.N
		}
		sums[r.MailingID] = s
	}
	return sums, nil
}

// Sum is a mailing in short.
type Sum struct {
	Sent    int64
	Open    int64 // still to go out
	Skipped int64
	Failed  int64 // bounced or uncertain
}

// Recipient is one person of a mailing, as lists show them.
type Recipient struct {
	delivery.Delivery
	Name contact.Name // empty: not known, or erased since
}

// Recipients lists the people of a newsletter that was sent, by profile id, with what became of their message and why.
// It needs [staff.SeePeople].
func (d *Desk) Recipients(ctx context.Context, id int64, filter delivery.Filter, after string, limit int) (page []Recipient, next string, err error) {
	if err := may(ctx, staff.SeePeople); err != nil {
		return nil, "", err
	}
	n, err := d.get(ctx, d.db, id)
	if err != nil {
		return nil, "", err
	}
	if n.MailingID == 0 {
		return nil, "", fmt.Errorf("newsletter %d is %s: %w", id, n.State, ErrState)
	}
	rows, next, err := d.rooms.Post.Recipients(ctx, n.MailingID, filter, after, limit)
	if err != nil || len(rows) == 0 {
		return nil, next, err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ProfileID
	}
	people, err := d.people(ctx, ids)
	if err != nil {
		return nil, "", err
	}
	for _, r := range rows {
		page = append(page, Recipient{Delivery: r, Name: people[r.ProfileID].name})
	}
	return page, next, nil
}

// Examples is a few people of the newsletter's audience, to preview it as: always the same for the same audience. It is
// empty when no audience is chosen. It needs [staff.SeePeople].
func (d *Desk) Examples(ctx context.Context, n Newsletter, count int) ([]segment.Person, error) {
	if err := may(ctx, staff.SeePeople); err != nil {
		return nil, err
	}
	tree, err := d.tree(ctx, n)
	if errors.Is(err, errNoAudience) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return d.rooms.Segments.Sample(ctx, tree, n.ShopID, count, n.ID)
}

// Import keeps a newsletter file as a draft of a shop. Products given by SKU are looked up; one that is not there is an
// [*InvalidError] that names its block.
func (d *Desk) Import(ctx context.Context, shopID int64, f File) (Newsletter, error) {
	n := f.Newsletter(shopID)
	n.Blocks = append([]Block(nil), f.Blocks...)
	for i := range n.Blocks {
		b := &n.Blocks[i]
		if b.SKU == "" {
			continue
		}
		var ids []int64
		err := d.db.NewRaw("SELECT id FROM crm_products WHERE shop_id = ? AND sku = ? AND deleted_at IS NULL ORDER BY id LIMIT 1", shopID, b.SKU).Scan(ctx, &ids)
		if err != nil {
			return Newsletter{}, fmt.Errorf("looking for a product: %w", err)
		}
		if len(ids) == 0 {
			e := invalid(blockPath(i, "sku"), "newsletter.problem.sku", "sku", b.SKU)
			e.Block = i + 1
			return Newsletter{}, e
		}
		b.ProductID, b.SKU = ids[0], ""
	}
	return d.Create(ctx, n)
}

// Products gives those that the blocks show, by id, for editors.
func (d *Desk) Products(ctx context.Context, blocks []Block) (map[int64]catalog.Product, error) {
	var ids []int64
	for _, b := range blocks {
		if b.ProductID != 0 {
			ids = append(ids, b.ProductID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return d.rooms.Catalog.Products(ctx, ids)
}
