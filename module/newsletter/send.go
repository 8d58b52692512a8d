package newsletter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Send checks a newsletter, freezes its audience and content, and lets it go out. It needs [staff.SendNewsletters]. With
// problems of severity [Blocking] it is a [*NotReadyError] and nothing is done. However often and in how many places at
// once it is called, a newsletter is sent once: the others get [ErrState].
func (d *Desk) Send(ctx context.Context, id int64) (Newsletter, error) {
	if err := may(ctx, sending); err != nil {
		return Newsletter{}, err
	}
	n, err := d.ready(ctx, id)
	if err != nil {
		return Newsletter{}, err
	}
	var mailing delivery.Mailing
	err = store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		// The condition is the lock: of two who press the button the second finds no row.
		res, err := tx.ExecContext(ctx, `UPDATE crm_newsletters SET state = ?, send_at = NULL, updated_at = ?, version = version + 1
			WHERE id = ? AND version = ? AND state IN (?, ?)`, Sending, d.now(), id, n.Version, Draft, Scheduled)
		if err != nil {
			return fmt.Errorf("sending newsletter %d: %w", id, err)
		}
		if changed, err := res.RowsAffected(); err != nil {
			return err
		} else if changed == 0 {
			return d.whyNot(ctx, tx, id, n.Version, Draft, Scheduled)
		}
		if mailing, err = d.freeze(ctx, tx, n); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE crm_newsletters SET mailing_id = ? WHERE id = ?", mailing.ID, id); err != nil {
			return fmt.Errorf("sending newsletter %d: %w", id, err)
		}
		return staff.Record(ctx, tx, "newsletter.send", "newsletter", id, map[string]any{"name": n.Name, "mailing": mailing.ID})
	})
	if err != nil {
		return Newsletter{}, err
	}
	if err := d.start(ctx, mailing.ID); err != nil {
		return Newsletter{}, err
	}
	return d.get(ctx, d.db, id)
}

// ready gives a newsletter that may be sent, or says why it may not.
func (d *Desk) ready(ctx context.Context, id int64) (Newsletter, error) {
	n, err := d.get(ctx, d.db, id)
	if err != nil {
		return n, err
	}
	if n.State != Draft && n.State != Scheduled {
		return n, fmt.Errorf("newsletter %d is %s: %w", id, n.State, ErrState)
	}
	problems, err := d.Check(ctx, n)
	if err != nil {
		return n, err
	}
	if Blocked(problems) {
		return n, &NotReadyError{Problems: problems}
	}
	return n, nil
}

func (d *Desk) freeze(ctx context.Context, tx bun.IDB, n Newsletter) (delivery.Mailing, error) {
	in, err := d.content(ctx, n)
	if err != nil {
		return delivery.Mailing{}, err
	}
	raw, err := json.Marshal(in)
	if err != nil {
		return delivery.Mailing{}, fmt.Errorf("freezing newsletter %d: %w", n.ID, err)
	}
	query, err := d.audience(ctx, n)
	if err != nil {
		return delivery.Mailing{}, err
	}
	return d.rooms.Post.Freeze(ctx, tx, delivery.NewMailing{
		Kind: MailingKind, RefID: n.ID, ShopID: n.ShopID, Topic: n.Topic, Title: n.Name, Content: string(raw),
	}, delivery.Audience{SQL: query.SQL, Args: query.Args})
}

// start lets a frozen mailing run. One that somebody has started or cancelled since is left as it is.
func (d *Desk) start(ctx context.Context, mailingID int64) error {
	err := d.rooms.Post.StartMailing(ctx, mailingID)
	var state *delivery.StateError
	if errors.As(err, &state) {
		return nil
	}
	return err
}

// Schedule lets a newsletter go out by itself at a time to come. What would stop it from being sent now stops this too,
// and it is all checked again at that time. It needs [staff.SendNewsletters].
func (d *Desk) Schedule(ctx context.Context, id int64, at time.Time) (Newsletter, error) {
	if err := may(ctx, sending); err != nil {
		return Newsletter{}, err
	}
	if !at.After(d.now()) {
		return Newsletter{}, invalid("send_at", "newsletter.problem.past")
	}
	n, err := d.ready(ctx, id)
	if err != nil {
		return Newsletter{}, err
	}
	at = at.UTC().Truncate(time.Second)
	return d.turn(ctx, n, "newsletter.schedule", map[string]any{"name": n.Name, "at": at}, Scheduled, &at, Draft, Scheduled)
}

// Unschedule makes a scheduled newsletter a draft again.
func (d *Desk) Unschedule(ctx context.Context, id int64) (Newsletter, error) {
	if err := may(ctx, sending); err != nil {
		return Newsletter{}, err
	}
	n, err := d.get(ctx, d.db, id)
	if err != nil {
		return n, err
	}
	return d.turn(ctx, n, "newsletter.unschedule", map[string]any{"name": n.Name}, Draft, nil, Scheduled)
}

// turn changes the state of a newsletter that has no mailing yet.
func (d *Desk) turn(ctx context.Context, n Newsletter, action string, detail any, to State, at *time.Time, from ...State) (Newsletter, error) {
	err := store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewUpdate().Table("crm_newsletters").Set("state = ?", string(to)).Set("send_at = ?", at).Set("updated_at = ?", d.now()).
			Set("version = version + 1").Where("id = ?", n.ID).Where("version = ?", n.Version).Where("state IN (?)", bun.List(from)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("turning newsletter %d to %s: %w", n.ID, to, err)
		}
		if changed, err := res.RowsAffected(); err != nil {
			return err
		} else if changed == 0 {
			return d.whyNot(ctx, tx, n.ID, n.Version, from...)
		}
		return staff.Record(ctx, tx, action, "newsletter", n.ID, detail)
	})
	if err != nil {
		return Newsletter{}, err
	}
	return d.get(ctx, d.db, n.ID)
}

// Pause holds back what has not gone out yet.
func (d *Desk) Pause(ctx context.Context, id int64) error {
	return d.steer(ctx, id, "newsletter.pause", d.rooms.Post.Pause)
}

// Resume goes on after a pause, also one that delivery made by itself.
func (d *Desk) Resume(ctx context.Context, id int64) error {
	return d.steer(ctx, id, "newsletter.resume", d.rooms.Post.Resume)
}

// Cancel ends the sending for good. What has gone out cannot be called back.
func (d *Desk) Cancel(ctx context.Context, id int64) error {
	return d.steer(ctx, id, "newsletter.cancel", d.rooms.Post.Cancel)
}

func (d *Desk) steer(ctx context.Context, id int64, action string, act func(context.Context, int64) error) error {
	if err := may(ctx, sending); err != nil {
		return err
	}
	n, err := d.get(ctx, d.db, id)
	if err != nil {
		return err
	}
	if n.MailingID == 0 {
		return fmt.Errorf("newsletter %d is %s: %w", id, n.State, ErrState)
	}
	err = act(ctx, n.MailingID)
	var state *delivery.StateError
	if errors.As(err, &state) {
		return fmt.Errorf("newsletter %d: %w: %w", id, ErrState, err)
	}
	if err != nil {
		return err
	}
	return staff.Record(ctx, d.db, action, "newsletter", id, map[string]any{"name": n.Name})
}

// DueTick sends the scheduled newsletters whose time has come, and lets those run whose sending was interrupted between
// freezing and starting. One that cannot go out any more becomes a draft again; the audit log and the log say why. It
// may be called in several processes at once.
func (d *Desk) DueTick(ctx context.Context) error {
	ctx = staff.WithSystem(ctx, "schedule")
	var due []int64
	err := d.db.NewRaw("SELECT id FROM crm_newsletters WHERE state = ? AND send_at <= ? ORDER BY send_at, id LIMIT 20", Scheduled, d.now()).Scan(ctx, &due)
	if err != nil {
		return fmt.Errorf("looking for scheduled newsletters: %w", err)
	}
	var failed []error
	for _, id := range due {
		_, err := d.Send(ctx, id)
		var notReady *NotReadyError
		switch {
		case errors.As(err, &notReady):
			d.cfg.Logger.Warn("a scheduled newsletter cannot go out and is a draft again", "newsletter", id, "why", notReady.Error())
			if err := d.hold(ctx, id, notReady); err != nil {
				failed = append(failed, err)
			}
		case errors.Is(err, ErrState), errors.Is(err, ErrConflict), errors.Is(err, store.ErrNotFound): // another process was faster
		case err != nil:
			failed = append(failed, err)
		}
	}
	var frozen []int64
	err = d.db.NewRaw("SELECT id FROM crm_mailings WHERE state = ? AND kind = ? AND frozen_at < ? LIMIT 20",
		delivery.MailingFrozen, MailingKind, d.now().Add(-time.Minute)).Scan(ctx, &frozen)
	if err != nil {
		return errors.Join(append(failed, fmt.Errorf("looking for interrupted newsletters: %w", err))...)
	}
	for _, id := range frozen {
		failed = append(failed, d.start(ctx, id))
	}
	return errors.Join(failed...)
}

// hold makes a scheduled newsletter a draft again and records why.
func (d *Desk) hold(ctx context.Context, id int64, why *NotReadyError) error {
	n, err := d.get(ctx, d.db, id)
	if err != nil {
		return err
	}
	_, err = d.turn(ctx, n, "newsletter.held", map[string]any{"name": n.Name, "why": clipTo(why.Error(), 500)}, Draft, nil, Scheduled)
	if errors.Is(err, ErrState) || errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// SendTest sends the newsletter as a profile would get it (0: somebody of whom nothing is known) to one address. Its
// links work but nothing is counted, and nobody can be unsubscribed by them. It needs [staff.WriteNewsletters].
func (d *Desk) SendTest(ctx context.Context, id int64, to contact.Email, profileID int64) error {
	if err := may(ctx, writing); err != nil {
		return err
	}
	n, err := d.get(ctx, d.db, id)
	if err != nil {
		return err
	}
	in, err := d.content(ctx, n)
	if err != nil {
		return err
	}
	if in.Brand.SenderEmail == "" {
		return &NotReadyError{Problems: []Problem{{Severity: Blocking, Field: "brand", Key: "newsletter.problem.no_sender"}}}
	}
	mail, err := d.example(ctx, in, profileID)
	if err != nil {
		return err
	}
	m := in.message(mail, to, "")
	m.Subject = d.printer(n.Language).T("mail.test", "subject", mail.Subject)
	if err := d.rooms.Post.SendNow(ctx, m); err != nil {
		return fmt.Errorf("sending a test of newsletter %d: %w", id, err)
	}
	return staff.Record(ctx, d.db, "newsletter.test", "newsletter", id, map[string]any{"name": n.Name})
}
