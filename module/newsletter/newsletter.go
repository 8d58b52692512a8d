package newsletter

import (
	"strings"
	"time"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/segment"
)

// State is where a newsletter stands. What happens after sending has begun is the mailing's state, told in these words.
type State string

// The states of a newsletter.
const (
	Draft     State = "draft"
	Scheduled State = "scheduled" // goes out at SendAt; cannot be changed until it is unscheduled
	Sending   State = "sending"
	Paused    State = "paused"
	Sent      State = "sent"
	Cancelled State = "cancelled" // in the middle of sending, for good
)

// States is all of them, in the order of a newsletter's life.
var States = []State{Draft, Scheduled, Sending, Paused, Sent, Cancelled}

// Newsletter is one message to one audience.
type Newsletter struct {
	ID        int64
	ShopID    int64
	Name      string // for staff
	Subject   string // with merge tags
	Preheader string // the line under the subject, with merge tags
	Topic     string // the consent it needs; default consent.DefaultTopic
	Language  string // of its fixed sentences, prices and dates; default the shop's
	SegmentID int64  // the audience is this segment, as it is when sending begins; 0: Audience
	Audience  *segment.Tree
	Blocks    []Block
	State     State
	MailingID int64     // 0 until it is sent
	SendAt    time.Time // of a scheduled one
	SentAt    time.Time // when sending began; zero before
	CreatedBy int64     // staff; 0: the program
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int // counts changes; Update wants the one that was read
}

// HasAudience says whether it is decided who gets it.
func (n Newsletter) HasAudience() bool { return n.SegmentID != 0 || n.Audience != nil }

// MaxName is the most characters of a newsletter's name.
const MaxName = 160

// tidy completes and checks what can be kept.
func (n *Newsletter) tidy() error {
	n.Name = strings.Join(strings.Fields(n.Name), " ")
	n.Subject = strings.Join(strings.Fields(n.Subject), " ")
	n.Preheader = strings.Join(strings.Fields(n.Preheader), " ")
	if n.Topic == "" {
		n.Topic = consent.DefaultTopic
	}
	if n.Name == "" {
		return invalid("name", "newsletter.problem.no_name")
	}
	for _, f := range []struct {
		name, value string
		limit       int
	}{{"name", n.Name, MaxName}, {"subject", n.Subject, MaxLine}, {"preheader", n.Preheader, MaxLine}, {"topic", n.Topic, 64}, {"language", n.Language, 16}} {
		if err := checkText(f.name, f.name, f.value, f.limit); err != nil {
			return err
		}
	}
	if len(n.Blocks) > MaxBlocks {
		return invalid("blocks", "newsletter.problem.too_many_blocks", "count", len(n.Blocks), "limit", MaxBlocks)
	}
	return nil
}
