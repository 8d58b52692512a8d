package delivery

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	glance   = 250 * time.Millisecond // between looks at which mailings run
	careTime = time.Second            // between looks after a mailing's rows
	wakeTime = 5 * time.Second        // between looks for deferred rows whose pause is over
	idleWait = 500 * time.Millisecond // before a mailing without queued rows is asked again
	dropStep = 5000                   // rows of a cancelled mailing skipped at once
	refusals = 50                     // in a row, after which it cannot be about the addresses
)

// lane is a mailing that this process works on.
type lane struct {
	mailing Mailing
	running atomic.Bool
	refused atomic.Int32 // permanent refusals since a message was last accepted

	mu        sync.Mutex
	after     int64              // the last profile id claimed: behind it, the index holds no remains of rows that have moved on
	idleUntil time.Time          // nothing was queued
	held      map[int64]struct{} // the rows that some worker has in hand: whose leases are renewed

	careAt, renewAt, wakeAt time.Time // used by care alone
}

func (l *lane) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.idleUntil)
}

// hold says that a worker has these rows in hand, until it lets go. What the database leased to us in a transaction whose
// answer was lost, or would not take back, is in nobody's hand: its lease ends, and it is queued again.
func (l *lane) hold(rows []claimed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[int64]struct{}{}
	}
	for _, r := range rows {
		l.held[r.ProfileID] = struct{}{}
	}
}

func (l *lane) letGo(rows []claimed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range rows {
		delete(l.held, r.ProfileID)
	}
}

func (l *lane) inHand() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.held))
}

func (l *lane) stir() {
	l.mu.Lock()
	l.after, l.idleUntil = 0, time.Time{}
	l.mu.Unlock()
}

// claim leases some rows, starting over at the first profile when there are none behind the last.
func (p *Post) claim(ctx context.Context, l *lane) ([]claimed, error) {
	l.mu.Lock()
	after := l.after
	l.mu.Unlock()
	rows, err := p.ledger.claim(ctx, l.mailing.ID, after, p.cfg.Batch)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 && after > 0 {
		if rows, err = p.ledger.claim(ctx, l.mailing.ID, 0, p.cfg.Batch); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(rows) == 0 {
		l.after, l.idleUntil = 0, time.Now().Add(idleWait)
		return nil, nil
	}
	l.after = rows[len(rows)-1].ProfileID
	return rows, nil
}

// nextLane gives the running mailings turns; nil when none has work.
func (p *Post) nextLane() *lane {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first, later *lane // the lowest id of all, and of those behind the last turn's
	for id, l := range p.lanes {
		if !l.running.Load() || l.idle() {
			continue
		}
		if first == nil || id < first.mailing.ID {
			first = l
		}
		if id > p.turn && (later == nil || id < later.mailing.ID) {
			later = l
		}
	}
	if later == nil {
		later = first
	}
	if later != nil {
		p.turn = later.mailing.ID
	}
	return later
}

// ring wakes the waiting connections and the care.
func (p *Post) ring() {
	p.mu.Lock()
	close(p.bell)
	p.bell = make(chan struct{})
	p.mu.Unlock()
}

func (p *Post) hear() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.bell
}

// wait sleeps until d is over, the bell rings, or ctx ends.
func (p *Post) wait(ctx context.Context, d time.Duration, bell <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-p.stopping:
	case <-bell:
	case <-timer.C:
	}
}

// care follows what the database says about mailings, and looks after their rows: leases that must be renewed, those of
// the dead, pauses that are over, mailings that are done, cancelled ones. Every process does it; it is all harmless twice.
func (p *Post) care(ctx context.Context) {
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			p.cfg.Logger.Error("looking after mailings", "error", err)
		}
		bell := p.hear()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-bell:
		}
	}
}

func (p *Post) look(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	var rows []mailingRow
	err = p.db.NewSelect().Model(&rows).ExcludeColumn("content").
		Where("state IN ('running', 'paused') OR state = 'cancelled' AND finished_at IS NULL").Scan(ctx)
	if err != nil {
		return fmt.Errorf("looking for mailings: %w", err)
	}
	seen := make(map[int64]bool, len(rows))
	for _, row := range rows {
		seen[row.ID] = true
		l, err := p.laneOf(ctx, row)
		if err != nil {
			return err
		}
		if l != nil {
			if err := p.tend(ctx, l, MailingState(row.State)); err != nil {
				return err
			}
		}
	}
	p.mu.Lock()
	for id, l := range p.lanes {
		if !seen[id] {
			l.running.Store(false)
			delete(p.lanes, id)
		}
	}
	p.mu.Unlock()
	return nil
}

// laneOf gives the mailing's lane, made with its content when it is new; nil for a kind that this process cannot render.
func (p *Post) laneOf(ctx context.Context, row mailingRow) (*lane, error) {
	if _, ok := p.renderers[row.Kind]; !ok {
		return nil, nil
	}
	running := row.State == string(MailingRunning)
	p.mu.Lock()
	l := p.lanes[row.ID]
	p.mu.Unlock()
	if l == nil {
		m, err := p.Mailing(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		l = &lane{mailing: m}
		p.mu.Lock()
		p.lanes[row.ID] = l
		p.mu.Unlock()
	}
	if running && !l.running.Load() {
		l.stir()
		l.refused.Store(0)
		l.running.Store(true)
		p.ring()
	} else if !running {
		l.running.Store(false)
	}
	return l, nil
}

// tend looks after one mailing's rows.
func (p *Post) tend(ctx context.Context, l *lane, state MailingState) error {
	now, id := time.Now(), l.mailing.ID
	if now.After(l.renewAt) {
		if err := p.ledger.renew(ctx, id, l.inHand()); err != nil {
			return err
		}
		l.renewAt = now.Add(p.cfg.LeaseTime / 4)
	}
	if now.Before(l.careAt) {
		return nil
	}
	l.careAt = now.Add(careTime)

	queued, uncertain, err := p.ledger.recover(ctx, id, p.now())
	if err != nil {
		return err
	}
	if queued+uncertain > 0 {
		p.cfg.Logger.Warn("took back what another process left", "mailing", id, "queued", queued, "uncertain", uncertain)
		l.stir()
	}
	if state == MailingCancelled {
		for ctx.Err() == nil {
			n, err := p.ledger.dropOpen(ctx, id, dropStep, p.now())
			if err != nil {
				return err
			}
			if n < dropStep {
				break
			}
		}
	}
	if state == MailingRunning && now.After(l.wakeAt) {
		l.wakeAt = now.Add(min(wakeTime, p.cfg.FirstPause))
		woken, err := p.ledger.wake(ctx, id, p.now())
		if err != nil {
			return err
		}
		if woken > 0 {
			l.stir()
		}
	}
	if state == MailingPaused {
		return nil
	}
	open, err := p.ledger.open(ctx, id)
	if err != nil || open {
		return err
	}
	return p.finish(ctx, l, state)
}

// finish marks a mailing none of whose rows can move any more.
func (p *Post) finish(ctx context.Context, l *lane, state MailingState) error {
	to := MailingDone
	if state == MailingCancelled {
		to = MailingCancelled
	}
	err := p.ledger.exec(ctx, "UPDATE crm_mailings SET state = ?, finished_at = ? WHERE id = ? AND state = ?", to, p.now(), l.mailing.ID, state)
	if err != nil {
		return fmt.Errorf("finishing mailing %d: %w", l.mailing.ID, err)
	}
	l.running.Store(false)
	p.mu.Lock()
	delete(p.lanes, l.mailing.ID)
	p.mu.Unlock()
	return nil
}

// halt pauses a mailing with an alarm.
func (p *Post) halt(ctx context.Context, l *lane, alarm string) {
	l.running.Store(false)
	p.cfg.Logger.Error("a mailing was paused", "mailing", l.mailing.ID)
	err := p.ledger.exec(ctx, "UPDATE crm_mailings SET state = 'paused', alarm = ? WHERE id = ? AND state = 'running'", clipText(alarm, 500), l.mailing.ID)
	if err != nil { // it runs on, and will meet the same answer again
		p.cfg.Logger.Error("a mailing could not be paused", "mailing", l.mailing.ID, "error", err)
	}
}
