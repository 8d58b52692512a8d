package delivery_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

// The test below runs this test's program again as a process that can be killed.
var (
	senderDSN  = flag.String("sender.dsn", "", "be a sending process over this database")
	senderSMTP = flag.String("sender.smtp", "", "and this mail server")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *senderDSN != "" {
		if err := send(*senderDSN, *senderSMTP); err != nil {
			println(err.Error())
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// send sends until it is killed.
func send(dsn, smtp string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, dsn, store.Config{})
	if err != nil {
		return err
	}
	transport, err := delivery.ParseTransport(smtp)
	if err != nil {
		return err
	}
	p, err := delivery.New(db, consent.New(db, consent.Config{}), transport, delivery.Config{LeaseTime: time.Second})
	if err != nil {
		return err
	}
	p.Register(kind, letter{html: "<p>Hello</p>"})
	if err := p.Start(ctx); err != nil {
		return err
	}
	select {}
}

func TestKilledAtRandomMomentsNobodyIsMailedTwiceAndNobodyIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 20,000 messages")
	}
	const people, conns = 20_000, 8
	const kills = 5
	s := newSink(t)
	dsn := storetest.DSN(t)
	db, err := store.Open(t.Context(), dsn, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b := &bundle{t: t, ctx: context.Background(), db: db, consents: consent.New(db, consent.Config{}), sink: s}
	b.post = b.newPost("conns=1", quick, letter{}) // it only freezes and counts
	b.people(people)
	m := b.freeze(everybody)
	if err := b.post.StartMailing(b.ctx, m.ID); err != nil {
		t.Fatal(err)
	}

	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	run := func() *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-sender.dsn", dsn, "-sender.smtp", s.url("conns="+strconv.Itoa(conns)))
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	kill := func(cmd *exec.Cmd) {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	for i := range kills {
		cmd := run()
		// It is killed while it sends, not while it starts: a random moment after a random number of messages.
		after := int64(people/(kills+1))*int64(i) + dice.Int64N(people/(kills+1)) + 1
		b.until(m.ID, "under way", func(delivery.Progress) bool { return s.count.Load() >= after })
		<-time.After(time.Duration(dice.Int64N(int64(50 * time.Millisecond))))
		kill(cmd)
		t.Logf("kill %d after %d messages, ledger %v", i+1, len(s.received()), b.progress(m.ID).States)
	}
	cmd := run()
	p := b.done(m.ID)
	kill(cmd)

	sent, uncertain := p.States[delivery.Sent], p.States[delivery.Uncertain]
	received := int64(s.noneTwice())
	t.Logf("sent %d, uncertain %d, received %d", sent, uncertain, received)
	if sent+uncertain != people {
		t.Errorf("the ledger does not add up: %v", p.States)
	}
	if uncertain > int64(kills*conns) {
		t.Errorf("%d uncertain after %d kills of %d connections", uncertain, kills, conns)
	}
	if received < sent || received > sent+uncertain {
		t.Errorf("%d received, %d sent, %d uncertain", received, sent, uncertain)
	}
	b.everySentWasReceived(m.ID)
}

// everySentWasReceived compares the ledger with what the server got, name by name.
func (b *bundle) everySentWasReceived(mailingID int64) {
	b.t.Helper()
	var emails []string
	err := b.db.NewRaw("SELECT email FROM crm_deliveries WHERE mailing_id = ? AND state = 'sent'", mailingID).Scan(b.ctx, &emails)
	if err != nil {
		b.t.Fatal(err)
	}
	got := b.sink.received()
	for _, e := range emails {
		if got[e] != 1 {
			b.t.Errorf("%s is sent in the ledger and came %d times", e, got[e])
		}
	}
}
