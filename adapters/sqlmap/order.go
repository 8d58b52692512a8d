package sqlmap

import (
	"context"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

// Orders reads orders with their lines and refunds.
func (s *Shop) Orders(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Order], error) {
	return stream(ctx, s, "orders", after, limit, func(a *attached, rec record, parts map[string][]record) (adapters.Order, bool) {
		row := a.order(rec)
		for _, l := range parts["lines"] {
			row.Lines = append(row.Lines, l.line())
		}
		for _, f := range parts["refunds"] {
			row.Refunds = append(row.Refunds, adapters.Refund{
				Key: foreign.Str(f.id), Amount: positive(f.amount("amount")), Reason: f.text("reason"), RefundedAt: f.time("refunded_at"),
			})
		}
		return row, true
	})
}

func (a *attached) order(rec record) adapters.Order {
	status, word := rec.pl.status(rec.r)
	return adapters.Order{
		Key: foreign.Str(rec.id), Number: first(rec.text("number"), foreign.Str(rec.id)), Status: status, RawStatus: word,
		Currency: rec.r.check.Currency("currency", first(rec.word("currency"), a.site.currency)),
		Total:    rec.amount("total"), Tax: rec.amount("tax"), Shipping: rec.amount("shipping"), Discount: positive(rec.amount("discount")),
		CustomerKey: rec.ref("customer"), Email: rec.word("email"), FirstName: rec.text("first_name"), LastName: rec.text("last_name"),
		Company: rec.text("company"), Phone: rec.text("phone"), Address: rec.address(), Language: foreign.Language(rec.word("language")),
		Coupons: coupons(rec.text("coupons")), PlacedAt: rec.time("placed_at"), PaidAt: rec.time("paid_at"), CompletedAt: rec.time("completed_at"),
		ChangedAt: rec.time("changed_at"), Deleted: rec.flag("deleted", false),
	}
}

func (rec record) line() adapters.Line {
	quantity := rec.number("quantity")
	return adapters.Line{
		Key: foreign.Str(rec.id), ProductKey: rec.ref("product"), VariantKey: rec.ref("variant"), SKU: rec.text("sku"), Name: rec.text("name"),
		Quantity: first(quantity, "1"), Total: rec.amount("total"), Tax: rec.amount("tax"),
	}
}

// positive takes a minus away: shops keep discounts and refunds with and without.
func positive(amount string) string {
	d, err := decimal.NewFromString(amount)
	if err != nil {
		return amount
	}
	return d.Abs().String()
}

// coupons reads "SPRING, TEA".
func coupons(text string) []string {
	var list []string
	for _, code := range strings.Split(text, ",") {
		if code = strings.TrimSpace(code); code != "" {
			list = append(list, code)
		}
	}
	return list
}

// plan makes a function that gives an order's status and the shop's own word for it.
func (st *status) plan(q *query) func(*row) (adapters.Status, string) {
	word := st.word.plan(q, asText)
	tests := make([]func(*row) bool, len(st.rules))
	for i, r := range st.rules {
		tests[i] = q.tests(r.when)
	}
	return func(r *row) (adapters.Status, string) {
		r.field = "status"
		raw := foreign.Plain(word(r).text)
		for i, holds := range tests {
			if holds(r) {
				return st.rules[i].is, first(raw, string(st.rules[i].is))
			}
		}
		if known, ok := st.words[fold(raw)]; ok {
			return known, first(raw, string(known))
		}
		return adapters.StatusOther, first(raw, string(adapters.StatusOther))
	}
}
