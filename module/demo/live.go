package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"
)

// LiveConfig says how busy the shop is while Live runs.
type LiveConfig struct {
	// Every is the average time between two happenings. Default 20 s.
	Every time.Duration
	// Seed decides what happens; the times at which it does come from the wall clock. Default 0.
	Seed uint64
	// Prefix stands before each table name. Default "wp_".
	Prefix string
	// Clock gives the time of orders. Default time.Now.
	Clock func() time.Time
	// Logger is told of what could not be done. Default: nothing is logged.
	Logger *slog.Logger
	// Happened, when set, is told after each happening: "order", "registration" or "refund".
	Happened func(what string)
}

// Live goes on trading in the shop that Generate wrote until ctx ends, and then returns nil. Most of what happens is
// somebody who bought three to six weeks ago coming back for the same and perhaps something that goes with it; now and then
// somebody new registers and orders, and an order that came broken is refunded. Orders that were being packed are sent.
// A happening that fails is logged and left out. Live returns an error only when there is no shop to trade in.
func Live(ctx context.Context, db *sql.DB, cfg LiveConfig) error {
	if cfg.Every <= 0 {
		cfg.Every = 20 * time.Second
	}
	if cfg.Prefix == "" {
		cfg.Prefix = "wp_"
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return fmt.Errorf("demo: time zone: %w", err)
	}
	state, err := option(ctx, db, cfg.Prefix, markerOption)
	if err == nil && state != "ready" {
		err = errors.New("the demo shop was not written to its end")
	}
	if err != nil {
		return fmt.Errorf("demo: no demo shop with the prefix %q to trade in, generate one first: %w", cfg.Prefix, err)
	}
	d := newDice()
	d.set(cfg.Seed, uint64(cfg.Clock().UnixNano()), 0, streamLive)
	l := &trade{till: &till{db: db, prefix: cfg.Prefix, goods: newAssortment(), zone: zone, clock: cfg.Clock}, people: newCensus(), d: d, seed: cfg.Seed}
	for {
		pause := time.NewTimer(time.Duration(float64(cfg.Every) * (.3 + d.ExpFloat64()*.7)))
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil
		case <-pause.C:
		}
		what, err := l.happen(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			cfg.Logger.Warn("demo shop: left something out", "what", what, "error", err)
		case cfg.Happened != nil:
			cfg.Happened(what)
		}
	}
}

// A trade is the state of one Live.
type trade struct {
	till   *till
	people *census
	d      *dice
	seed   uint64
}

func (l *trade) happen(ctx context.Context) (string, error) {
	if err := l.send(ctx); err != nil {
		return "delivery", err
	}
	switch l.d.weighted(70, 24, 6) {
	case 0:
		if err := l.comeBack(ctx); !errors.Is(err, errNoOrder) {
			return "order", err
		}
	case 2:
		if err := l.giveBack(ctx); !errors.Is(err, errNoOrder) {
			return "refund", err
		}
	}
	return "registration", l.newcomer(ctx)
}

// send completes the orders that have been packed for long enough.
func (l *trade) send(ctx context.Context) error {
	now := l.till.clock().UTC()
	return l.till.within(ctx, func(tx *sql.Tx) error {
		_, err := l.till.exec(ctx, tx, `UPDATE {p}wc_orders o JOIN {p}wc_order_operational_data d ON d.order_id = o.id
SET o.status = 'wc-completed', o.date_updated_gmt = ?, d.date_completed_gmt = ?, d.date_paid_gmt = COALESCE(d.date_paid_gmt, ?)
WHERE o.type = 'shop_order' AND o.status = 'wc-processing' AND o.date_updated_gmt < ?`,
			now.Format(time.DateTime), now.Format(time.DateTime), now.Format(time.DateTime), now.Add(-30*time.Hour).Format(time.DateTime))
		return err
	})
}

// someOrder picks a completed order placed between the two ages, or errNoOrder.
func (l *trade) someOrder(ctx context.Context, oldest, newest time.Duration) (uint64, error) {
	now := l.till.clock().UTC()
	at := now.Add(-oldest + time.Duration(l.d.Float64()*float64(oldest-newest)))
	var id uint64
	err := l.till.db.QueryRowContext(ctx, l.till.sql(`SELECT id FROM {p}wc_orders WHERE type = 'shop_order' AND status = 'wc-completed'
AND date_created_gmt >= ? AND date_created_gmt < ? ORDER BY date_created_gmt, id LIMIT 1`), at.Format(time.DateTime), now.Add(-newest).Format(time.DateTime)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errNoOrder
	}
	if err != nil {
		return 0, fmt.Errorf("demo: look for a customer: %w", err)
	}
	return id, nil
}

// comeBack orders again what somebody bought three to six weeks ago.
func (l *trade) comeBack(ctx context.Context) error {
	id, err := l.someOrder(ctx, 6*7*24*time.Hour, 3*7*24*time.Hour)
	if err != nil {
		return err
	}
	before, err := l.till.order(ctx, l.till.db, id, "")
	if err != nil {
		return err
	}
	who := person{number: id}
	err = l.till.db.QueryRowContext(ctx, l.till.sql(`SELECT COALESCE(first_name, ''), COALESCE(last_name, ''), COALESCE(company, ''), COALESCE(address_1, ''), COALESCE(city, ''), COALESCE(postcode, ''),
COALESCE(country, ''), COALESCE(email, ''), COALESCE(phone, '') FROM {p}wc_order_addresses WHERE order_id = ? AND address_type = 'billing'`), id).
		Scan(&who.first, &who.last, &who.company, &who.street, &who.city, &who.postcode, &who.country, &who.email, &who.phone)
	if err != nil {
		return fmt.Errorf("demo: read the address of order %d: %w", id, err)
	}
	b := basket{all: l.till.goods, d: l.d}
	for _, line := range before.Lines {
		product, variation := line.ids()
		p, variant, ok := l.till.goods.lookUp(product, variation)
		if ok && p.place == onSale && p.category != catMachines && p.category != catGrinders && (len(b.picks) == 0 || l.d.chance(.6)) {
			b.add(p, variant, int(min(line.Qty(), 5)))
		}
	}
	if len(b.picks) == 0 || l.d.chance(.3) {
		b.add(b.from(catCare, l.d.IntN(11)), -1, 1)
	}
	return l.place(ctx, &who, before.Customer, b.picks)
}

// newcomer registers and places a first order.
func (l *trade) newcomer(ctx context.Context) error {
	number := 100_000_000 + l.d.Uint64N(1_000_000_000) // past those that Generate made, so that the address is new
	who := l.people.person(newDice(), l.seed, number)
	habits := drawTraits(newDice(), l.seed, number)
	b := basket{all: l.till.goods, d: l.d}
	late := monthOf(l.till.clock().Unix(), l.till.zone) >= 11
	b.fill(&habits, 0, late)
	user := uint64(0)
	if who.account {
		err := l.till.within(ctx, func(tx *sql.Tx) (err error) {
			user, err = l.till.register(ctx, tx, &who, Password)
			return err
		})
		if err != nil {
			return err
		}
	}
	return l.place(ctx, &who, user, b.picks)
}

func (l *trade) place(ctx context.Context, who *person, user uint64, picks []pick) error {
	now := l.till.clock().Unix()
	o := order{who: who, customer: user, email: who.email, currency: who.currency(), created: now, via: "checkout", key: "wc_order_" + newKey(),
		method: "stripe", methodTitle: "Credit card", transaction: "ch_" + newKey(), fate: fate{status: statusProcessing, paidAt: now, updatedAt: now}}
	if l.d.chance(.3) {
		o.source, o.medium = "google", "cpc"
	}
	o.priced(picks)
	return l.till.within(ctx, func(tx *sql.Tx) error { return l.till.place(ctx, tx, &o) })
}

// giveBack refunds one line of an order that was sent in the last weeks.
func (l *trade) giveBack(ctx context.Context) error {
	id, err := l.someOrder(ctx, 21*24*time.Hour, 3*24*time.Hour)
	if err != nil {
		return err
	}
	p, err := l.till.order(ctx, l.till.db, id, "")
	if err != nil {
		return err
	}
	for _, line := range p.Lines {
		if line.Left() > 0 && p.Refundable() {
			return l.till.refund(ctx, id, map[uint64]int64{line.item: 1}, "Arrived broken")
		}
	}
	return fmt.Errorf("order %s: %w", strconv.FormatUint(id, 10), errNoOrder)
}
