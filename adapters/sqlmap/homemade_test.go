package sqlmap_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
)

// homemade writes what the shop of examples/example.yaml would.
type homemade struct{}

var homemadeColumns = map[string]string{
	"clients":    "id, login, mail, name, surname, firm, tel, street, street2, town, zip, region, land, lang, gone, news, news_at, news_ip, made, edited",
	"articles":   "id, kind, parent, pos, code, title, slug, pic, price, was, left_over, can, shown, binned, shelves, made, edited",
	"orders":     "id, no, state, paid, storno, hidden, client, mail, name, surname, firm, tel, street, street2, town, zip, region, land, lang, money, goods, post, post_tax, tax, minus, codes, placed, paid_on, done_on, edited",
	"order_rows": "id, order_id, part_of, article, form, title, pieces, net, tax",
	"payback":    "id, order_id, cents, why, at",
}

// second is a time as the shop keeps most.
func second(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func utc(t time.Time) any { // of TIMESTAMP columns; the test's sessions are in UTC
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.DateTime)
}

func (homemade) Seed(ctx context.Context, db adaptertest.DB, story adaptertest.Story) error {
	b := &adaptertest.Batch{Columns: homemadeColumns}
	for _, c := range story.Categories {
		b.Add("articles", c.ID, "c", c.Parent, 0, "", c.Name, c.Slug, nil, "", "", nil, "buy", 1, nil, "", zeroDate, nil)
	}
	for _, p := range story.Products {
		article(b, p)
	}
	for _, c := range story.Customers {
		client(b, c, story.Answers)
	}
	for i, a := range story.Answers {
		if a.CustomerID == 0 { // a reader without a login
			b.Add("clients", 500+i, nil, a.Email, "", "", "", "", "", "", "", "", "", "", "", 0, news[a.Consent], second(a.At), cmp.Or(a.IP, "-"), second(a.At), second(a.At))
		}
	}
	for _, o := range story.Orders {
		order(b, o)
	}
	for _, c := range story.Carts {
		basket(b, c)
	}
	return b.Write(ctx, db)
}

var can = map[adapters.Stock]string{adapters.InStock: "buy", adapters.OutOfStock: "sold", adapters.OnBackorder: "wait"}

var news = map[adapters.Consent]string{adapters.Subscribed: "yes", adapters.Unconfirmed: "asked", adapters.Unsubscribed: "no"}

func article(b *adaptertest.Batch, p adaptertest.Product) {
	price := p.Price
	if p.Broken {
		price = "5 or so"
	}
	shown := p.Visibility == adaptertest.Shown
	var binned any
	if p.Visibility == adaptertest.Binned {
		binned = local(p.Changed)
	}
	var shelves []string
	for _, c := range p.Categories {
		shelves = append(shelves, fmt.Sprint(c))
	}
	title := strings.NewReplacer("„", "&bdquo;", "“", "&ldquo;").Replace(p.Name) // letters that latin2 does not have
	b.Add("articles", p.ID, "a", 0, 0, p.SKU, title, p.Slug, orNull(p.Image), price, p.Regular, orNull(p.Quantity), can[p.Stock], shown, binned,
		strings.Join(shelves, ","), local(p.Created), utc(p.Changed))
	for i, v := range p.Variants {
		var names []string
		for n, slug := range v.Values {
			values := p.Attributes[n].Values
			names = append(names, values[slices.IndexFunc(values, func(v adaptertest.Value) bool { return v.Slug == slug })].Name)
		}
		b.Add("articles", v.ID, "f", p.ID, i, v.SKU, strings.Join(names, ", "), "", nil, v.Price, v.Regular, orNull(v.Quantity), can[v.Stock], 1, nil, "", local(p.Created), utc(p.Changed))
	}
}

func client(b *adaptertest.Batch, c adaptertest.Customer, answers []adaptertest.Answer) {
	consent, at, ip := "", int64(0), "-"
	for _, a := range answers {
		if a.CustomerID == c.ID {
			consent, at, ip = news[a.Consent], second(a.At), cmp.Or(a.IP, "-")
		}
	}
	a := c.Address
	gone := 0
	if c.Deleted {
		gone = 1
	}
	b.Add("clients", c.ID, fmt.Sprintf("user%d", c.ID), c.Email, c.FirstName, c.LastName, c.Company, c.Phone, a.Line1, a.Line2, a.City, a.Postcode, a.Region, a.Country, c.Locale,
		gone, consent, at, ip, second(c.Registered), second(c.Changed))
}

var words = map[adapters.Status]string{
	adapters.StatusPending: "new", adapters.StatusPaid: "new", adapters.StatusCompleted: "sent", adapters.StatusCancelled: "new",
	adapters.StatusRefunded: "returned", adapters.StatusFailed: "refused",
}

func order(b *adaptertest.Batch, o adaptertest.Order) {
	word, money := cmp.Or(words[o.Status], o.RawStatus), o.Currency
	if o.Draft {
		word = "draft"
	}
	if o.Broken {
		money = "€"
	}
	number := func(s string) decimal.Decimal { return decimal.RequireFromString(cmp.Or(s, "0")) }
	a := o.Address
	b.Add("orders", o.ID, o.Number, word, !o.Paid.IsZero(), o.Status == adapters.StatusCancelled, o.Binned, max(o.CustomerID, o.FormerID), o.Email, o.FirstName, o.LastName, o.Company, o.Phone,
		a.Line1, a.Line2, a.City, a.Postcode, a.Region, a.Country, o.Locale, money, number(o.Total).Sub(number(o.Shipping)).Sub(number(o.ShippingTax)), number(o.Shipping), number(o.ShippingTax),
		number(o.LineTax), number(o.Discount).Neg(), strings.Join(o.Coupons, ", "), second(o.Placed), second(o.Paid), second(o.Completed), second(o.Changed))
	for _, l := range o.Lines {
		orderRow(b, o.ID, 0, l)
		for _, part := range l.Parts {
			orderRow(b, o.ID, l.ID, part)
		}
	}
	for _, r := range o.Refunds {
		payback(b, o.ID, r)
	}
}

func orderRow(b *adaptertest.Batch, order, of int64, l adaptertest.Line) {
	b.Add("order_rows", l.ID, order, of, l.ProductID, l.VariantID, l.Name, l.Quantity, l.Net, l.Tax)
}

func payback(b *adaptertest.Batch, order int64, r adaptertest.Refund) {
	b.Add("payback", r.ID, order, cents(r.Amount), orNull(r.Reason), local(r.At))
}

// basket is a row of orders, from before these were placed.
func basket(b *adaptertest.Batch, c adaptertest.Cart) {
	if c.Ordered || c.WishList { // the one is an order now, the other is unknown here
		return
	}
	id := c.ID - 5_000
	b.Add("orders", id, "", "basket", 0, 0, 0, c.CustomerID, c.Email, "", "", "", "", "", "", "", "", "", "", "", c.Currency, 0, 0, 0, 0, 0, "", second(c.Created), 0, 0, second(c.Changed))
	for _, l := range c.Lines {
		orderRow(b, id, 0, l)
	}
}

func (homemade) Change(ctx context.Context, db adaptertest.DB, c adaptertest.Change) error {
	run := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, statement, args...)
		return err
	}
	b := &adaptertest.Batch{Columns: homemadeColumns}
	at := second(c.At)
	switch {
	case c.Line != nil:
		orderRow(b, c.OrderID, 0, *c.Line)
		return b.Write(ctx, db)
	case c.Refund != nil: // the order itself is left as it is
		payback(b, c.OrderID, *c.Refund)
		return b.Write(ctx, db)
	case c.Status != "":
		return run("UPDATE orders SET state = ?, edited = ? WHERE id = ?", words[c.Status], at, c.OrderID)
	case c.Bin:
		return run("UPDATE orders SET hidden = 1, edited = ? WHERE id = ?", at, c.OrderID)
	case c.Delete:
		return errors.Join(run("DELETE FROM order_rows WHERE order_id = ?", c.OrderID), run("DELETE FROM payback WHERE order_id = ?", c.OrderID), run("DELETE FROM orders WHERE id = ?", c.OrderID))
	case c.Phone != "":
		return run("UPDATE orders SET tel = ? WHERE id = ?", c.Phone, c.OrderID)
	case c.ProductID > 0:
		return run("UPDATE articles SET price = ?, edited = ? WHERE id = ?", c.Price, c.At.UTC().Format(time.DateTime), c.ProductID)
	case c.CustomerID > 0:
		return run("UPDATE clients SET surname = ?, edited = ? WHERE id = ?", c.LastName, at, c.CustomerID)
	}
	return fmt.Errorf("nothing to change in %+v", c)
}
