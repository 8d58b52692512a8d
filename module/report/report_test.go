package report_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/report"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

// world is two shops in zones half a day apart, with products 1 to 6 in categories.
type world struct {
	t       *testing.T
	db      *bun.DB
	book    *purchase.Book
	reports *report.Reports
	ctx     context.Context
	now     time.Time
}

const (
	home   = 5 // in UTC+05:30
	abroad = 6 // in UTC
	zoneOf = "IF(o.shop_id = 5, 330, 0)"
)

func setup(t *testing.T) *world {
	t.Helper()
	db := storetest.DB(t)
	w := &world{t: t, db: db, ctx: staff.WithSystem(t.Context(), "test"), now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	w.book = purchase.New(db, purchase.Config{Clock: clock})
	segments, err := segment.New(db, segment.Config{Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	w.reports = report.New(db, catalog.New(db, catalog.Config{Clock: clock}), segments, report.Config{Clock: clock})
	w.exec("INSERT INTO crm_shops (id, name, platform, currency, zone, created_at) VALUES (5, 'home', 'x', 'EUR', 'UTC+05:30', NOW(6)), (6, 'abroad', 'x', 'CHF', '', NOW(6))")
	for id := 1; id <= 6; id++ {
		w.exec("INSERT INTO crm_products (id, shop_id, shop_key, name, sku, currency, stock, visible, fingerprint) VALUES (?, 5, ?, ?, '', 'EUR', 'in_stock', TRUE, 0)", id, id, fmt.Sprintf("Product %d", id))
	}
	return w
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.NewRaw(query, args...).Exec(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

// sale is an order in few words.
type sale struct {
	key      int
	shop     int64
	profile  int64
	identity int64 // default: the profile's number
	at       time.Time
	total    string
	refund   string
	discount string
	currency string // default EUR
	country  string
	status   adapters.Status // default paid
	deleted  bool
	lines    map[int64]string // product to total
}

func (s sale) order() purchase.Order {
	in := func(text string) money.Money {
		if s.currency == "" {
			s.currency = "EUR"
		}
		if text == "" {
			return money.Zero(s.currency)
		}
		return money.New(decimal.RequireFromString(text), s.currency)
	}
	o := purchase.Order{Key: strconv.Itoa(s.key), Number: strconv.Itoa(s.key), ProfileID: s.profile, IdentityID: s.identity, Status: s.status, Total: in(s.total),
		Discount: in(s.discount), PlacedAt: s.at, Address: contact.Address{Country: s.country}, Deleted: s.deleted}
	if o.IdentityID == 0 {
		o.IdentityID = s.profile
	}
	if o.Status == "" {
		o.Status = adapters.StatusPaid
	}
	if s.refund != "" {
		o.Refunds = []purchase.Refund{{Key: "1", Amount: in(s.refund)}}
	}
	for id := int64(0); id <= 6; id++ {
		if text, ok := s.lines[id]; ok {
			o.Lines = append(o.Lines, purchase.Line{Key: strconv.FormatInt(id, 10), ProductID: id, Name: "x", Quantity: decimal.NewFromInt(2), Total: in(text), Tax: in("")})
		}
	}
	return o
}

// write applies orders in a transaction that also marks their people, as intake does.
func (w *world) write(sales ...sale) {
	w.t.Helper()
	err := store.InTx(w.ctx, w.db, func(ctx context.Context, tx bun.Tx) error {
		byShop := map[int64][]purchase.Order{}
		for _, s := range sales {
			byShop[s.shop] = append(byShop[s.shop], s.order())
		}
		for shop, orders := range byShop {
			touched, err := w.book.Apply(ctx, tx, shop, orders)
			if err != nil {
				return err
			}
			if err := report.MarkStale(ctx, tx, touched); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) check() int64 {
	w.t.Helper()
	corrected, err := w.reports.Check(w.ctx, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return corrected
}

func (w *world) refresh() {
	w.t.Helper()
	if err := w.reports.Catchup(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

// rows gives a query's rows as text.
func (w *world) rows(query string, args ...any) []string {
	w.t.Helper()
	rows := []string{}
	if err := w.db.NewRaw(query, args...).Scan(w.ctx, &rows); err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// counted is the orders that count with their day, and who has an earlier one or a later one, told in the plainest way.
const counted = `WITH o AS (SELECT o.*, COALESCE(DATE(o.placed_at + INTERVAL ` + zoneOf + ` MINUTE), '1000-01-01') AS day, COALESCE(o.placed_at, '9999-12-31') AS moment
		FROM crm_orders o WHERE o.status IN ('paid', 'completed', 'refunded') AND o.deleted_at IS NULL),
	k AS (SELECT o.*, (SELECT COUNT(*) FROM o e WHERE e.profile_id = o.profile_id AND e.shop_id = o.shop_id AND (e.moment < o.moment OR e.moment = o.moment AND e.id < o.id)) AS earlier,
		EXISTS (SELECT 1 FROM o e WHERE e.profile_id = o.profile_id AND e.shop_id = o.shop_id AND (e.moment > o.moment OR e.moment = o.moment AND e.id > o.id)) AS later,
		(SELECT e.day FROM o e WHERE e.profile_id = o.profile_id AND e.shop_id = o.shop_id ORDER BY e.moment, e.id LIMIT 1) AS first_day FROM o) `

// sums compares every table of sums with what plain SQL over the orders says.
func (w *world) sums(when string) {
	w.t.Helper()
	for _, tt := range []struct{ what, kept, plain string }{
		{"days", `SELECT CONCAT_WS(' ', shop_id, day, currency, country, repeated, orders, gross, refunded, reduced_orders, reduced_gross, reduced_refunded, discount) AS t FROM crm_report_days ORDER BY t`,
			counted + `SELECT CONCAT_WS(' ', shop_id, day, currency, country, earlier > 0, COUNT(*), SUM(total), SUM(refunded), SUM(discount > 0), CAST(SUM(IF(discount > 0, total, 0)) AS DECIMAL(19,4)),
				CAST(SUM(IF(discount > 0, refunded, 0)) AS DECIMAL(19,4)), SUM(discount)) AS t FROM k GROUP BY shop_id, day, currency, country, earlier > 0 ORDER BY t`},
		{"products", `SELECT CONCAT_WS(' ', shop_id, day, currency, product_id, orders, quantity, gross, net, rebought, firsts, returned) AS t FROM crm_report_products WHERE grain = 'd' ORDER BY t`,
			counted + `SELECT CONCAT_WS(' ', k.shop_id, k.day, k.currency, COALESCE(l.product_id, 0), COUNT(*), SUM(l.quantity), SUM(l.total), CAST(SUM(IF(k.total = 0, 0, ROUND(l.total * (k.total - k.refunded) / k.total, 2))) AS DECIMAL(19,4)),
				SUM(EXISTS (SELECT 1 FROM o e JOIN crm_order_lines m ON m.order_id = e.id WHERE e.profile_id = k.profile_id AND e.shop_id = k.shop_id AND m.product_id = l.product_id AND (e.moment < k.moment OR e.moment = k.moment AND e.id < k.id))),
				SUM(earlier = 0), SUM(earlier = 0 AND later)) AS t FROM k JOIN crm_order_lines l ON l.order_id = k.id GROUP BY k.shop_id, k.day, k.currency, COALESCE(l.product_id, 0) ORDER BY t`},
		{"months of products", `SELECT CONCAT_WS(' ', shop_id, LEFT(day, 7), currency, product_id, orders, net, rebought, firsts, returned) AS t FROM crm_report_products WHERE grain = 'm' ORDER BY t`,
			`SELECT CONCAT_WS(' ', shop_id, LEFT(day, 7), currency, product_id, SUM(orders), SUM(net), SUM(rebought), SUM(firsts), SUM(returned)) AS t FROM crm_report_products WHERE grain = 'd' GROUP BY shop_id, LEFT(day, 7), currency, product_id ORDER BY t`},
		{"cohorts", `SELECT CONCAT_WS(' ', shop_id, LEFT(cohort, 7), currency, later, people, orders, net) AS t FROM crm_report_cohorts WHERE currency <> '' ORDER BY t`,
			counted + `, i AS (SELECT k.*, IF(day = '1000-01-01', 0, 12 * (YEAR(day) - YEAR(first_day)) + MONTH(day) - MONTH(first_day)) AS months FROM k)
				SELECT CONCAT_WS(' ', shop_id, LEFT(first_day, 7), currency, months, COUNT(DISTINCT profile_id), COUNT(*), SUM(total - refunded)) AS t FROM i GROUP BY shop_id, LEFT(first_day, 7), currency, months ORDER BY t`},
		{"cohorts of any currency", `SELECT CONCAT_WS(' ', shop_id, LEFT(cohort, 7), later, people, orders) AS t FROM crm_report_cohorts WHERE currency = '' ORDER BY t`,
			counted + `, i AS (SELECT k.*, IF(day = '1000-01-01', 0, 12 * (YEAR(day) - YEAR(first_day)) + MONTH(day) - MONTH(first_day)) AS months FROM k)
				SELECT CONCAT_WS(' ', shop_id, LEFT(first_day, 7), months, COUNT(DISTINCT profile_id), COUNT(*)) AS t FROM i GROUP BY shop_id, LEFT(first_day, 7), months ORDER BY t`},
		{"second orders", `SELECT CONCAT_WS(' ', shop_id, LEFT(cohort, 7), days, people) AS t FROM crm_report_seconds WHERE days >= 0 ORDER BY t`,
			counted + `SELECT CONCAT_WS(' ', shop_id, LEFT(first_day, 7), DATEDIFF(day, first_day), COUNT(*)) AS t FROM k WHERE earlier = 1 AND day > '1000-01-01' GROUP BY shop_id, LEFT(first_day, 7), DATEDIFF(day, first_day) ORDER BY t`},
		{"people of second orders", `SELECT CONCAT_WS(' ', shop_id, LEFT(cohort, 7), people) AS t FROM crm_report_seconds WHERE days = -1 ORDER BY t`,
			counted + `SELECT CONCAT_WS(' ', shop_id, LEFT(first_day, 7), COUNT(DISTINCT profile_id)) AS t FROM k GROUP BY shop_id, LEFT(first_day, 7) ORDER BY t`},
	} {
		if diff := cmp.Diff(w.rows(tt.plain), w.rows(tt.kept)); diff != "" {
			w.t.Fatalf("%s, %s (-orders +sums):\n%s", when, tt.what, diff)
		}
	}
}

// random is a sale that the dice make.
func (w *world) random(dice *rand.Rand) sale {
	s := sale{key: dice.IntN(400), shop: home + int64(dice.IntN(2)), profile: 1 + dice.Int64N(60), at: w.now.Add(-time.Duration(dice.IntN(200*24*60)) * time.Minute),
		total: fmt.Sprintf("%d.%02d", 20+dice.IntN(80), dice.IntN(100)), currency: []string{"EUR", "CHF"}[dice.IntN(2)], country: []string{"SI", "AT", ""}[dice.IntN(3)],
		status: adapters.Statuses[dice.IntN(len(adapters.Statuses))], deleted: dice.IntN(12) == 0, lines: map[int64]string{}}
	s.identity = s.profile
	for range 1 + dice.IntN(3) {
		s.lines[dice.Int64N(7)] = fmt.Sprintf("%d.%02d", 1+dice.IntN(9), dice.IntN(100))
	}
	if dice.IntN(4) == 0 {
		s.refund = fmt.Sprintf("%d.%02d", dice.IntN(20), dice.IntN(100))
	}
	if dice.IntN(3) == 0 {
		s.discount = "2.50"
	}
	if dice.IntN(15) == 0 {
		s.at = time.Time{}
	}
	return s
}

// merge gives all that belongs to one person to another, as a merge does.
func (w *world) merge(from, to int64) {
	w.t.Helper()
	err := store.InTx(w.ctx, w.db, func(ctx context.Context, tx bun.Tx) error {
		var identities []int64
		if err := tx.NewRaw("SELECT DISTINCT identity_id FROM crm_orders WHERE profile_id = ?", from).Scan(ctx, &identities); err != nil || len(identities) == 0 {
			return err
		}
		var owners []int64 // of those identities: a shop may have told of one anew under its former person
		if err := tx.NewRaw("SELECT DISTINCT profile_id FROM crm_orders WHERE identity_id IN (?)", bun.List(identities)).Scan(ctx, &owners); err != nil {
			return err
		}
		if err := w.book.Reassign(ctx, tx, identities, to); err != nil {
			return err
		}
		return report.MarkStale(ctx, tx, append(owners, to))
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestSumsFollowAShopThatChangesAtRandom(t *testing.T) {
	t.Parallel()
	w := setup(t)
	dice := rand.New(rand.NewPCG(7, 11))
	for range 150 {
		w.write(w.random(dice))
	}
	w.check()
	w.sums("after the first check")
	for round := range 25 {
		for range 1 + dice.IntN(12) {
			w.write(w.random(dice)) // a new one, or another state of an old one
		}
		if dice.IntN(2) == 0 {
			w.merge(1+dice.Int64N(60), 1+dice.Int64N(60))
		}
		if dice.IntN(3) == 0 {
			touched, err := w.book.Gone(w.ctx, w.db, home, []string{strconv.Itoa(dice.IntN(400)), strconv.Itoa(dice.IntN(400))})
			if err != nil {
				t.Fatal(err)
			}
			if err := report.MarkStale(w.ctx, w.db, touched); err != nil {
				t.Fatal(err)
			}
		}
		if dice.IntN(3) > 0 {
			w.refresh()
			w.sums(fmt.Sprintf("round %d", round))
		}
	}
	w.refresh()
	if corrected := w.check(); corrected != 0 {
		t.Errorf("the check corrected %d sums that were kept current", corrected)
	}
	w.sums("at the end")
}

func TestTheNightlyCheckMendsWhatIsWrongAndSaysHowMuch(t *testing.T) {
	t.Parallel()
	w := setup(t)
	dice := rand.New(rand.NewPCG(1, 3))
	for range 120 {
		w.write(w.random(dice))
	}
	w.check()
	w.exec("UPDATE crm_report_days SET gross = gross + 1 ORDER BY day LIMIT 1")
	w.exec("DELETE FROM crm_report_cohorts WHERE currency = '' ORDER BY cohort LIMIT 1")
	w.exec("INSERT INTO crm_report_seconds (shop_id, cohort, days, people) VALUES (5, '2020-01-01', 3, 9)")
	w.exec("UPDATE crm_orders SET total = total + 1 WHERE deleted_at IS NULL AND status = 'paid' AND placed_at IS NOT NULL LIMIT 1") // and nobody marked it
	if corrected := w.check(); corrected < 4 {
		t.Errorf("%d sums were corrected", corrected)
	}
	w.sums("after the check")
	state, err := w.reports.State(w.ctx)
	if err != nil || !state.Ready || state.Corrected < 4 || !state.CheckedAt.Equal(w.now) {
		t.Errorf("got %+v, %v", state, err)
	}
}

func TestPeopleWhoChangeWhileTheSumsAreMadeAreNotLost(t *testing.T) {
	t.Parallel()
	w := setup(t)
	dice := rand.New(rand.NewPCG(4, 4))
	for range 100 {
		w.write(w.random(dice))
	}
	if n := len(w.rows("SELECT profile_id FROM crm_report_changes")); n != 0 {
		t.Errorf("%d people were noted before anybody watched", n)
	}
	stop, ended := make(chan struct{}), make(chan error, 2)
	for range 2 {
		go func() {
			for {
				select {
				case <-stop:
					ended <- nil
					return
				default:
				}
				if _, err := w.reports.Refresh(w.ctx, 20); err != nil {
					ended <- err
					return
				}
			}
		}()
	}
	go func() {
		_, err := w.reports.Check(w.ctx, nil)
		ended <- err
	}()
	for range 80 {
		w.write(w.random(dice), w.random(dice))
		w.merge(1+dice.Int64N(60), 1+dice.Int64N(60))
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	close(stop)
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	w.refresh()
	w.sums("at the end")
}
