package consent

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// DefaultTopic is there from the beginning.
const DefaultTopic = "newsletter"

// Topic is something people can subscribe to.
type Topic struct {
	Topic       string // its key: lower-case ASCII letters, digits, - and _, at most 64
	Name        string // as people read it, in the shop's language
	Description string
	Position    int // order on the preference page
}

// TopicError says that a topic's key cannot be one.
type TopicError struct{ Topic string }

func (e *TopicError) Error() string {
	return fmt.Sprintf("%q cannot be a topic: use 1 to 64 lower-case letters, digits, - and _, as in \"newsletter\"", e.Topic)
}

func validTopic(s string) bool {
	return s != "" && len(s) <= maxTopic && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

type topicRow struct {
	bun.BaseModel `bun:"table:crm_topics"`

	Topic       string `bun:",pk"`
	Name        string
	Description string
	Position    int
	CreatedAt   time.Time
}

// Topics is all there are, in the order people see them. The first call in an installation's life makes
// [DefaultTopic].
func (l *Ledger) Topics(ctx context.Context) ([]Topic, error) {
	var rows []topicRow
	for range 2 {
		err := l.db.NewSelect().Model(&rows).Column("topic", "name", "description", "position").OrderExpr("position, topic").Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading topics: %w", err)
		}
		if len(rows) > 0 {
			break
		}
		first := topicRow{Topic: DefaultTopic, Name: "Newsletter", CreatedAt: l.now()}
		if _, err := l.db.NewInsert().Model(&first).Ignore().Exec(ctx); err != nil {
			return nil, fmt.Errorf("making the first topic: %w", err)
		}
	}
	topics := make([]Topic, len(rows))
	for i, r := range rows {
		topics[i] = Topic{Topic: r.Topic, Name: r.Name, Description: r.Description, Position: r.Position}
	}
	return topics, nil
}

// SaveTopic makes a topic or changes the one with the same key. It needs staff.ManageMail. The error is a [*TopicError]
// for a key that cannot be.
func (l *Ledger) SaveTopic(ctx context.Context, t Topic) error {
	if _, err := staff.Require(ctx, staff.ManageMail); err != nil {
		return err
	}
	if !validTopic(t.Topic) {
		return &TopicError{Topic: t.Topic}
	}
	row := topicRow{Topic: t.Topic, Name: contact.CleanText(t.Name, 120), Description: contact.CleanText(t.Description, 500), Position: t.Position, CreatedAt: l.now()}
	if row.Name == "" {
		row.Name = t.Topic
	}
	return store.InTx(ctx, l.db, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).
			On("DUPLICATE KEY UPDATE name = VALUES(name), description = VALUES(description), position = VALUES(position)").
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("saving topic %s: %w", t.Topic, err)
		}
		return staff.Record(ctx, tx, "topic.save", "topic", 0, map[string]any{"topic": t.Topic})
	})
}

// clip cuts to max bytes without splitting a character.
func clip(s string, max int) string {
	s = strings.ToValidUTF8(s, "")
	for len(s) > max {
		_, size := utf8.DecodeLastRuneInString(s[:max+1])
		if size == 0 {
			return ""
		}
		s = s[:max+1-size]
	}
	return s
}

// ascii keeps what an ASCII column can hold.
func ascii(s string, max int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7f {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), max)]
}
