package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/store/storetest"
)

const (
	kind  = "newsletter"
	topic = "newsletter"
	shop  = 1
)

var everybody = delivery.Audience{SQL: "1 = 1"}

// letter renders the same small message for everybody.
type letter struct {
	html string
	hook func(r delivery.Recipient) error
}

func (l letter) Render(_ context.Context, _ delivery.Mailing, batch []delivery.Recipient) ([]delivery.Rendered, error) {
	made := make([]delivery.Rendered, len(batch))
	for i, r := range batch {
		if l.hook != nil {
			if made[i].Err = l.hook(r); made[i].Err != nil {
				continue
			}
		}
		made[i].Message = message(r)
		made[i].Message.HTML = l.html
	}
	return made, nil
}

func message(r delivery.Recipient) delivery.Message {
	return delivery.Message{
		From: delivery.Mailbox{Name: "Kava & čaj", Email: "shop@shop.example"}, To: r.Email, Subject: "Sveža kava",
		Text: "Hello\n", UnsubscribeURL: "https://crm.example/s/unsubscribe/x",
	}
}

type bundle struct {
	t        testing.TB
	ctx      context.Context
	db       *bun.DB
	consents *consent.Ledger
	sink     *sink
	post     *delivery.Post
}

// quick makes what takes minutes in production take moments.
var quick = delivery.Config{LeaseTime: 2 * time.Second, FirstPause: 20 * time.Millisecond, MaxTries: 4, Batch: 10}

func setup(t testing.TB, s *sink, query string, cfg delivery.Config, r delivery.Renderer) *bundle {
	t.Helper()
	db := storetest.DB(t)
	b := &bundle{t: t, ctx: context.Background(), db: db, consents: consent.New(db, consent.Config{}), sink: s}
	b.post = b.newPost(query, cfg, r)
	return b
}

func (b *bundle) newPost(query string, cfg delivery.Config, r delivery.Renderer) *delivery.Post {
	b.t.Helper()
	p, err := delivery.New(b.db, b.consents, b.sink.transport(query), cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	p.Register(kind, r)
	return p
}

func (b *bundle) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.NewRaw(query, args...).Exec(context.WithoutCancel(b.ctx)); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
}

// people makes profiles 1 to n who have granted the topic.
func (b *bundle) people(n int) {
	b.t.Helper()
	for from := 1; from <= n; from += 1000 {
		var profiles, states []string
		for id := from; id < from+1000 && id <= n; id++ {
			profiles = append(profiles, fmt.Sprintf("(%d, 1, '%s', NOW(6), NOW(6))", id, address(int64(id))))
			states = append(states, fmt.Sprintf("(%d, 'newsletter', 1, 'granted', 1, NOW(6))", id))
		}
		b.exec("INSERT INTO crm_profiles (id, shop_id, email, created_at, updated_at) VALUES " + strings.Join(profiles, ","))
		b.exec("INSERT INTO crm_consent_states (profile_id, topic, shop_id, state, consent_id, changed_at) VALUES " + strings.Join(states, ","))
	}
}

func (b *bundle) freeze(audience delivery.Audience) delivery.Mailing {
	b.t.Helper()
	m, err := b.post.Freeze(b.ctx, b.db, delivery.NewMailing{Kind: kind, RefID: 7, ShopID: shop, Topic: topic, Title: "Spring"}, audience)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

// launch freezes everybody, starts the mailing and the post.
func (b *bundle) launch() delivery.Mailing {
	b.t.Helper()
	m := b.freeze(everybody)
	if err := b.post.StartMailing(b.ctx, m.ID); err != nil {
		b.t.Fatal(err)
	}
	b.start(b.post)
	return m
}

func (b *bundle) start(p *delivery.Post) {
	b.t.Helper()
	if err := p.Start(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = p.Stop(ctx)
	})
}

func (b *bundle) progress(id int64) delivery.Progress {
	b.t.Helper()
	got, err := b.post.Progress(context.WithoutCancel(b.ctx), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

// until waits for something to become true of a mailing.
func (b *bundle) until(id int64, what string, ok func(delivery.Progress) bool) delivery.Progress {
	b.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	end := time.After(60 * time.Second)
	for {
		p := b.progress(id)
		if ok(p) {
			return p
		}
		select {
		case <-ticker.C:
		case <-end:
			b.t.Fatalf("after a minute the mailing is not %s: %s %v, skipped %v, bounced %v, trouble %q", what, p.Mailing.State, p.States, p.Skipped, p.Bounced, p.Trouble)
		}
	}
}

func (b *bundle) done(id int64) delivery.Progress {
	b.t.Helper()
	return b.until(id, "done", func(p delivery.Progress) bool { return p.Mailing.State == delivery.MailingDone })
}

func (b *bundle) of(mailingID, profileID int64) delivery.Delivery {
	b.t.Helper()
	d, err := b.post.Of(b.ctx, mailingID, profileID)
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}
