package woocommerce

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

var _ adapters.CartReader = (*Shop)(nil)

// sessionsSource reads visitors' sessions, where carts are. A session keeps no time of its change, only when it will be
// over, so all are walked over again and again, a few hundred a poll: 10,000 sessions are through in three minutes.
func sessionsSource() follow.Source {
	return follow.Source{Letter: 's', What: "carts", Table: "{woocommerce_sessions}", ID: "session_id", Sweep: sweepSessions}
}

const sessionStep = 300

func sweepSessions(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
	few := min(limit, sessionStep)
	var step follow.Stride
	err := db.Each(ctx, "carts", "SELECT session_id FROM {woocommerce_sessions} FORCE INDEX (PRIMARY) WHERE session_id > ? ORDER BY session_id LIMIT ?",
		[]any{p.Swept(), few}, func(scan func(...any) error) error {
			var h follow.Hit
			err := scan(&h.ID)
			h.Target = h.ID
			step.Hits, step.End = append(step.Hits, h), h.ID
			return err
		})
	step.Last = len(step.Hits) < few
	return step, err
}

// Carts reads the carts in visitors' sessions that are not over. Of guests the checkout's address is known as soon as they
// have typed it.
func (s *Shop) Carts(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Cart], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Cart]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), sessionsSource(), after, limit, func(ctx context.Context, ids []int64) ([]adapters.Cart, []adapters.BadRow, error) {
		return r.carts(ctx, ids, s.cfg.Now())
	})
}

func (r *reader) carts(ctx context.Context, ids []int64, now time.Time) ([]adapters.Cart, []adapters.BadRow, error) {
	var rows []adapters.Cart
	var bad []adapters.BadRow
	err := r.Each(ctx, "carts", `SELECT s.session_id, s.session_key, s.session_value, s.session_expiry, COALESCE(u.ID, 0), COALESCE(u.user_email, '')
		FROM {woocommerce_sessions} s LEFT JOIN {users} u ON u.ID = IF(s.session_key REGEXP '^[0-9]{1,18}$', CAST(s.session_key AS UNSIGNED), 0)
		WHERE s.session_id `+follow.In(ids)+" AND s.session_expiry > ? ORDER BY s.session_id", []any{now.Unix()}, func(scan func(...any) error) error {
		var id, expiry, user int64
		var session, text, email string
		if err := scan(&id, &session, &text, &expiry, &user, &email); err != nil {
			return err
		}
		errs := foreign.NewCheck(map[string]string{"session_key": session})
		cart := adapters.Cart{Key: foreign.Str(id), CustomerKey: foreign.Key(user), Email: strings.TrimSpace(email),
			Currency: strings.ToUpper(r.options["woocommerce_currency"]), ChangedAt: sessionChanged(expiry, now)}
		read(&cart, text, errs)
		switch {
		case errs.Failed():
			bad = append(bad, errs.Row(cart.Key))
		case len(cart.Lines) > 0:
			rows = append(rows, cart)
		}
		return nil
	})
	return rows, bad, err
}

// sessionChanged is when a session was last prolonged: two days before its end or, in newer versions and with an account,
// seven.
func sessionChanged(expiry int64, now time.Time) time.Time {
	end := time.Unix(expiry, 0).UTC()
	if changed := end.AddDate(0, 0, -2); !changed.After(now) {
		return changed
	}
	return end.AddDate(0, 0, -7)
}

// read reads a session: a serialised list whose entries are, where they are lists themselves, serialised once more.
func read(cart *adapters.Cart, text string, errs *foreign.Check) {
	entries := func(name string, from foreign.Value) foreign.Value {
		inner := from.Get(name).Text
		if inner == "" {
			return foreign.Value{}
		}
		v, err := foreign.ParsePHP(inner)
		if err != nil {
			errs.Fail("session_value, "+name, foreign.Cut(inner), err)
		}
		return v
	}
	session, err := foreign.ParsePHP(text)
	if err != nil {
		errs.Fail("session_value", foreign.Cut(text), err)
		return
	}
	for _, item := range entries("cart", session).Entries {
		line := item.Value
		field := func(name string) string { return fmt.Sprintf("cart %s, %s", item.Key, name) }
		quantity := errs.Number(field("quantity"), line.Get("quantity").Text)
		if !quantity.IsPositive() {
			continue
		}
		net, tax := errs.Number(field("line_total"), line.Get("line_total").Text), errs.Number(field("line_tax"), line.Get("line_tax").Text)
		cart.Lines = append(cart.Lines, adapters.CartLine{
			ProductKey: foreign.Key(foreign.ID(line.Get("product_id").Text)), VariantKey: foreign.Key(foreign.ID(line.Get("variation_id").Text)),
			Quantity: quantity.String(), Total: net.Add(tax).String(),
		})
	}
	if cart.CustomerKey != "" || len(cart.Lines) == 0 {
		return
	}
	guest := entries("customer", session)
	cart.Email, cart.Phone = strings.TrimSpace(guest.Get("email").Text), foreign.Plain(guest.Get("phone").Text)
	cart.FirstName, cart.LastName = foreign.Plain(guest.Get("first_name").Text), foreign.Plain(guest.Get("last_name").Text)
}
