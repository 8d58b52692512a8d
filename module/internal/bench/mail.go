package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/segment"
)

// mailRounds is how often each side sends, in turns.
const mailRounds = 2

// mailPatience is how long the mail server may see no message before the run is given up.
const mailPatience = time.Minute

// mailBytes is about how large the HTML of the measured newsletter is.
const mailBytes = 20_000

func (b *bench) perRound() int { return max(b.Messages/mailRounds, 1) }

// sending is what sending so many messages took.
type sending struct {
	messages int64
	took     time.Duration
	cpu      time.Duration // of this process, in user and system mode
}

// mail sends the same newsletter to the same people as Kupec and with go-mail alone, in turns.
func (b *bench) mail(ctx context.Context) error {
	brand, err := b.crm.Newsletters.Brand(ctx, b.shop.ID)
	if err != nil {
		return err
	}
	brand.PostalAddress = "Skodelica d.o.o.\nCankarjevo nabrežje 9\n1000 Ljubljana"
	if err := b.crm.Newsletters.SaveBrand(ctx, brand); err != nil {
		return err
	}
	letter, size, err := b.writeNewsletter(ctx)
	if err != nil {
		return err
	}
	alone, err := b.newAlone(ctx, letter, size)
	if err != nil {
		return err
	}
	defer alone.close()
	if err := b.crm.Post.Start(ctx); err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = b.crm.Post.Stop(ctx)
	}()
	var ours, theirs []sending
	for i := range mailRounds {
		b.Progress("mail", int64(2*i), 2*mailRounds)
		one, err := b.send(ctx, letter, int64(len(alone.people)))
		if err != nil {
			return fmt.Errorf("sending as Kupec: %w", err)
		}
		ours = append(ours, one)
		b.Progress("mail", int64(2*i+1), 2*mailRounds)
		if one, err = b.measureSending(ctx, int64(len(alone.people)), alone.send, nil); err != nil {
			return fmt.Errorf("sending with go-mail: %w", err)
		}
		theirs = append(theirs, one)
	}
	us, them := sum(ours), sum(theirs)
	const against = "go-mail and html/template alone"
	b.add(Measure{Part: PartMail, Name: "messages", Unit: "messages/s", Better: higher, Kupec: perSecond(us.messages, us.took),
		Against: against, Comparison: perSecond(them.messages, them.took),
		Settings: map[string]any{"messages": us.messages, "rounds": mailRounds, "connections": b.Conns, "html_bytes": size, "html_bytes_alone": alone.bytes}})
	b.add(Measure{Part: PartMail, Name: "processor time", Unit: "µs/message", Better: lower, Kupec: us.cpuEach(),
		Against: against, Comparison: them.cpuEach(), Settings: map[string]any{"of": "this process, without database and mail server"}})
	return nil
}

func sum(all []sending) (s sending) {
	for _, one := range all {
		s.messages, s.took, s.cpu = s.messages+one.messages, s.took+one.took, s.cpu+one.cpu
	}
	return s
}

func (s sending) cpuEach() float64 {
	return float64(s.cpu.Microseconds()) / float64(max(s.messages, 1))
}

// measureSending times do until the mail server has want messages more, and settled, when given, says that all is
// written down as well.
func (b *bench) measureSending(ctx context.Context, want int64, do func(context.Context) error, settled func() (bool, error)) (sending, error) {
	before, err := b.sink.count()
	if err != nil {
		return sending{}, err
	}
	cpu, began := processorTime(), time.Now()
	if err := do(ctx); err != nil {
		return sending{}, err
	}
	seen, moved := before, time.Now()
	for {
		now, err := b.sink.count()
		if err != nil {
			return sending{}, err
		}
		done := now >= before+want
		if done && settled != nil {
			if done, err = settled(); err != nil {
				return sending{}, err
			}
		}
		if done {
			return sending{messages: now - before, took: time.Since(began), cpu: processorTime() - cpu}, nil
		}
		if now > seen {
			seen, moved = now, time.Now()
		}
		if time.Since(moved) > mailPatience {
			return sending{}, fmt.Errorf("nothing was sent for %v: %d of %d messages arrived", mailPatience, now-before, want)
		}
		select {
		case <-ctx.Done():
			return sending{}, ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// send sends a copy of the newsletter through the desk and the post: checked, frozen, rendered, sent, written down.
func (b *bench) send(ctx context.Context, letter newsletter.Newsletter, want int64) (sending, error) {
	draft, err := b.crm.Newsletters.Copy(ctx, letter.ID, letter.Name)
	if err != nil {
		return sending{}, err
	}
	var mailing int64
	one, err := b.measureSending(ctx, want, func(ctx context.Context) error {
		sent, err := b.crm.Newsletters.Send(ctx, draft.ID)
		mailing = sent.MailingID
		return err
	}, func() (bool, error) {
		p, err := b.crm.Post.Progress(ctx, mailing)
		return p.Open() == 0, err
	})
	if err != nil {
		if trouble := b.crm.Post.Trouble(); trouble != "" {
			err = errors.Join(err, errors.New(trouble))
		}
		return one, err
	}
	p, err := b.crm.Post.Progress(ctx, mailing)
	if err != nil {
		return one, err
	}
	if p.States[delivery.Sent] != want || one.messages != want {
		return one, fmt.Errorf("of %d messages the ledger has %d as sent, and the mail server %d: %v", want, p.States[delivery.Sent], one.messages, p.States)
	}
	return one, nil
}

// processorTime is what this process has used so far. The mail server and the database are other processes.
func processorTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// paragraph is the static text of both sides.
const paragraph = "The mornings are dark again, and the roaster has been at work since six. Two farms sent their late harvest this week: " +
	"one dries on raised beds under the eaves, the other in the sun of the yard, and you can taste which is which. "

// writeNewsletter drafts one with ten personal fields, eight links and two recommendations, of about mailBytes. It goes to
// those who granted mailTopic.
func (b *bench) writeNewsletter(ctx context.Context) (newsletter.Newsletter, int, error) {
	audience, err := b.crm.Segments.Parse([]byte(`{"is":"consent","topic":"` + mailTopic + `"}`))
	if err != nil {
		return newsletter.Newsletter{}, 0, err
	}
	var people []segment.Person
	if people, err = b.crm.Segments.Members(ctx, audience, b.shop.ID, 0, 1); err != nil {
		return newsletter.Newsletter{}, 0, err
	}
	if len(people) == 0 {
		return newsletter.Newsletter{}, 0, errors.New("nobody may be mailed: the shop is too small")
	}
	var draft newsletter.Newsletter
	for filler := 0; ; filler++ {
		draft = newsletter.Newsletter{ShopID: b.shop.ID, Name: "Benchmark", Topic: mailTopic, Language: "en", Audience: &audience,
			Subject: "{{ profile.first_name | default: \"Hello\" }}, what goes with your coffee", Preheader: "Two things that go with what you have", Blocks: blocks(filler)}
		shown, err := b.crm.Newsletters.Preview(ctx, draft, people[0].ID)
		if err != nil {
			return draft, 0, err
		}
		if shown.Bytes >= mailBytes {
			draft, err = b.crm.Newsletters.Create(ctx, draft)
			return draft, shown.Bytes, err
		}
	}
}

// blocks is the newsletter's content with so many paragraphs of filler.
func blocks(filler int) []newsletter.Block {
	text := func(s string) newsletter.Block { return newsletter.Block{Kind: newsletter.KindText, Text: s} }
	list := []newsletter.Block{
		{Kind: newsletter.KindHeading, Text: "Twenty-four quiet mornings, {{ profile.first_name | default: \"friend\" }}"},
		text("Dear {{ profile.full_name | default: \"friend\" }},\n\n" + paragraph + "[The late harvest]({{ shop.url }}/late-harvest) is here."),
		{Kind: newsletter.KindRecommendations, Text: "Chosen for {{ profile.first_name | default: \"you\" }}", Count: 2, Pick: newsletter.PickCrossSell, Reason: true},
		text("How is the weather in {{ profile.city | default: \"your town\" }}? We deliver to {{ profile.city | default: \"your town\" }} on Tuesdays and Fridays.\n\n" +
			"Coffee for {{ profile.company | default: \"the office\" }}? [Ask us]({{ shop.url }}/office), {{ profile.first_name | default: \"friend\" }}."),
		{Kind: newsletter.KindButton, Text: "See the beans", URL: "{{ shop.url }}/beans"},
		text(paragraph + "[How we roast]({{ shop.url }}/roasting), [how we buy]({{ shop.url }}/buying), [how we pack]({{ shop.url }}/packing)."),
		{Kind: newsletter.KindDivider},
		text("This went to {{ profile.email }}, {{ profile.first_name | default: \"friend\" }} {{ profile.last_name }}. [Write to us]({{ shop.url }}/write)."),
	}
	for range filler {
		list = append(list, text(paragraph))
	}
	list = append(list, newsletter.Block{Kind: newsletter.KindButton, Text: "To the shop", URL: "{{ shop.url }}/"})
	for i := range list {
		list[i].ID = strconv.Itoa(i + 1)
	}
	return list
}

// fillerHTML repeats the paragraph, for the other side.
func fillerHTML(bytes int) string {
	const open, shut = `<p style="margin:0 0 16px;font-family:Arial,sans-serif;font-size:16px;line-height:24px;color:#333333">`, "</p>\n"
	one := open + strings.TrimSpace(paragraph) + shut
	return strings.Repeat(one, max(bytes/len(one), 0))
}
