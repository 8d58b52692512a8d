package customer

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/staff"
)

// Preview is what a regrouping would move. Nothing has happened yet.
type Preview struct {
	From, To   Profile    // To is zero where a profile of its own would be made
	Identities []Identity // that move
	Orders     int64      // that count as revenue
	Attempts   int64      // other orders: cancelled, failed, pending, deleted
	Net        []money.Money
	Mails      int64
	Notes      int64
	Consents   []consent.Outcome // of a merge: what both said, and what then holds
	Suppressed map[contact.Email]string
}

// PreviewMerge tells what [Registry.Merge] would do. It needs staff.SeePeople and fails as Merge does.
func (r *Registry) PreviewMerge(ctx context.Context, from, into int64) (Preview, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return Preview{}, err
	}
	var p Preview
	for id, at := range map[int64]*Profile{from: &p.From, into: &p.To} {
		row, err := r.follow(ctx, r.db, id, false)
		if err != nil {
			return Preview{}, err
		}
		if row.ID != id && (row.ID == from || row.ID == into) || from == into {
			return Preview{}, ErrSamePerson
		}
		if row.ID != id {
			return Preview{}, &MovedError{ID: id, Into: row.ID}
		}
		*at = row.profile()
	}
	rows, err := r.identityRows(ctx, r.db, from)
	if err != nil {
		return Preview{}, err
	}
	if p.Consents, err = r.consents.Outcomes(ctx, from, into); err != nil {
		return Preview{}, err
	}
	if err := r.previewIdentities(ctx, &p, rows); err != nil {
		return Preview{}, err
	}
	err = r.db.NewRaw(`SELECT (SELECT COUNT(*) FROM crm_notes WHERE profile_id = ?) AS notes, (SELECT COUNT(*) FROM crm_deliveries d
			JOIN (SELECT ? AS id UNION ALL SELECT id FROM crm_profiles WHERE merged_into = ?) who ON who.id = d.profile_id WHERE d.state = 'sent') AS mails`,
		from, from, from).Scan(ctx, &p.Notes, &p.Mails)
	if err != nil {
		return Preview{}, fmt.Errorf("counting what would move: %w", err)
	}
	return p, nil
}

// PreviewUnlink tells what [Registry.Unlink] would do. It needs staff.SeePeople and fails as Unlink does.
func (r *Registry) PreviewUnlink(ctx context.Context, identityID int64) (Preview, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return Preview{}, err
	}
	owner, ids, err := r.linkToCut(ctx, r.db, identityID)
	if err != nil {
		return Preview{}, err
	}
	return r.previewMove(ctx, owner, 0, ids)
}

// PreviewUndo tells what [Registry.Undo] would do. It needs staff.SeePeople and fails as Undo does.
func (r *Registry) PreviewUndo(ctx context.Context, regroupingID int64) (Preview, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return Preview{}, err
	}
	done, err := r.regrouping(ctx, r.db, regroupingID, false)
	if err != nil {
		return Preview{}, err
	}
	if !done.UndoneAt.IsZero() {
		return Preview{}, ErrUndone
	}
	from, to, err := r.wayBack(ctx, r.db, done)
	if err != nil {
		return Preview{}, err
	}
	way, err := r.wayOf(ctx, r.db, done, from)
	if err != nil {
		return Preview{}, err
	}
	ids, err := r.stillThere(ctx, r.db, done, way, from)
	if err != nil {
		return Preview{}, err
	}
	if len(ids) == 0 {
		return Preview{}, ErrNothingLeft
	}
	p, err := r.previewMove(ctx, from, to, ids)
	if err != nil || done.Kind != Merging || len(done.Moved.Notes) == 0 {
		return p, err
	}
	err = r.db.NewRaw("SELECT COUNT(*) FROM crm_notes WHERE id IN (?) AND profile_id = ?", bun.List(done.Moved.Notes), from).Scan(ctx, &p.Notes)
	if err != nil {
		return Preview{}, fmt.Errorf("counting the notes that would return: %w", err)
	}
	return p, nil
}

// previewMove tells what goes with some identities of a profile; to may be a profile that lies merged.
func (r *Registry) previewMove(ctx context.Context, from, to int64, ids []int64) (Preview, error) {
	var p Preview
	var profiles []profileRow
	err := r.db.NewSelect().Model(&profiles).Column(profileColumns...).Where("id IN (?)", bun.List([]int64{from, to})).Scan(ctx)
	if err != nil {
		return Preview{}, fmt.Errorf("reading profiles: %w", err)
	}
	for _, row := range profiles {
		if row.ID == from {
			p.From = row.profile()
		} else {
			p.To = row.profile()
		}
	}
	rows, err := r.identityRows(ctx, r.db, from)
	if err != nil {
		return Preview{}, err
	}
	rows = slices.DeleteFunc(rows, func(i identityRow) bool { return !slices.Contains(ids, i.ID) })
	return p, r.previewIdentities(ctx, &p, rows)
}

// previewIdentities fills in the identities and what follows them.
func (r *Registry) previewIdentities(ctx context.Context, p *Preview, rows []identityRow) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]int64, len(rows))
	var emails []contact.Email
	for i, row := range rows {
		ids[i] = row.ID
		p.Identities = append(p.Identities, row.identity())
		if row.Kind == KindEmail {
			emails = append(emails, contact.Email(row.Value))
		}
	}
	var sums []struct {
		Currency     string
		Counted, All int64
		Net          string
	}
	const counts = "status IN (?) AND deleted_at IS NULL"
	counting := bun.List(purchase.Counting)
	err := r.db.NewRaw("SELECT currency, COUNT(*) AS `all`, SUM("+counts+") AS counted, SUM(IF("+counts+", total - refunded, 0)) AS net FROM crm_orders WHERE identity_id IN (?) GROUP BY currency ORDER BY currency",
		counting, counting, bun.List(ids)).Scan(ctx, &sums)
	if err != nil {
		return fmt.Errorf("adding up the orders that would move: %w", err)
	}
	for _, s := range sums {
		p.Orders, p.Attempts = p.Orders+s.Counted, p.Attempts+s.All-s.Counted
		net, err := money.Parse(s.Net, s.Currency)
		if err != nil {
			return err
		}
		if s.Counted > 0 {
			p.Net = append(p.Net, net)
		}
	}
	p.Suppressed, err = r.consents.Suppressed(ctx, emails)
	return err
}
