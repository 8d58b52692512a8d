package attribution

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
)

// Results is what a mailing brought. Money is as the orders stand now, refunds taken off.
type Results struct {
	Clicks        int64 // by people
	Clickers      int64 // different people who clicked
	MachineClicks int64
	Openers       int64 // different people whose mail program loaded the picture: unverified
	Orders        int64
	Revenue       []purchase.Revenue // by currency, largest net first
	Links         []LinkResult       // most clickers first; all links, also those nobody followed
}

// LinkResult is one link of a mailing.
type LinkResult struct {
	ID       int64
	URL      string
	Clicks   int64 // by people
	Clickers int64
}

// Results adds up one mailing.
func (t *Tracker) Results(ctx context.Context, mailingID int64) (Results, error) {
	sums, err := t.Sums(ctx, []int64{mailingID})
	if err != nil {
		return Results{}, err
	}
	sum := sums[mailingID]
	r := Results{Clickers: sum.Clickers, Orders: sum.Orders, Revenue: sum.Revenue}
	err = t.db.NewRaw(`SELECT
			COUNT(CASE WHEN kind = 'click' AND verdict = ? THEN 1 END),
			COUNT(CASE WHEN kind = 'click' AND verdict = ? THEN 1 END),
			COUNT(DISTINCT CASE WHEN kind = 'open' THEN profile_id END)
		FROM crm_touches WHERE mailing_id = ?`, Human, Machine, mailingID).Scan(ctx, &r.Clicks, &r.MachineClicks, &r.Openers)
	if err != nil {
		return Results{}, fmt.Errorf("counting the touches of mailing %d: %w", mailingID, err)
	}
	err = t.db.NewRaw(`SELECT l.id, l.url, COUNT(t.id) AS clicks, COUNT(DISTINCT t.profile_id) AS clickers
		FROM crm_links l LEFT JOIN crm_touches t ON t.mailing_id = l.mailing_id AND t.kind = 'click' AND t.link_id = l.id AND t.verdict = ?
		WHERE l.mailing_id = ? GROUP BY l.id, l.url ORDER BY clickers DESC, clicks DESC, l.id`, Human, mailingID).Scan(ctx, &r.Links)
	if err != nil {
		return Results{}, fmt.Errorf("counting the links of mailing %d: %w", mailingID, err)
	}
	return r, nil
}

// Sum is a mailing's results in short, for lists.
type Sum struct {
	Clickers int64
	Orders   int64
	Revenue  []purchase.Revenue // by currency, largest net first
}

// Sums adds up several mailings with two queries. Every mailing asked for is in the answer.
func (t *Tracker) Sums(ctx context.Context, mailingIDs []int64) (map[int64]Sum, error) {
	sums := make(map[int64]Sum, len(mailingIDs))
	if len(mailingIDs) == 0 {
		return sums, nil
	}
	for _, id := range mailingIDs {
		sums[id] = Sum{}
	}
	var clickers []struct{ MailingID, N int64 }
	err := t.db.NewRaw(`SELECT mailing_id, COUNT(DISTINCT profile_id) AS n FROM crm_touches
		WHERE mailing_id IN (?) AND kind = 'click' AND verdict = ? GROUP BY mailing_id`, bun.List(mailingIDs), Human).Scan(ctx, &clickers)
	if err != nil {
		return nil, fmt.Errorf("counting clickers: %w", err)
	}
	for _, c := range clickers {
		sums[c.MailingID] = Sum{Clickers: c.N}
	}
	var rows []struct {
		MailingID, Orders int64
		Currency          string
		Gross, Refunded   decimal.Decimal
	}
	err = t.db.NewRaw(`SELECT c.mailing_id, o.currency, COUNT(*) AS orders, SUM(o.total) AS gross, SUM(o.refunded) AS refunded
		FROM crm_credits c JOIN crm_orders o ON o.id = c.order_id
		WHERE c.mailing_id IN (?) AND o.status IN (?) AND o.deleted_at IS NULL
		GROUP BY c.mailing_id, o.currency ORDER BY SUM(o.total - o.refunded) DESC, o.currency`,
		bun.List(mailingIDs), bun.List(purchase.Counting)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("adding up credited orders: %w", err)
	}
	for _, r := range rows {
		s := sums[r.MailingID]
		s.Orders += r.Orders
		s.Revenue = append(s.Revenue, purchase.Revenue{Currency: r.Currency, Gross: r.Gross, Refunded: r.Refunded, Net: r.Gross.Sub(r.Refunded), Orders: r.Orders})
		sums[r.MailingID] = s
	}
	return sums, nil
}

// Credited is an order that is owed to a mailing.
type Credited struct {
	OrderID   int64
	ShopID    int64
	Number    string
	ProfileID int64
	Status    adapters.Status
	Total     money.Money
	Refunded  money.Money
	Net       money.Money
	PlacedAt  time.Time
	ClickedAt time.Time
	URL       string // the link that was followed
}

var creditOrder = store.Keyset{{Column: "c.placed_at", Desc: true}, {Column: "c.order_id", Desc: true}}

// OrdersOf lists a mailing's orders, latest first. after is the cursor of the page before, empty for the first; next is
// empty on the last page.
func (t *Tracker) OrdersOf(ctx context.Context, mailingID int64, after string, limit int) (page []Credited, next string, err error) {
	if limit <= 0 || limit > store.PageMax {
		limit = store.PageMax
	}
	var rows []struct {
		OrderID, ShopID, ProfileID int64
		Number, Status, Currency   string
		Total, Refunded            decimal.Decimal
		PlacedAt, ClickedAt        time.Time
		URL                        string `bun:"url"`
	}
	q := t.db.NewSelect().TableExpr("crm_credits AS c").
		Join("JOIN crm_orders AS o ON o.id = c.order_id").
		Join("LEFT JOIN crm_touches AS t ON t.id = c.touch_id").
		Join("LEFT JOIN crm_links AS l ON l.id = t.link_id").
		ColumnExpr("c.order_id, o.shop_id, o.profile_id, o.number, o.status, o.currency, o.total, o.refunded").
		ColumnExpr("c.placed_at, c.clicked_at, COALESCE(l.url, '') AS url").
		Where("c.mailing_id = ?", mailingID).
		Where("o.status IN (?)", bun.List(purchase.Counting)).
		Where("o.deleted_at IS NULL").
		Limit(int64(limit))
	if after != "" {
		place, err := creditOrder.Decode(after)
		if err != nil {
			return nil, "", err
		}
		q = place.After(q)
	}
	if err := creditOrder.Order(q).Scan(ctx, &rows); err != nil {
		return nil, "", fmt.Errorf("listing the orders of mailing %d: %w", mailingID, err)
	}
	for _, r := range rows {
		total, refunded := money.New(r.Total, r.Currency), money.New(r.Refunded, r.Currency)
		page = append(page, Credited{
			OrderID: r.OrderID, ShopID: r.ShopID, Number: r.Number, ProfileID: r.ProfileID, Status: adapters.Status(r.Status),
			Total: total, Refunded: refunded, Net: total.Sub(refunded), PlacedAt: r.PlacedAt, ClickedAt: r.ClickedAt, URL: r.URL,
		})
	}
	if len(rows) == limit {
		next = creditOrder.Encode(rows[len(rows)-1].PlacedAt, rows[len(rows)-1].OrderID)
	}
	return page, next, nil
}

// Influenced adds up the credited orders of a shop (0: of all) in one currency, placed in [from, to): their money net of
// refunds, and how many they are.
func (t *Tracker) Influenced(ctx context.Context, shopID int64, currency string, from, to time.Time) (money.Money, int64, error) {
	var net decimal.Decimal
	var orders int64
	q := t.db.NewSelect().TableExpr("crm_credits AS c").
		Join("JOIN crm_orders AS o ON o.id = c.order_id").
		ColumnExpr("COALESCE(SUM(o.total - o.refunded), 0), COUNT(*)").
		Where("c.placed_at >= ?", from.UTC()).
		Where("c.placed_at < ?", to.UTC()).
		Where("o.currency = ?", currency).
		Where("o.status IN (?)", bun.List(purchase.Counting)).
		Where("o.deleted_at IS NULL")
	if shopID != 0 {
		q = q.Where("o.shop_id = ?", shopID)
	}
	if err := q.Scan(ctx, &net, &orders); err != nil {
		return money.Money{}, 0, fmt.Errorf("adding up what mail brought: %w", err)
	}
	return money.New(net, currency), orders, nil
}
