package delivery

import (
	"time"

	"github.com/kupec/kupec/module/contact"
)

// MailingState is how far a mailing is.
type MailingState string

// A mailing is frozen when its audience is in the ledger, runs, and is done when no row of it can move any more.
const (
	MailingFrozen    MailingState = "frozen"
	MailingRunning   MailingState = "running"
	MailingPaused    MailingState = "paused"
	MailingDone      MailingState = "done"
	MailingCancelled MailingState = "cancelled"
)

// Mailing is one message to one audience.
type Mailing struct {
	ID         int64
	Kind       string // who renders it: a kind given to [Post.Register]
	RefID      int64  // what it is of, in the room of that kind: a newsletter's id
	ShopID     int64
	Topic      string // the consent it needs
	Title      string // for staff, in lists and timelines
	Content    string // what the room of its kind froze with it; delivery does not look inside
	State      MailingState
	Alarm      string // why delivery paused it by itself, in plain English; empty otherwise
	CreatedAt  time.Time
	FrozenAt   time.Time
	StartedAt  time.Time // zero until it was started first
	FinishedAt time.Time // zero until it is done or cancelled
}

// NewMailing says what to freeze. Kind, ShopID and Topic are needed.
type NewMailing struct {
	Kind    string
	RefID   int64
	ShopID  int64
	Topic   string
	Title   string
	Content string
}

// Audience is a condition in SQL over alias p of crm_profiles, with its arguments: what segment.Query is.
type Audience struct {
	SQL  string
	Args []any
}

// State is where a delivery stands; see the package's comment.
type State string

// The states of a delivery.
const (
	Queued    State = "queued"
	Leased    State = "leased"
	Sending   State = "sending"
	Sent      State = "sent"
	Deferred  State = "deferred"
	Bounced   State = "bounced"
	Skipped   State = "skipped"
	Uncertain State = "uncertain"
)

// Reasons of skipped deliveries. A [SkipError] of a renderer may bring others.
const (
	ReasonNoAddress   = "no_address"
	ReasonNoConsent   = "no_consent"
	ReasonWithdrawn   = "withdrawn"
	ReasonSuppressed  = "suppressed"
	ReasonDuplicate   = "duplicate"    // another profile of the audience has the same address
	ReasonCancelled   = "cancelled"    // the mailing was cancelled first
	ReasonNotRendered = "not_rendered" // the message could not be made for this person
)

// Reasons of deferred and bounced deliveries, and of uncertain ones.
const (
	ReasonAddress    = "address"    // the server says that there is no such address: it is suppressed
	ReasonRefused    = "refused"    // another permanent answer
	ReasonTemporary  = "temporary"  // a temporary answer: greylisting, a full mailbox
	ReasonPolicy     = "policy"     // the server refuses the sender or the content, not the address
	ReasonConnection = "connection" // the connection was lost
	ReasonCrash      = "crash"      // the sending process ended in the middle
)

// Recipient is one person of a batch to render for.
type Recipient struct {
	ProfileID int64
	Email     contact.Email
}

// Mailbox is an address with the name shown beside it, which may be empty.
type Mailbox struct {
	Name  string
	Email contact.Email
}

// Message is what one person gets. Subject, names and header values may come from anywhere: control characters,
// line breaks among them, become blanks.
type Message struct {
	From           Mailbox
	ReplyTo        Mailbox // none when its Email is empty
	To             contact.Email
	ToName         string
	Subject        string
	HTML           string // may be empty, then the message is plain text
	Text           string
	Headers        map[string]string // further ones; those that delivery writes itself are refused
	UnsubscribeURL string            // https, for List-Unsubscribe with one click (RFC 8058); none when empty
}

// SkipError says that a person shall not get the message after all, and why, as a short key ("no_product").
type SkipError struct {
	Reason string
	Detail string // in plain English, may be empty
}

func (e *SkipError) Error() string { return "skipped: " + e.Reason }
