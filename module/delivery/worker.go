package delivery

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/kupec/kupec/module/consent"
)

const (
	fresh        = time.Second            // how old the answer of the last consent check may be when a message goes out
	keepOpen     = 20 * time.Second       // an idle connection is closed after this, before servers do it
	backOffFirst = 500 * time.Millisecond // after the server could not be reached, doubled each time
	backOffMost  = 30 * time.Second
	lossesMax    = 3 // connections lost over one message before it is deferred
)

// worker drives one connection.
type worker struct {
	p       *Post
	wire    *wire
	used    time.Time     // when the connection was opened, or took a message
	wait    time.Duration // the next back-off
	permit  *rate.Reservation
	lane    *lane
	items   []*item // the batch in hand
	at      int     // the next of them
	checked time.Time
	sent    []int64 // accepted by the server, not yet in the ledger
	settled []outcome
	buffer  []byte
}

// item is a delivery of the batch in hand.
type item struct {
	claimed
	envelope
	losses int
}

func (p *Post) work(ctx context.Context) {
	w := &worker{p: p, wait: backOffFirst}
	defer w.hangUp()
	for !p.ending(ctx) {
		bell := p.hear()
		l := p.nextLane()
		if l == nil {
			if w.wire != nil && time.Since(w.used) > keepOpen {
				w.hangUp()
			}
			p.wait(ctx, idleWait, bell)
			continue
		}
		if w.safely(ctx, l) {
			w.wait = backOffFirst
			continue
		}
		w.drop()
		p.wait(ctx, w.wait, nil)
		w.wait = min(2*w.wait, backOffMost)
	}
}

// ending says whether nothing new may begin.
func (p *Post) ending(ctx context.Context) bool {
	select {
	case <-p.stopping:
		return true
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// safely works on a batch and turns a panic, a renderer's for example, into a failure.
func (w *worker) safely(ctx context.Context, l *lane) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			w.p.cfg.Logger.Error("panic while sending", "panic", r, "stack", string(debug.Stack()))
			ok = false
		}
	}()
	return w.batch(ctx, l)
}

// batch claims some deliveries and sends them. It is false when the server, the database or the renderer had trouble
// and it is better to wait a while.
func (w *worker) batch(ctx context.Context, l *lane) bool {
	rows, err := w.p.claim(ctx, l)
	if err != nil {
		return w.failed(ctx, "claiming deliveries", err)
	}
	if len(rows) == 0 {
		return true
	}
	w.lane, w.items, w.at = l, nil, 0
	l.hold(rows)
	defer l.letGo(rows)
	defer w.giveBack(ctx, rows)
	if w.wire == nil && !w.connect(ctx) {
		return false
	}
	if err := w.render(ctx, rows); err != nil {
		return w.failed(ctx, "rendering messages", err)
	}
	return w.transmit(ctx)
}

func (w *worker) failed(ctx context.Context, what string, err error) bool {
	if ctx.Err() == nil {
		w.p.cfg.Logger.Error(what, "error", err)
	}
	return false
}

// giveBack records what is left to record and queues what was not begun. After a failure it may run a second time.
func (w *worker) giveBack(ctx context.Context, rows []claimed) {
	w.flush(ctx)
	left := make([]int64, len(rows))
	for i, r := range rows {
		left[i] = r.ProfileID
	}
	// Whatever came to an end is no longer leased, and is not touched.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if w.at < len(w.items) || len(w.items) == 0 {
		if err := w.p.ledger.release(ctx, w.lane.mailing.ID, left); err != nil {
			w.p.cfg.Logger.Error("giving deliveries back, they will be when their lease ends", "error", err)
		}
	}
	w.items = nil
}

// render makes the batch's messages. Who gets none is settled.
func (w *worker) render(ctx context.Context, rows []claimed) error {
	p, m := w.p, w.lane.mailing
	recipients := make([]Recipient, len(rows))
	for i, r := range rows {
		recipients[i] = Recipient{r.ProfileID, r.Email}
	}
	refused, err := p.check(ctx, m, recipients)
	if err != nil {
		return err
	}
	w.checked = time.Now()
	allowed := recipients[:0:0]
	kept := rows[:0:0]
	for i, r := range recipients {
		if why, no := refused[r.ProfileID]; no {
			w.skip(r.ProfileID, why)
			continue
		}
		allowed, kept = append(allowed, r), append(kept, rows[i])
	}
	if len(allowed) == 0 {
		w.items = []*item{}
		w.flush(ctx)
		return nil
	}
	made, err := p.renderers[m.Kind].Render(ctx, m, allowed)
	if err != nil {
		return err
	}
	if len(made) != len(allowed) {
		return fmt.Errorf("the renderer of kind %q gave %d messages for %d recipients", m.Kind, len(made), len(allowed))
	}
	w.compose(ctx, kept, made)
	return nil
}

// compose writes the messages as they go over the wire.
func (w *worker) compose(ctx context.Context, rows []claimed, made []Rendered) {
	p, m := w.p, w.lane.mailing
	date := p.now()
	w.buffer = w.buffer[:0]
	ends := make([]int, 0, len(rows))
	var failed []outcome
	var first error
	for i, r := range rows {
		err := made[i].Err
		var skip *SkipError
		if errors.As(err, &skip) {
			w.settled = append(w.settled, outcome{mailingID: m.ID, profileID: r.ProfileID, state: Skipped, reason: clipText(skip.Reason, 32), detail: skip.Detail})
			continue
		}
		msg := made[i].Message
		msg.To = r.Email // the ledger says who gets it
		if err == nil {
			host := p.host(msg)
			w.buffer, err = compose(w.buffer, msg, stamp{
				messageID: messageID(m.ID, r.ProfileID, host),
				date:      date,
				listID:    m.Topic + "." + strconv.FormatInt(m.ShopID, 10) + "." + host,
				feedback:  strconv.FormatInt(m.ID, 10) + ":" + m.Kind + ":" + strconv.FormatInt(m.ShopID, 10) + ":kupec",
			})
		}
		if err != nil {
			if first == nil {
				first = err
			}
			failed = append(failed, outcome{mailingID: m.ID, profileID: r.ProfileID, state: Skipped, reason: ReasonNotRendered, detail: err.Error()})
			continue
		}
		w.items = append(w.items, &item{claimed: r, envelope: envelope{profileID: r.ProfileID, from: msg.From.Email, to: msg.To}})
		ends = append(ends, len(w.buffer))
	}
	begin := 0
	for i, it := range w.items { // only now, for the buffer may have moved while it grew
		it.content = w.buffer[begin:ends[i]:ends[i]]
		begin = ends[i]
	}
	if len(failed) > 1 && len(w.items) == 0 {
		p.halt(ctx, w.lane, "No message could be made: "+first.Error())
		return
	}
	w.settled = append(w.settled, failed...)
	if w.items == nil {
		w.items = []*item{}
	}
}

// check asks for consent and suppression.
func (p *Post) check(ctx context.Context, m Mailing, recipients []Recipient) (map[int64]consent.Refusal, error) {
	asked := make([]consent.Recipient, len(recipients))
	for i, r := range recipients {
		asked[i] = consent.Recipient{ProfileID: r.ProfileID, Email: r.Email}
	}
	return p.consents.May(ctx, asked, m.ShopID, m.Topic)
}

func (w *worker) skip(profileID int64, why consent.Refusal) {
	w.settled = append(w.settled, outcome{mailingID: w.lane.mailing.ID, profileID: profileID, state: Skipped, reason: why.Reason, detail: why.Detail})
}

// recheck asks again for those of the batch who are still to come.
func (w *worker) recheck(ctx context.Context) error {
	rest := w.items[w.at:]
	recipients := make([]Recipient, len(rest))
	for i, it := range rest {
		recipients[i] = Recipient{it.ProfileID, it.Email}
	}
	refused, err := w.p.check(ctx, w.lane.mailing, recipients)
	if err != nil {
		return err
	}
	w.checked = time.Now()
	kept := w.items[:w.at]
	for _, it := range rest {
		if why, no := refused[it.ProfileID]; no {
			w.skip(it.ProfileID, why)
			continue
		}
		kept = append(kept, it)
	}
	w.items = kept
	return nil
}

// next gives the next delivery that may go out now. Unless it may block, it gives nil when that takes a look at the
// database or a wait for the rate limit first.
func (w *worker) next(ctx context.Context, block bool) (*item, error) {
	for w.at < len(w.items) && w.lane.running.Load() && !w.p.ending(ctx) {
		if w.permit == nil {
			w.permit = w.p.limit.Reserve()
		}
		delay := w.permit.Delay()
		stale := time.Since(w.checked) > fresh
		if !block && (delay > 0 || stale) {
			return nil, nil
		}
		if delay > 0 {
			w.flush(ctx) // it may be long, and what is known should not wait with us
			w.p.wait(ctx, min(delay, glance), nil)
			continue
		}
		if stale {
			if err := w.recheck(ctx); err != nil {
				return nil, err
			}
			continue
		}
		it := w.items[w.at]
		w.at++
		if !w.wire.canCarry(&it.envelope) {
			w.refused(ctx, it, errNoUTF8, false)
			continue
		}
		w.permit = nil
		return it, nil
	}
	return nil, nil
}

// transmit sends the batch over the connection. It is false when it is better to wait a while.
func (w *worker) transmit(ctx context.Context) bool {
	var cur *item // its offer is on the wire
	for {
		if cur == nil {
			if w.wire == nil && !w.connect(ctx) {
				return false
			}
			next, err := w.next(ctx, true)
			if err != nil {
				return w.failed(ctx, "checking consent", err)
			}
			if next == nil {
				return true
			}
			w.wire.offer(&next.envelope)
			if err := w.wire.flush(); err != nil {
				if !w.lostBefore(next, err) {
					return false
				}
				continue
			}
			cur = next
		}
		if err := w.wire.accepted(&cur.envelope); err != nil {
			if !w.unaccepted(ctx, cur, err) {
				return false
			}
			cur = nil
			continue
		}
		if !w.lane.running.Load() || !w.begin(ctx, cur) {
			w.at-- // it is given back, if it is still ours
			w.drop()
			return true
		}
		if err := w.wire.content(&cur.envelope); err != nil {
			w.interrupted(cur, err)
			w.drop()
			cur = nil
			continue
		}
		cur = w.conclude(ctx, cur)
	}
}

// begin commits that the message is about to go out, together with what became of the ones before.
func (w *worker) begin(ctx context.Context, it *item) bool {
	e := entry{mailingID: w.lane.mailing.ID, sent: w.sent, settled: w.settled, begin: it.ProfileID}
	w.sent, w.settled = nil, nil
	return w.p.journal.record(ctx, e)
}

// flush commits what became of messages.
func (w *worker) flush(ctx context.Context) {
	if len(w.sent)+len(w.settled) == 0 {
		return
	}
	e := entry{mailingID: w.lane.mailing.ID, sent: w.sent, settled: w.settled}
	w.sent, w.settled = nil, nil
	w.p.journal.record(ctx, e)
}

// conclude ends the message whose content is out, offers the next with it where it can, and gives that one.
func (w *worker) conclude(ctx context.Context, cur *item) *item {
	var next *item
	var offer *envelope
	if w.wire.pipelined {
		if next, _ = w.next(ctx, false); next != nil {
			offer = &next.envelope
		}
	}
	err := w.wire.finish(offer)
	if err == nil {
		err = w.wire.outcome()
	}
	var refused *RefusedError
	switch {
	case err == nil:
		w.sent = append(w.sent, cur.ProfileID)
		w.used = time.Now()
		w.lane.refused.Store(0)
		w.p.setTrouble("")
		return next
	case errors.As(err, &refused):
		w.refused(ctx, cur, refused, true)
		if next != nil && !w.lane.running.Load() {
			w.at--
			w.drop()
			return nil
		}
		return next
	default:
		w.settled = append(w.settled, outcome{mailingID: w.lane.mailing.ID, profileID: cur.ProfileID, state: Uncertain,
			reason: ReasonConnection, detail: "The connection ended before the server's answer: " + err.Error()})
		if next != nil {
			w.at--
		}
		w.drop()
		return nil
	}
}

// unaccepted deals with a message that the server did not want, or whose connection ended before its content.
func (w *worker) unaccepted(ctx context.Context, it *item, err error) bool {
	var refused *RefusedError
	if !errors.As(err, &refused) {
		return w.lostBefore(it, err)
	}
	if errors.Is(err, errLost) {
		w.drop()
	}
	if refused.Temporary() && (refused.Step == StepMail || refused.Code == 421) { // it is about us, not about this person
		w.at--
		w.drop()
		w.p.setTrouble("The mail server asks to wait: " + refused.Error())
		return false
	}
	w.refused(ctx, it, refused, false)
	return true
}

// lostBefore puts a message back whose connection ended before its content. It is false when the connection had been of
// no use at all.
func (w *worker) lostBefore(it *item, err error) bool {
	useless := w.wire.taken == 0
	w.drop()
	it.losses++
	if it.losses >= lossesMax {
		w.settled = append(w.settled, w.later(it, ReasonConnection, "The connection ended each time: "+err.Error(), false))
	} else {
		w.at--
	}
	if useless {
		w.p.setTrouble("The mail server ends connections before it takes a message: " + err.Error())
	}
	return !useless
}

// interrupted queues a message again whose connection ended within its content; when that has happened before, with a pause.
func (w *worker) interrupted(it *item, err error) {
	if it.Attempts == 0 {
		w.settled = append(w.settled, outcome{mailingID: w.lane.mailing.ID, profileID: it.ProfileID, state: Queued})
		return
	}
	w.settled = append(w.settled, w.later(it, ReasonConnection, "The connection ended within the message: "+err.Error(), true))
}

// refused settles a message that the server refused. counted says that the try is in the ledger already.
func (w *worker) refused(ctx context.Context, it *item, why *RefusedError, counted bool) {
	o := outcome{mailingID: w.lane.mailing.ID, profileID: it.ProfileID, state: Bounced, detail: why.Error(), tried: !counted}
	switch judge(why) {
	case tryLater:
		o = w.later(it, ReasonTemporary, why.Error(), counted)
	case refuseSender:
		o = w.later(it, ReasonPolicy, why.Error(), counted)
		w.settled = append(w.settled, o)
		w.p.halt(ctx, w.lane, "The mail server refuses the sender or the message, not one address: "+why.Error())
		return
	case badAddress:
		o.reason = ReasonAddress
		w.p.journal.insist(ctx, func() error {
			return w.p.consents.Suppress(ctx, w.p.db, it.Email, consent.SuppressBounce, why.Error())
		})
	case refuseOne:
		o.reason = ReasonRefused
	}
	w.settled = append(w.settled, o)
	if o.state == Bounced && w.lane.refused.Add(1) == refusals {
		w.p.halt(ctx, w.lane, fmt.Sprintf("The last %d addresses were all refused, so that something else must be wrong: %s", refusals, why))
	}
}

// later defers a delivery for twice as long as the last time, or gives it up.
func (w *worker) later(it *item, reason, detail string, counted bool) outcome {
	o := outcome{mailingID: w.lane.mailing.ID, profileID: it.ProfileID, state: Deferred, reason: reason, detail: detail, tried: !counted}
	tries := it.Attempts + 1
	if tries >= w.p.cfg.MaxTries {
		o.state = Bounced
		return o
	}
	o.next = w.p.now().Add(w.p.cfg.FirstPause << min(tries-1, 20))
	return o
}

// connect opens a connection, and says what is wrong when it cannot.
func (w *worker) connect(ctx context.Context) bool {
	wire, err := w.p.transport.connect(ctx)
	if err != nil {
		if ctx.Err() == nil {
			w.p.setTrouble(w.p.transport.explain(err).Error())
		}
		return false
	}
	w.wire, w.used = wire, time.Now()
	return true
}

// drop ends the connection without a word, and what is offered on it with it.
func (w *worker) drop() {
	if w.wire != nil {
		w.wire.cut()
		w.wire = nil
	}
}

func (w *worker) hangUp() {
	if w.wire != nil {
		w.wire.close()
		w.wire = nil
	}
}
