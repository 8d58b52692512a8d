package consent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// ErrOptInReplaced says that an opt-in was asked for again since this mail was sent: the newer mail confirms it.
var ErrOptInReplaced = errors.New("a newer request replaced this one")

// Limits keep a sign-up form from being used to fill a stranger's mailbox. Zero fields take their defaults.
type Limits struct {
	Pause      time.Duration // between two mails to one address; default 10 minutes
	PerAddress int           // mails to one address in 24 hours; default 3
	PerNetwork int           // mails caused from one network (IPv4 /24, IPv6 /48) in an hour; default 30
}

func (l Limits) withDefaults() Limits {
	if l.Pause == 0 {
		l.Pause = 10 * time.Minute
	}
	if l.PerAddress == 0 {
		l.PerAddress = 3
	}
	if l.PerNetwork == 0 {
		l.PerNetwork = 30
	}
	return l
}

// OptIn is a request to subscribe, which becomes a consent once it is confirmed from the mailbox.
type OptIn struct {
	ID          int64
	ShopID      int64
	Email       contact.Email
	Name        contact.Name
	Topics      []string
	Language    string
	Wording     string
	IP          string
	UserAgent   string
	Round       int64 // counts the requests of this address; a mail confirms only its own round
	RequestedAt time.Time
	ConfirmedAt time.Time // zero: not yet
}

// OptInTicket says what to do about a request.
type OptInTicket struct {
	ID         int64
	Round      int64
	ShouldMail bool // false: a limit was reached, or the address is suppressed; the visitor is told nothing of it
}

type optInRow struct {
	bun.BaseModel `bun:"table:crm_opt_ins"`

	ID          int64 `bun:",pk,autoincrement"`
	ShopID      int64
	Email       string
	FirstName   string
	LastName    string
	Topics      string
	Language    string
	Wording     string
	IP          string `bun:"ip"`
	UserAgent   string
	Network     string
	Round       int64
	MailsSent   int
	MailedAt    *time.Time
	RequestedAt time.Time
	ConfirmedAt *time.Time
}

func (r optInRow) optIn() OptIn {
	o := OptIn{ID: r.ID, ShopID: r.ShopID, Email: contact.Email(r.Email), Name: contact.Name{First: r.FirstName, Last: r.LastName},
		Topics: strings.Fields(r.Topics), Language: r.Language, Wording: r.Wording, IP: r.IP, UserAgent: r.UserAgent, Round: r.Round, RequestedAt: r.RequestedAt}
	if r.ConfirmedAt != nil {
		o.ConfirmedAt = *r.ConfirmedAt
	}
	return o
}

var optInColumns = []string{"id", "shop_id", "email", "first_name", "last_name", "topics", "language", "wording", "ip", "user_agent",
	"network", "round", "mails_sent", "mailed_at", "requested_at", "confirmed_at"}

// RequestOptIn keeps a request to subscribe and says whether a mail should go out that asks to confirm it. There is one
// request for each address and shop; a further one takes its place, unless a mail has only just gone out: then the mail
// already in the mailbox stays good, and nothing changes.
func (l *Ledger) RequestOptIn(ctx context.Context, o OptIn) (OptInTicket, error) {
	topics := strings.Join(o.Topics, " ")
	for _, t := range o.Topics {
		if !validTopic(t) {
			return OptInTicket{}, &TopicError{Topic: t}
		}
	}
	if len(o.Topics) == 0 {
		topics = DefaultTopic
	}
	if len(topics) > 512 {
		return OptInTicket{}, fmt.Errorf("consent: %d topics at once are too many", len(o.Topics))
	}
	now := l.now()
	name := contact.CleanName(o.Name.First, o.Name.Last, 120)
	fresh := optInRow{ShopID: o.ShopID, Email: string(o.Email), FirstName: name.First, LastName: name.Last, Topics: topics,
		Language: ascii(o.Language, 16), Wording: clip(o.Wording, maxWording), IP: ascii(o.IP, maxIP),
		UserAgent: contact.CleanText(o.UserAgent, maxUserAgent), Network: Network(o.IP), Round: 0, RequestedAt: now}

	var ticket OptInTicket
	err := store.InTx(ctx, l.db, func(ctx context.Context, tx bun.Tx) error {
		first := fresh
		if _, err := tx.NewInsert().Model(&first).On("DUPLICATE KEY UPDATE email = VALUES(email)").Exec(ctx); err != nil {
			return fmt.Errorf("keeping an opt-in request: %w", err)
		}
		var row optInRow
		err := tx.NewSelect().Model(&row).Column(optInColumns...).Where("email = ? AND shop_id = ?", fresh.Email, fresh.ShopID).For("UPDATE").Scan(ctx)
		if err != nil {
			return fmt.Errorf("reading an opt-in request: %w", err)
		}
		ticket = OptInTicket{ID: row.ID, Round: row.Round}
		if row.MailedAt != nil && now.Sub(*row.MailedAt) >= 24*time.Hour {
			row.MailsSent = 0
		}
		may, err := l.mayMail(ctx, tx, row, fresh, now)
		if err != nil || !may {
			return err
		}
		next := fresh
		next.ID, next.Round, next.MailsSent, next.MailedAt = row.ID, row.Round+1, row.MailsSent+1, &now
		_, err = tx.NewUpdate().Model(&next).
			Column("first_name", "last_name", "topics", "language", "wording", "ip", "user_agent", "network", "round", "mails_sent", "mailed_at", "requested_at", "confirmed_at").
			WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("renewing an opt-in request: %w", err)
		}
		ticket = OptInTicket{ID: row.ID, Round: next.Round, ShouldMail: true}
		return nil
	})
	return ticket, err
}

func (l *Ledger) mayMail(ctx context.Context, tx bun.IDB, row, fresh optInRow, now time.Time) (bool, error) {
	if row.MailedAt != nil && now.Sub(*row.MailedAt) < l.limits.Pause || row.MailsSent >= l.limits.PerAddress {
		return false, nil
	}
	reasons, err := suppressed(ctx, tx, []contact.Email{contact.Email(fresh.Email)})
	if err != nil {
		return false, err
	}
	// Whoever was forgotten at their own wish may come back at their own wish.
	if reason, ok := reasons[contact.Email(fresh.Email)]; ok && reason != SuppressErased {
		return false, nil
	}
	if fresh.Network == "" {
		return true, nil
	}
	var n int
	err = tx.NewRaw("SELECT COUNT(*) FROM crm_opt_ins WHERE network = ? AND mailed_at > ?", fresh.Network, now.Add(-time.Hour)).Scan(ctx, &n)
	if err != nil {
		return false, fmt.Errorf("counting opt-in mails of a network: %w", err)
	}
	return n < l.limits.PerNetwork, nil
}

// Network is the part of an internet address that one household or company shares, by which requests are limited: /24 of
// IPv4, /48 of IPv6. It is empty for what is not an address.
func Network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ""
	}
	addr = addr.Unmap().WithZone("")
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// OptIn gives a request by its id, or store.ErrNotFound.
func (l *Ledger) OptIn(ctx context.Context, id int64) (OptIn, error) {
	var row optInRow
	if err := l.db.NewSelect().Model(&row).Column(optInColumns...).Where("id = ?", id).Scan(ctx); err != nil {
		return OptIn{}, fmt.Errorf("opt-in %d: %w", id, store.NotFound(err))
	}
	return row.optIn(), nil
}

// ConfirmOptIn marks a round of a request as confirmed from the mailbox; first is false when it already was. It fails
// with [ErrOptInReplaced] when a newer round was asked for since, and with store.ErrNotFound. The consent itself is the
// caller's to record, in the same transaction.
func (l *Ledger) ConfirmOptIn(ctx context.Context, db bun.IDB, id, round int64) (o OptIn, first bool, err error) {
	var row optInRow
	if err := db.NewSelect().Model(&row).Column(optInColumns...).Where("id = ?", id).For("UPDATE").Scan(ctx); err != nil {
		return OptIn{}, false, fmt.Errorf("opt-in %d: %w", id, store.NotFound(err))
	}
	if row.Round != round {
		return OptIn{}, false, ErrOptInReplaced
	}
	if row.ConfirmedAt != nil {
		return row.optIn(), false, nil
	}
	now := l.now()
	row.ConfirmedAt = &now
	if _, err := db.NewUpdate().Model(&row).Column("confirmed_at").WherePK().Exec(ctx); err != nil {
		return OptIn{}, false, fmt.Errorf("confirming opt-in %d: %w", id, err)
	}
	return row.optIn(), true, nil
}
