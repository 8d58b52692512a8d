package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A till does to the tables what WooCommerce does when people buy: it takes orders, gives money back, opens accounts.
type till struct {
	db     *sql.DB
	prefix string
	goods  *assortment
	zone   *time.Location
	clock  func() time.Time
}

// What can go wrong at the till; each is something to tell the customer.
var (
	errEmptyCart   = errors.New("demo: the cart is empty, or was ordered already")
	errEmailTaken  = errors.New("demo: there is an account with this address")
	errNoOrder     = errors.New("demo: no such order")
	errNoRefund    = errors.New("demo: nothing of this order can be refunded")
	errTooManyBack = errors.New("demo: more pieces than were bought and not refunded yet")
)

// A stockError says that there is less of something than was asked for.
type stockError struct {
	name string
	left int64
}

func (e *stockError) Error() string {
	if e.left <= 0 {
		return e.name + " is sold out. Take it out of the cart."
	}
	return fmt.Sprintf("Only %d of %s are left. Lower the number.", e.left, e.name)
}

// within runs f in a transaction.
func (t *till) within(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("demo: begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("demo: commit: %w", err)
	}
	return nil
}

// sql fills the prefix into a statement.
func (t *till) sql(q string) string { return strings.ReplaceAll(q, "{p}", t.prefix) }

func (t *till) exec(ctx context.Context, tx *sql.Tx, q string, args ...any) (sql.Result, error) {
	res, err := tx.ExecContext(ctx, t.sql(q), args...)
	if err != nil {
		return nil, fmt.Errorf("demo: %s: %w", strings.SplitN(q, " WHERE", 2)[0], err)
	}
	return res, nil
}

// item writes an order item and returns its key.
func (t *till) item(ctx context.Context, tx *sql.Tx, order uint64) func(name, kind string) (uint64, error) {
	return func(name, kind string) (uint64, error) {
		res, err := t.exec(ctx, tx, "INSERT INTO {p}woocommerce_order_items (order_item_name, order_item_type, order_id) VALUES (?, ?, ?)", name, kind, order)
		if err != nil {
			return 0, err
		}
		id, err := res.LastInsertId()
		return uint64(id), err
	}
}

// placeholder takes an id from posts for an order or a refund.
func (t *till) placeholder(ctx context.Context, tx *sql.Tx, created int64, title string) (uint64, error) {
	w := newWriter(t.prefix)
	stub(w, 0, created, t.zone, title)
	res, err := tx.ExecContext(ctx, string(w.batches[tPosts].buf))
	if err != nil {
		return 0, fmt.Errorf("demo: take an order id: %w", err)
	}
	id, err := res.LastInsertId()
	return uint64(id), err
}

// place writes the order and takes its goods off the shelf, in the caller's transaction. It sets the order's id.
func (t *till) place(ctx context.Context, tx *sql.Tx, o *order) error {
	for i := range o.lines {
		if err := t.take(ctx, tx, &o.lines[i]); err != nil {
			return err
		}
	}
	id, err := t.placeholder(ctx, tx, o.created, "Order")
	if err != nil {
		return err
	}
	o.id = id
	if err := o.numberItems(t.item(ctx, tx, id)); err != nil {
		return err
	}
	w := newWriter(t.prefix)
	o.write(w, &counters{})
	if err := w.apply(ctx, tx); err != nil {
		return err
	}
	stamp := time.Unix(o.created, 0).UTC().Format(time.DateTime)
	if o.customer != 0 {
		for key, value := range map[string]string{"last_update": strconv.FormatInt(o.created, 10), "wc_last_active": strconv.FormatInt(o.created/day*day, 10),
			"paying_customer": "1", "billing_first_name": o.who.first, "billing_last_name": o.who.last, "billing_address_1": o.who.street,
			"billing_city": o.who.city, "billing_postcode": o.who.postcode, "billing_country": o.who.country, "billing_email": o.email, "billing_phone": o.who.phone} {
			if err := t.setUserMeta(ctx, tx, o.customer, key, value); err != nil {
				return err
			}
		}
		_, err = t.exec(ctx, tx, "UPDATE {p}wc_customer_lookup SET date_last_active = ? WHERE user_id = ?", stamp, o.customer)
		return err
	}
	_, err = t.exec(ctx, tx, `INSERT INTO {p}wc_customer_lookup (first_name, last_name, email, date_last_active, country, postcode, city)
SELECT ?, ?, ?, ?, ?, ?, ? FROM (SELECT 1) one WHERE NOT EXISTS (SELECT 1 FROM {p}wc_customer_lookup WHERE email = ?)`,
		o.who.first, o.who.last, o.email, stamp, o.who.country, o.who.postcode, o.who.city, o.email)
	return err
}

func (t *till) setUserMeta(ctx context.Context, tx *sql.Tx, user uint64, key, value string) error {
	var id uint64
	err := tx.QueryRowContext(ctx, t.sql("SELECT umeta_id FROM {p}usermeta WHERE user_id = ? AND meta_key = ? LIMIT 1"), user, key).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		_, err = t.exec(ctx, tx, "INSERT INTO {p}usermeta (user_id, meta_key, meta_value) VALUES (?, ?, ?)", user, key, value)
		return err
	case err != nil:
		return fmt.Errorf("demo: read the account: %w", err)
	}
	_, err = t.exec(ctx, tx, "UPDATE {p}usermeta SET meta_value = ? WHERE umeta_id = ?", value, id)
	return err
}

// take lowers the stock of what a line sells, or returns a *stockError.
func (t *till) take(ctx context.Context, tx *sql.Tx, l *line) error {
	product, variation := l.ids()
	sold := product
	if variation != 0 {
		sold = variation
	}
	res, err := t.exec(ctx, tx, `UPDATE {p}wc_product_meta_lookup SET stock_quantity = stock_quantity - ?, total_sales = total_sales + ?,
stock_status = IF(stock_quantity > 0, 'instock', 'outofstock') WHERE product_id = ? AND stock_status = 'instock' AND stock_quantity >= ?`, l.qty, l.qty, sold, l.qty)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		var left sql.NullFloat64
		err := tx.QueryRowContext(ctx, t.sql("SELECT stock_quantity FROM {p}wc_product_meta_lookup WHERE product_id = ?"), sold).Scan(&left)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("demo: read the stock: %w", err)
		}
		return &stockError{name: l.name(), left: int64(left.Float64)}
	}
	return t.copyStock(ctx, tx, sold)
}

// copyStock brings the stock in postmeta to what the lookup table says, as WooCommerce keeps both.
func (t *till) copyStock(ctx context.Context, tx *sql.Tx, product uint64) error {
	_, err := t.exec(ctx, tx, `UPDATE {p}postmeta m JOIN {p}wc_product_meta_lookup l ON l.product_id = m.post_id
SET m.meta_value = CASE m.meta_key WHEN '_stock' THEN CAST(l.stock_quantity AS CHAR) WHEN '_stock_status' THEN l.stock_status ELSE CAST(l.total_sales AS CHAR) END
WHERE m.post_id = ? AND m.meta_key IN ('_stock', '_stock_status', 'total_sales')`, product)
	return err
}

// register opens an account for a person and returns the WordPress user id, or errEmailTaken.
func (t *till) register(ctx context.Context, tx *sql.Tx, who *person, password string) (uint64, error) {
	var taken int
	err := tx.QueryRowContext(ctx, t.sql("SELECT COUNT(*) FROM {p}users WHERE user_email = ?"), who.email).Scan(&taken)
	if err != nil {
		return 0, fmt.Errorf("demo: look for the account: %w", err)
	}
	if taken > 0 {
		return 0, errEmailTaken
	}
	hash, err := hashPassword(password)
	if err != nil {
		return 0, err
	}
	login := who.login()
	err = tx.QueryRowContext(ctx, t.sql("SELECT COUNT(*) FROM {p}users WHERE user_login = ?"), login).Scan(&taken)
	if err != nil {
		return 0, fmt.Errorf("demo: look for the account: %w", err)
	}
	if taken > 0 {
		login = who.email // as WooCommerce would find another name; an address is nobody else's
	}
	now := t.clock().Unix()
	login = login[:min(len(login), 60)]
	res, err := t.exec(ctx, tx, "INSERT INTO {p}users (user_login, user_pass, user_nicename, user_email, user_registered, display_name) VALUES (?, ?, ?, ?, ?, ?)",
		login, hash, nicename(login), who.email, time.Unix(now, 0).UTC().Format(time.DateTime), who.name())
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, fmt.Errorf("demo: open an account: %w", err)
	}
	w := newWriter(t.prefix)
	writeUserMeta(w, t.prefix, uint64(id), who, now, 0, "customer", func() uint64 { return 0 })
	w.end(w.row(tCustomerLookup).null().id(uint64(id)).str(login).str(who.first).str(who.last).str(who.email).at(now).at(now).str(who.country).str(who.postcode).str(who.city))
	return uint64(id), w.apply(ctx, tx)
}

// A placed order as read back for its customer.
type placed struct {
	ID       uint64
	Status   string
	Currency string
	Total    int64
	Refunded int64
	Customer uint64
	Email    string
	Key      string
	At       time.Time
	Lines    []placedLine
	Shipping int64
}

// A placedLine is a line with how many pieces of it came back.
type placedLine struct {
	line
	Back int64
}

// Refundable tells whether money can be asked back.
func (p *placed) Refundable() bool {
	return (p.Status == statusProcessing || p.Status == statusCompleted) && p.Refunded < p.Total
}

// querier is a *sql.DB or *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

const placedColumns = `SELECT o.id, o.status, o.currency, CAST(ROUND(o.total_amount * 100) AS SIGNED), COALESCE(o.customer_id, 0), COALESCE(o.billing_email, ''), COALESCE(d.order_key, ''),
CAST(o.date_created_gmt AS CHAR), CAST(ROUND(COALESCE(d.shipping_total_amount + d.shipping_tax_amount, 0) * 100) AS SIGNED),
CAST(COALESCE((SELECT ROUND(-SUM(r.total_amount) * 100) FROM {p}wc_orders r WHERE r.parent_order_id = o.id AND r.type = 'shop_order_refund'), 0) AS SIGNED)
FROM {p}wc_orders o LEFT JOIN {p}wc_order_operational_data d ON d.order_id = o.id WHERE o.type = 'shop_order' AND `

func scanPlaced(row interface{ Scan(...any) error }) (placed, error) {
	var p placed
	var at string
	err := row.Scan(&p.ID, &p.Status, &p.Currency, &p.Total, &p.Customer, &p.Email, &p.Key, &at, &p.Shipping, &p.Refunded)
	if err != nil {
		return p, err
	}
	p.At, err = time.Parse(time.DateTime, at)
	return p, err
}

// order reads one order with its lines, or errNoOrder. lock is " FOR UPDATE" within a transaction.
func (t *till) order(ctx context.Context, q querier, id uint64, lock string) (placed, error) {
	if lock != "" {
		var locked uint64
		err := q.QueryRowContext(ctx, t.sql("SELECT id FROM {p}wc_orders WHERE id = ?"+lock), id).Scan(&locked)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return placed{}, fmt.Errorf("demo: lock order %d: %w", id, err)
		}
	}
	p, err := scanPlaced(q.QueryRowContext(ctx, t.sql(placedColumns+"o.id = ?"), id))
	if errors.Is(err, sql.ErrNoRows) {
		return placed{}, errNoOrder
	}
	if err != nil {
		return placed{}, fmt.Errorf("demo: read order %d: %w", id, err)
	}
	rows, err := q.QueryContext(ctx, t.sql(`SELECT i.order_item_id, i.order_item_name,
MAX(CASE WHEN m.meta_key = '_product_id' THEN m.meta_value END), MAX(CASE WHEN m.meta_key = '_variation_id' THEN m.meta_value END),
CAST(MAX(CASE WHEN m.meta_key = '_qty' THEN m.meta_value END) AS SIGNED),
CAST(ROUND(100 * MAX(CASE WHEN m.meta_key = '_line_subtotal' THEN m.meta_value END)) AS SIGNED), CAST(ROUND(100 * MAX(CASE WHEN m.meta_key = '_line_subtotal_tax' THEN m.meta_value END)) AS SIGNED),
CAST(ROUND(100 * MAX(CASE WHEN m.meta_key = '_line_total' THEN m.meta_value END)) AS SIGNED), CAST(ROUND(100 * MAX(CASE WHEN m.meta_key = '_line_tax' THEN m.meta_value END)) AS SIGNED),
COALESCE((SELECT -SUM(CAST(b.meta_value AS SIGNED)) FROM {p}woocommerce_order_itemmeta r JOIN {p}woocommerce_order_itemmeta b ON b.order_item_id = r.order_item_id AND b.meta_key = '_qty'
	JOIN {p}woocommerce_order_items ri ON ri.order_item_id = r.order_item_id JOIN {p}wc_orders ro ON ro.id = ri.order_id AND ro.parent_order_id = i.order_id
	WHERE r.meta_key = '_refunded_item_id' AND r.meta_value + 0 = i.order_item_id), 0)
FROM {p}woocommerce_order_items i JOIN {p}woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id
WHERE i.order_id = ? AND i.order_item_type = 'line_item' GROUP BY i.order_item_id, i.order_item_name, i.order_id ORDER BY i.order_item_id`), id)
	if err != nil {
		return placed{}, fmt.Errorf("demo: read the lines of order %d: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var l placedLine
		var net, subNet int64
		l.stored = &storedLine{}
		if err := rows.Scan(&l.item, &l.stored.name, &l.stored.product, &l.stored.variation, &l.qty, &subNet, &l.subTax, &net, &l.tax, &l.Back); err != nil {
			return placed{}, fmt.Errorf("demo: read the lines of order %d: %w", id, err)
		}
		l.subtotal, l.gross = subNet+l.subTax, net+l.tax
		p.Lines = append(p.Lines, l)
	}
	return p, rows.Err()
}

// refund gives money back for an order: pieces by order item, or all that is left when pieces is nil. The caller has
// checked that the order is the customer's.
func (t *till) refund(ctx context.Context, id uint64, pieces map[uint64]int64, reason string) error {
	return t.within(ctx, func(tx *sql.Tx) error {
		p, err := t.order(ctx, tx, id, " FOR UPDATE")
		if err != nil {
			return err
		}
		if !p.Refundable() {
			return errNoRefund
		}
		r := refund{parent: id, currency: p.Currency, created: t.clock().Unix(), reason: reason, by: adminUser, kind: "partial"}
		if pieces == nil {
			r.kind, r.amount = "full", p.Total-p.Refunded
		}
		for i := range p.Lines {
			l := &p.Lines[i]
			n := pieces[l.item]
			if n < 0 || n > l.qty-l.Back {
				return errTooManyBack
			}
			if n > 0 {
				r.lines = append(r.lines, l.part(l.Back, n))
			}
			if pieces == nil {
				n = l.qty - l.Back
			}
			if err := t.putBack(ctx, tx, &l.line, n); err != nil {
				return err
			}
		}
		r.sum()
		if r.amount <= 0 {
			return errNoRefund
		}
		if left := p.Total - p.Refunded; r.amount > left { // something was given back for goodwill before: no lines can say the rest
			r.lines, r.amount, r.tax = nil, left, 0
		}
		if r.id, err = t.placeholder(ctx, tx, r.created, "Refund"); err != nil {
			return err
		}
		w := newWriter(t.prefix)
		if err := r.write(w, &counters{}, t.item(ctx, tx, r.id)); err != nil {
			return err
		}
		if err := w.apply(ctx, tx); err != nil {
			return err
		}
		status := p.Status
		if r.amount == p.Total-p.Refunded {
			status = statusRefunded
		}
		_, err = t.exec(ctx, tx, "UPDATE {p}wc_orders SET status = ?, date_updated_gmt = ? WHERE id = ?", status, time.Unix(r.created, 0).UTC().Format(time.DateTime), id)
		return err
	})
}

// putBack returns refunded pieces to the shelf. What is no longer sold has no shelf.
func (t *till) putBack(ctx context.Context, tx *sql.Tx, l *line, n int64) error {
	if n <= 0 {
		return nil
	}
	product, variation := l.ids()
	if variation != 0 {
		product = variation
	}
	_, err := t.exec(ctx, tx, "UPDATE {p}wc_product_meta_lookup SET stock_quantity = stock_quantity + ?, stock_status = 'instock' WHERE product_id = ? AND stock_quantity IS NOT NULL", n, product)
	if err != nil {
		return err
	}
	return t.copyStock(ctx, tx, product)
}
