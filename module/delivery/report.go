package delivery

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// Progress is how far a mailing is.
type Progress struct {
	Mailing Mailing // without its content
	Total   int64
	States  map[State]int64
	Skipped map[string]int64 // by reason
	Bounced map[string]int64 // by reason
	Trouble string           // why this process cannot send at the moment; see [Post.Trouble]
}

// Open counts the deliveries that may still go out.
func (p Progress) Open() int64 {
	return p.States[Queued] + p.States[Leased] + p.States[Sending] + p.States[Deferred]
}

// Progress counts a mailing's deliveries from an index. It fails with store.ErrNotFound.
func (p *Post) Progress(ctx context.Context, id int64) (Progress, error) {
	var row mailingRow
	err := p.db.NewSelect().Model(&row).ExcludeColumn("content").Where("id = ?", id).Scan(ctx)
	if err != nil {
		return Progress{}, fmt.Errorf("reading mailing %d: %w", id, store.NotFound(err))
	}
	var counts []struct {
		State  State
		Reason string
		N      int64
	}
	err = p.db.NewRaw("SELECT state, reason, COUNT(*) AS n FROM crm_deliveries WHERE mailing_id = ? GROUP BY state, reason", id).Scan(ctx, &counts)
	if err != nil {
		return Progress{}, fmt.Errorf("counting the deliveries of mailing %d: %w", id, err)
	}
	got := Progress{Mailing: row.mailing(), States: map[State]int64{}, Skipped: map[string]int64{}, Bounced: map[string]int64{}}
	for _, c := range counts {
		got.Total += c.N
		got.States[c.State] += c.N
		switch c.State {
		case Skipped:
			got.Skipped[c.Reason] += c.N
		case Bounced:
			got.Bounced[c.Reason] += c.N
		}
	}
	if row.State == string(MailingRunning) {
		got.Trouble = p.Trouble()
	}
	return got, nil
}

// Delivery is one message to one profile.
type Delivery struct {
	MailingID     int64
	ProfileID     int64
	Email         contact.Email // empty: the profile had none
	State         State
	Reason        string
	Detail        string // in plain English, or the server's own words; may be empty
	Attempts      int
	NextAttemptAt time.Time // of a deferred one
	SettledAt     time.Time // when it came to its final state; zero before
}

type deliveryRow struct {
	bun.BaseModel `bun:"table:crm_deliveries"`

	MailingID     int64
	ProfileID     int64
	Email         string
	State         string
	Reason        string
	Detail        string
	Attempts      int
	NextAttemptAt sql.NullTime
	SettledAt     sql.NullTime
}

func (r deliveryRow) delivery() Delivery {
	return Delivery{
		MailingID: r.MailingID, ProfileID: r.ProfileID, Email: contact.Email(r.Email), State: State(r.State), Reason: r.Reason,
		Detail: r.Detail, Attempts: r.Attempts, NextAttemptAt: r.NextAttemptAt.Time, SettledAt: r.SettledAt.Time,
	}
}

// Filter narrows a list of recipients. Its zero value gives all.
type Filter struct {
	State  State
	Reason string // only with State
}

// Recipients lists a mailing's deliveries by profile id; with a state given, by reason first. after is the cursor of the
// page before, empty for the first; next is empty on the last page.
func (p *Post) Recipients(ctx context.Context, mailingID int64, filter Filter, after string, limit int) (page []Delivery, next string, err error) {
	if limit <= 0 || limit > store.PageMax {
		limit = store.PageMax
	}
	var rows []deliveryRow
	order := store.Keyset{{Column: "profile_id"}}
	q := p.db.NewSelect().Model(&rows).Where("mailing_id = ?", mailingID).Limit(int64(limit))
	if filter.State != "" {
		q = q.Where("state = ?", filter.State)
		order = store.Keyset{{Column: "reason"}, {Column: "profile_id"}}
		if filter.Reason != "" {
			q = q.Where("reason = ?", filter.Reason)
		}
	}
	if after != "" {
		place, err := order.Decode(after)
		if err != nil {
			return nil, "", err
		}
		q = place.After(q)
	}
	if err := order.Order(q).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("listing the recipients of mailing %d: %w", mailingID, err)
	}
	for _, r := range rows {
		page = append(page, r.delivery())
	}
	if len(rows) == limit {
		last := rows[len(rows)-1]
		if filter.State != "" {
			next = order.Encode(last.Reason, last.ProfileID)
		} else {
			next = order.Encode(last.ProfileID)
		}
	}
	return page, next, nil
}

// Of gives one delivery, or store.ErrNotFound.
func (p *Post) Of(ctx context.Context, mailingID, profileID int64) (Delivery, error) {
	var row deliveryRow
	err := p.db.NewSelect().Model(&row).Where("mailing_id = ? AND profile_id = ?", mailingID, profileID).Scan(ctx)
	if err != nil {
		return Delivery{}, fmt.Errorf("reading a delivery of mailing %d: %w", mailingID, store.NotFound(err))
	}
	return row.delivery(), nil
}
