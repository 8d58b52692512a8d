package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/delivery"
)

func TestEverybodyInTheAudienceGetsOneMessage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		options []sinkOption
	}{
		{"pipelined", nil},
		{"step by step", []sinkOption{noPipelining}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, newSink(t, tt.options...), "conns=4", quick, letter{})
			b.people(137)
			m := b.launch()
			p := b.done(m.ID)
			if n := b.sink.noneTwice(); n != 137 || p.States[delivery.Sent] != 137 || p.Total != 137 {
				t.Errorf("%d received, ledger %v", n, p.States)
			}
			if d := b.of(m.ID, 5); d.Attempts != 1 || d.SettledAt.IsZero() || d.Email != "p5@example.com" {
				t.Errorf("got %+v", d)
			}
		})
	}
}

func TestFreezingLeavesOutWhoMayNotBeMailedAndSaysWhy(t *testing.T) {
	t.Parallel()
	b := setup(t, newSink(t), "", quick, letter{})
	b.people(12)
	b.exec("UPDATE crm_profiles SET email = NULL WHERE id = 1")
	b.exec("DELETE FROM crm_consent_states WHERE profile_id = 2")
	b.exec("UPDATE crm_consent_states SET state = 'withdrawn' WHERE profile_id = 3")
	if err := b.consents.Suppress(b.ctx, b.db, "p4@example.com", consent.SuppressComplaint, ""); err != nil {
		t.Fatal(err)
	}
	b.exec("UPDATE crm_profiles SET email = 'twin@example.com' WHERE id IN (5, 6, 7)") // 5 has withdrawn, so 6 is first
	b.exec("UPDATE crm_consent_states SET state = 'withdrawn' WHERE profile_id = 5")
	b.exec("UPDATE crm_profiles SET merged_into = 9 WHERE id = 8")
	b.exec("UPDATE crm_profiles SET erased_at = NOW(6) WHERE id = 10")
	b.exec("UPDATE crm_profiles SET email = 'p9@example.com' WHERE id = 12") // twin of 9, who is not in the audience

	m := b.freeze(delivery.Audience{SQL: "p.id <> ? AND p.id < ?", Args: []any{9, 100}})
	page, next, err := b.post.Recipients(b.ctx, m.ID, delivery.Filter{}, "", 0)
	if err != nil || next != "" {
		t.Fatal(next, err)
	}
	got := map[int64]string{}
	for _, d := range page {
		got[d.ProfileID] = string(d.State) + " " + d.Reason
	}
	want := map[int64]string{1: "skipped no_address", 2: "skipped no_consent", 3: "skipped withdrawn", 4: "skipped suppressed",
		5: "skipped withdrawn", 6: "queued ", 7: "skipped duplicate", 11: "queued ", 12: "queued "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p := b.progress(m.ID)
	if p.Open() != 3 || p.Skipped[delivery.ReasonWithdrawn] != 2 || p.Mailing.State != delivery.MailingFrozen {
		t.Errorf("got %+v", p)
	}
}

func TestRecipientsPageThroughAState(t *testing.T) {
	t.Parallel()
	b := setup(t, newSink(t), "", quick, letter{})
	b.people(23)
	b.exec("DELETE FROM crm_consent_states WHERE profile_id % 2 = 0")
	b.exec("UPDATE crm_consent_states SET state = 'withdrawn' WHERE profile_id % 3 = 0")
	m := b.freeze(everybody)
	seen := map[int64]bool{}
	for after := ""; ; {
		page, next, err := b.post.Recipients(b.ctx, m.ID, delivery.Filter{State: delivery.Skipped}, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page {
			if d.State != delivery.Skipped || seen[d.ProfileID] {
				t.Errorf("got %+v, seen %v", d, seen[d.ProfileID])
			}
			seen[d.ProfileID] = true
		}
		if after = next; next == "" {
			break
		}
	}
	if want := b.progress(m.ID).States[delivery.Skipped]; int64(len(seen)) != want {
		t.Errorf("%d listed, %d counted", len(seen), want)
	}
}

func TestAWithdrawalStopsMailThatIsAlreadyQueued(t *testing.T) {
	t.Parallel()
	s := newSink(t, slow(30*time.Millisecond))
	cfg := quick
	cfg.Batch = 200
	b := setup(t, s, "conns=1", cfg, letter{})
	b.people(120)
	m := b.launch()
	b.until(m.ID, "under way", func(p delivery.Progress) bool { return p.States[delivery.Sent] >= 3 })
	b.exec("UPDATE crm_consent_states SET state = 'withdrawn' WHERE profile_id >= 100") // all in the batch in hand
	if err := b.consents.Suppress(b.ctx, b.db, "p99@example.com", consent.SuppressComplaint, ""); err != nil {
		t.Fatal(err)
	}
	p := b.done(m.ID)
	if p.Skipped[delivery.ReasonWithdrawn] != 21 || p.Skipped[delivery.ReasonSuppressed] != 1 || s.noneTwice() != 98 {
		t.Errorf("received %d, skipped %v", s.noneTwice(), p.Skipped)
	}
}

func TestAnswersAndLossesAtEachStep(t *testing.T) {
	t.Parallel()
	type want struct {
		state      delivery.State
		reason     string
		suppressed bool
		received   bool
	}
	sent := want{state: delivery.Sent, received: true}
	cases := []struct {
		name  string
		tries int // how many are faulty
		fault fault
		want  want
	}{
		{"RCPT 451 once", 1, fault{at: delivery.StepRcpt, answer: "451 4.7.1 greylisted"}, sent},
		{"RCPT 451 always", 99, fault{at: delivery.StepRcpt, answer: "451 4.7.1 greylisted"}, want{state: delivery.Bounced, reason: "temporary"}},
		{"RCPT 550 5.1.1", 99, fault{at: delivery.StepRcpt, answer: "550 5.1.1 no such user"}, want{state: delivery.Bounced, reason: "address", suppressed: true}},
		{"RCPT 550 bare", 99, fault{at: delivery.StepRcpt, answer: "550 no"}, want{state: delivery.Bounced, reason: "refused"}},
		{"RCPT 552 full", 99, fault{at: delivery.StepRcpt, answer: "552 5.2.2 full"}, want{state: delivery.Bounced, reason: "refused"}},
		{"RCPT 421", 1, fault{at: delivery.StepRcpt, answer: "421 4.3.2 closing"}, sent},
		{"RCPT dropped", 1, fault{at: delivery.StepRcpt}, sent},
		{"DATA 451", 1, fault{at: delivery.StepData, answer: "451 4.3.0 later"}, sent},
		{"DATA 554", 99, fault{at: delivery.StepData, answer: "554 5.5.0 no"}, want{state: delivery.Bounced, reason: "refused"}},
		{"DATA dropped", 1, fault{at: delivery.StepData}, sent},
		{"content 451", 1, fault{at: delivery.StepContent, answer: "451 4.3.0 later"}, sent},
		{"content 421", 1, fault{at: delivery.StepContent, answer: "421 4.3.0 closing"}, sent},
		{"content 554", 99, fault{at: delivery.StepContent, answer: "554 5.6.0 no"}, want{state: delivery.Bounced, reason: "refused"}},
		{"dropped after the dot", 99, fault{at: delivery.StepContent}, want{state: delivery.Uncertain, reason: "connection", received: true}},
		{"nothing", 0, fault{}, sent},
	}
	byAddress := map[string]int{} // every other person meets a fault
	for i := range cases {
		byAddress[address(int64(2*i+2))] = i
	}
	faults := faulty(func(to string, try int) fault {
		if i, ok := byAddress[to]; ok && try < cases[i].tries {
			return cases[i].fault
		}
		return fault{}
	})
	for name, options := range map[string][]sinkOption{"pipelined": {faults}, "step by step": {faults, noPipelining}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, newSink(t, options...), "conns=1", quick, letter{})
			b.people(2*len(cases) + 1)
			m := b.launch()
			p := b.done(m.ID)
			received := b.sink.received()
			for i, tt := range cases {
				id := int64(2*i + 2)
				d := b.of(m.ID, id)
				suppressed, err := b.consents.Suppressed(b.ctx, []contact.Email{d.Email})
				if err != nil {
					t.Fatal(err)
				}
				got := want{d.State, d.Reason, len(suppressed) > 0, received[string(d.Email)] > 0}
				if got != tt.want {
					t.Errorf("%s: got %+v (%s), want %+v", tt.name, got, d.Detail, tt.want)
				}
			}
			b.sink.noneTwice()
			if others := b.of(m.ID, 1); p.Open() != 0 || others.State != delivery.Sent {
				t.Errorf("the others: %v", p.States)
			}
		})
	}
}

func TestAConnectionThatEndsWithinTheContentCostsNobodyTheMessage(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("<p>"+strings.Repeat("x", 60)+"</p>\n", 1<<17) // 9 MB: more than sockets buffer
	s := newSink(t, faultOf("p2@example.com", 1, fault{within: true}))
	b := setup(t, s, "conns=1", quick, letter{html: big})
	b.people(3)
	m := b.launch()
	p := b.done(m.ID)
	if s.noneTwice() != 3 || p.States[delivery.Sent] != 3 || b.of(m.ID, 2).Attempts != 2 {
		t.Errorf("received %v, ledger %v", s.received(), p.States)
	}
}

func TestARefusedSenderStopsTheMailingAndBlamesNobody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		option sinkOption
	}{
		{"MAIL 550", onMail(func(n int) string {
			if n >= 2 {
				return "550 5.7.1 not you"
			}
			return ""
		})},
		{"RCPT 5.7.1", faultOf("p3@example.com", 1, fault{at: delivery.StepRcpt, answer: "554 5.7.1 relaying denied"})},
		{"content 5.7.1", faultOf("p3@example.com", 1, fault{at: delivery.StepContent, answer: "550 5.7.1 looks like spam"})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, newSink(t, tt.option), "conns=1", quick, letter{})
			b.people(9)
			m := b.launch()
			p := b.until(m.ID, "paused", func(p delivery.Progress) bool {
				return p.Mailing.State == delivery.MailingPaused && p.States[delivery.Leased] == 0
			})
			if !strings.Contains(p.Mailing.Alarm, "5.7.1") || p.States[delivery.Bounced] != 0 || p.States[delivery.Deferred] != 1 || p.Open() < 6 {
				t.Errorf("alarm %q, ledger %v", p.Mailing.Alarm, p.States)
			}
			list, _, err := b.consents.Suppressions(b.ctx, "", 0)
			if err != nil || len(list) != 0 {
				t.Errorf("suppressed: %v %v", list, err)
			}
			b.sink.mail = nil
			if err := b.post.Resume(b.ctx, m.ID); err != nil {
				t.Fatal(err)
			}
			if p := b.done(m.ID); p.States[delivery.Sent] != 9 || p.Mailing.Alarm != "" || b.sink.noneTwice() != 9 {
				t.Errorf("after resuming: %v, alarm %q", p.States, p.Mailing.Alarm)
			}
		})
	}
}

func TestRefusalsOfEverybodyStopTheMailing(t *testing.T) {
	t.Parallel()
	s := newSink(t, faulty(func(to string, try int) fault {
		if to == "p10@example.com" { // one that is taken begins the count again
			return fault{}
		}
		return fault{at: delivery.StepRcpt, answer: "550 no"}
	}))
	b := setup(t, s, "conns=2", quick, letter{})
	b.people(300)
	m := b.launch()
	p := b.until(m.ID, "paused", func(p delivery.Progress) bool {
		return p.Mailing.State == delivery.MailingPaused && p.States[delivery.Leased] == 0
	})
	if n := p.Bounced[delivery.ReasonRefused]; n < 50 || n > 90 || !strings.Contains(p.Mailing.Alarm, "550 no") {
		t.Errorf("%d bounced, alarm %q", n, p.Mailing.Alarm)
	}
}

func TestAServerThatAsksToWaitIsGivenTimeAndNobodyIsBlamed(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"451 4.3.2 busy", "421 4.7.0 too many messages"} {
		t.Run(answer[:3], func(t *testing.T) {
			t.Parallel()
			s := newSink(t, onMail(func(n int) string {
				if n == 3 || n == 4 {
					return answer
				}
				return ""
			}))
			b := setup(t, s, "conns=1", quick, letter{})
			b.people(8)
			m := b.launch()
			p := b.until(m.ID, "in trouble", func(p delivery.Progress) bool { return p.Trouble != "" })
			if !strings.Contains(p.Trouble, answer[4:]) {
				t.Errorf("trouble %q", p.Trouble)
			}
			p = b.done(m.ID)
			var attempts int
			if err := b.db.NewRaw("SELECT SUM(attempts) FROM crm_deliveries").Scan(b.ctx, &attempts); err != nil {
				t.Fatal(err)
			}
			if p.States[delivery.Sent] != 8 || s.noneTwice() != 8 || attempts != 8 || p.Trouble != "" {
				t.Errorf("%v after %d attempts, trouble %q", p.States, attempts, p.Trouble)
			}
		})
	}
}

func TestPauseHoldsResumeGoesOnCancelEnds(t *testing.T) {
	t.Parallel()
	s := newSink(t, slow(5*time.Millisecond))
	b := setup(t, s, "conns=2", quick, letter{})
	b.people(600)
	m := b.launch()
	b.until(m.ID, "under way", func(p delivery.Progress) bool { return p.States[delivery.Sent] > 10 })
	if err := b.post.Pause(b.ctx, m.ID); err != nil {
		t.Fatal(err)
	}
	still := b.until(m.ID, "at rest", func(p delivery.Progress) bool { return p.States[delivery.Leased]+p.States[delivery.Sending] == 0 })
	select {
	case <-time.After(300 * time.Millisecond): // nothing may happen in this time
	case <-b.ctx.Done():
	}
	if now := b.progress(m.ID); now.States[delivery.Sent] != still.States[delivery.Sent] || now.Mailing.State != delivery.MailingPaused {
		t.Errorf("paused at %v, now %v", still.States, now.States)
	}
	if err := b.post.Resume(b.ctx, m.ID); err != nil {
		t.Fatal(err)
	}
	b.until(m.ID, "going on", func(p delivery.Progress) bool { return p.States[delivery.Sent] > still.States[delivery.Sent]+10 })
	if err := b.post.Cancel(b.ctx, m.ID); err != nil {
		t.Fatal(err)
	}
	end := b.until(m.ID, "cancelled", func(p delivery.Progress) bool { return !p.Mailing.FinishedAt.IsZero() })
	if end.Mailing.State != delivery.MailingCancelled || end.Open() != 0 || end.Skipped[delivery.ReasonCancelled] == 0 ||
		int64(s.noneTwice()) != end.States[delivery.Sent] {
		t.Errorf("received %d, ledger %v %v", s.noneTwice(), end.States, end.Skipped)
	}
	var state *delivery.StateError
	if err := b.post.Resume(b.ctx, m.ID); !errors.As(err, &state) || state.State != delivery.MailingCancelled {
		t.Errorf("resuming a cancelled mailing: %v", err)
	}
}

func TestStopDrainsAndAnotherProcessGoesOn(t *testing.T) {
	t.Parallel()
	s := newSink(t, slow(3*time.Millisecond))
	b := setup(t, s, "conns=3", quick, letter{})
	b.people(300)
	m := b.launch()
	b.until(m.ID, "under way", func(p delivery.Progress) bool { return p.States[delivery.Sent] > 20 })
	if err := b.post.Stop(b.ctx); err != nil {
		t.Fatal(err)
	}
	p := b.progress(m.ID)
	if p.States[delivery.Leased]+p.States[delivery.Sending]+p.States[delivery.Uncertain] != 0 || int64(s.noneTwice()) != p.States[delivery.Sent] {
		t.Errorf("after the drain: received %d, ledger %v", s.noneTwice(), p.States)
	}
	b.start(b.newPost("conns=3", quick, letter{}))
	if p := b.done(m.ID); p.States[delivery.Sent] != 300 || s.noneTwice() != 300 {
		t.Errorf("received %d, ledger %v", s.noneTwice(), p.States)
	}
}

// A claim may be committed though its answer is lost with the connection: the rows are leased to a process that lives and
// does not know of them.
func TestRowsLeasedToAProcessThatDoesNotKnowOfThemAreNotLost(t *testing.T) {
	t.Parallel()
	s := newSink(t, slow(5*time.Millisecond))
	b := setup(t, s, "conns=1", quick, letter{})
	b.people(600)
	m := b.launch()
	var owner string
	b.until(m.ID, "under way", func(delivery.Progress) bool {
		return b.db.NewRaw("SELECT lease_owner FROM crm_deliveries WHERE mailing_id = ? AND lease_owner IS NOT NULL LIMIT 1", m.ID).Scan(b.ctx, &owner) == nil
	})
	b.exec(`UPDATE crm_deliveries SET state = 'leased', lease_owner = ?, lease_until = UTC_TIMESTAMP(6) + INTERVAL 2 SECOND
		WHERE mailing_id = ? AND profile_id > 550 AND state = 'queued'`, owner, m.ID)
	if p := b.done(m.ID); p.States[delivery.Sent] != 600 || s.noneTwice() != 600 {
		t.Errorf("received %d, ledger %v", s.noneTwice(), p.States)
	}
}

func TestSeveralProcessesShareAMailing(t *testing.T) {
	t.Parallel()
	s := newSink(t, slow(time.Millisecond))
	b := setup(t, s, "conns=3", quick, letter{})
	b.people(1500)
	b.start(b.newPost("conns=3", quick, letter{}))
	b.start(b.newPost("conns=3", quick, letter{}))
	m := b.launch()
	if p := b.done(m.ID); p.States[delivery.Sent] != 1500 || s.noneTwice() != 1500 {
		t.Errorf("received %d, ledger %v", s.noneTwice(), p.States)
	}
}

func TestTheRateIsAnUpperLimit(t *testing.T) {
	t.Parallel()
	s := newSink(t)
	b := setup(t, s, "conns=4&rate=50", quick, letter{})
	b.people(40)
	began := time.Now()
	m := b.launch()
	b.done(m.ID)
	if took := time.Since(began); took < 700*time.Millisecond { // 39 waits of 20 ms
		t.Errorf("40 messages at 50 a second took %s", took)
	}
	if s.noneTwice() != 40 {
		t.Errorf("received %d", s.noneTwice())
	}
}

func TestARenderersErrorsLeaveOutOnePersonOrStopTheMailing(t *testing.T) {
	t.Parallel()
	t.Run("one person", func(t *testing.T) {
		t.Parallel()
		b := setup(t, newSink(t), "", quick, letter{hook: func(r delivery.Recipient) error {
			switch r.ProfileID {
			case 2:
				return &delivery.SkipError{Reason: "no_product"}
			case 3:
				return errors.New("no name for the greeting")
			}
			return nil
		}})
		b.people(5)
		m := b.launch()
		p := b.done(m.ID)
		want := map[string]int64{"no_product": 1, delivery.ReasonNotRendered: 1}
		if diff := cmp.Diff(want, p.Skipped); diff != "" || p.States[delivery.Sent] != 3 {
			t.Errorf("%v (-want +got):\n%s", p.States, diff)
		}
		if d := b.of(m.ID, 3); d.Detail != "no name for the greeting" {
			t.Errorf("got %+v", d)
		}
	})
	t.Run("everybody", func(t *testing.T) {
		t.Parallel()
		b := setup(t, newSink(t), "", quick, letter{hook: func(delivery.Recipient) error { return errors.New("a broken tag") }})
		b.people(5)
		m := b.launch()
		p := b.until(m.ID, "paused", func(p delivery.Progress) bool { return p.Mailing.State == delivery.MailingPaused })
		if !strings.Contains(p.Mailing.Alarm, "a broken tag") || p.Open() != 5 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("a panic", func(t *testing.T) {
		t.Parallel()
		first := true
		b := setup(t, newSink(t), "conns=1", quick, letter{hook: func(delivery.Recipient) error {
			if first {
				first = false
				panic("out of luck")
			}
			return nil
		}})
		b.people(5)
		if p := b.done(b.launch().ID); p.States[delivery.Sent] != 5 {
			t.Errorf("%v", p.States)
		}
	})
}

func TestAServerThatIsAwayLosesNothing(t *testing.T) {
	t.Parallel()
	s := newSink(t)
	addr := s.ln.Addr().String()
	_ = s.ln.Close()
	b := setup(t, s, "conns=2", quick, letter{})
	b.people(8)
	m := b.launch()
	p := b.until(m.ID, "in trouble", func(p delivery.Progress) bool { return p.Trouble != "" })
	if !strings.Contains(p.Trouble, "nobody listens at "+addr) || p.Open() != 8 || p.Mailing.State != delivery.MailingRunning {
		t.Errorf("%+v", p)
	}
}

func TestTheTimelineTellsOfMailThatWentOut(t *testing.T) {
	t.Parallel()
	b := setup(t, newSink(t, faultOf("p2@example.com", 9, fault{at: delivery.StepRcpt, answer: "550 5.1.1 gone"})), "", quick, letter{})
	b.people(3)
	m := b.launch()
	b.done(m.ID)
	b.exec("UPDATE crm_profiles SET merged_into = 2 WHERE id = 1")
	got, err := b.post.Timeline(b.ctx, 2, time.Time{}, 10)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]int{}
	for _, g := range got {
		keys[g.Key]++
		if g.Link != "newsletters/7" || g.Args["title"] != "Spring" {
			t.Errorf("got %+v", g)
		}
	}
	if diff := cmp.Diff(map[string]int{"timeline.mail": 1, "timeline.mail_bounced": 1}, keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if earlier, err := b.post.Timeline(b.ctx, 2, got[len(got)-1].At, 10); err != nil || len(earlier) != 0 {
		t.Errorf("before the first: %v %v", earlier, err)
	}
}

func TestSendNowReportsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	s := newSink(t, keeping, faultOf("p2@example.com", 9, fault{at: delivery.StepRcpt, answer: "550 5.1.1 no such user"}))
	b := setup(t, s, "", quick, letter{})
	if err := b.post.SendNow(b.ctx, message(delivery.Recipient{Email: "p1@example.com"})); err != nil || s.content("p1@example.com") == "" {
		t.Errorf("sending: %v", err)
	}
	var refused *delivery.RefusedError
	err := b.post.SendNow(b.ctx, message(delivery.Recipient{Email: "p2@example.com"}))
	if !errors.As(err, &refused) || refused.Code != 550 || refused.Enhanced != "5.1.1" || refused.Temporary() {
		t.Errorf("a refusal: %v", err)
	}
	ctx, cancel := context.WithCancel(b.ctx)
	cancel()
	if err := b.post.SendNow(ctx, message(delivery.Recipient{Email: "p3@example.com"})); err == nil {
		t.Error("sent although the context had ended")
	}
}
