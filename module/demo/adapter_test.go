package demo_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/woocommerce"
	"github.com/kupec/kupec/module/demo"
)

// walk reads all pages of one kind.
func walk[T any](t *testing.T, read func(context.Context, adapters.Cursor, int) (adapters.Page[T], error), each func(T)) {
	t.Helper()
	after := adapters.Cursor("")
	for {
		page, err := read(t.Context(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range page.Bad {
			t.Errorf("cannot be read: %s: %s", bad.Key, bad.Reason)
		}
		for _, row := range page.Rows {
			each(row)
		}
		if after = page.Next; !page.More {
			return
		}
	}
}

func money(t *testing.T, text string) decimal.Decimal {
	t.Helper()
	d, err := decimal.NewFromString(text)
	if err != nil {
		t.Fatalf("amount %q: %v", text, err)
	}
	return d
}

// The demo shop read through the adapter gives what SQL sums up in the shop's own tables.
func TestAdapterReadsTheSameTotals(t *testing.T) {
	t.Parallel()
	db := generated(t, demo.Config{Seed: 2, Profiles: 400})
	shop := woocommerce.New(db, woocommerce.Config{Now: now})
	info, err := shop.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Version != demo.Version || info.Mode != "hpos" || info.Currency != "EUR" || info.Zone != demo.Zone || info.Name != "Skodelica" || !info.PricesWithTax {
		t.Errorf("the shop describes itself as %+v", info)
	}

	type totals struct {
		Orders, Lines, Refunds int
		Total, Refunded        string
	}
	got := map[string]totals{}
	seen := map[string]bool{}
	walk(t, shop.Orders, func(o adapters.Order) {
		if o.Deleted || seen[o.Key] {
			return
		}
		seen[o.Key] = true
		sum := got[o.Currency]
		total, back := decimal.Zero, decimal.Zero
		if sum.Orders > 0 {
			total, back = money(t, sum.Total), money(t, sum.Refunded)
		}
		sum.Orders++
		sum.Lines += len(o.Lines)
		sum.Refunds += len(o.Refunds)
		for _, r := range o.Refunds {
			back = back.Add(money(t, r.Amount))
		}
		sum.Total, sum.Refunded = total.Add(money(t, o.Total)).StringFixed(2), back.StringFixed(2)
		got[o.Currency] = sum
	})

	want := map[string]totals{}
	const kept = "o.type = 'shop_order' AND o.status NOT IN ('trash', 'auto-draft', 'wc-checkout-draft')"
	rows, err := db.Query(`SELECT o.currency, COUNT(*), CAST(ROUND(SUM(o.total_amount), 2) AS CHAR) FROM wp_wc_orders o WHERE ` + kept + ` GROUP BY o.currency`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var currency string
		var sum totals
		if err := rows.Scan(&currency, &sum.Orders, &sum.Total); err != nil {
			t.Fatal(err)
		}
		want[currency] = sum
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for currency, sum := range want {
		err := db.QueryRow(`SELECT COUNT(*), CAST(ROUND(COALESCE(-SUM(r.total_amount), 0), 2) AS CHAR) FROM wp_wc_orders r JOIN wp_wc_orders o ON o.id = r.parent_order_id
			WHERE r.type = 'shop_order_refund' AND o.currency = ? AND `+kept, currency).Scan(&sum.Refunds, &sum.Refunded)
		if err != nil {
			t.Fatal(err)
		}
		sum.Lines = int(number(t, db, `SELECT COUNT(*) FROM wp_woocommerce_order_items i JOIN wp_wc_orders o ON o.id = i.order_id WHERE i.order_item_type = 'line_item' AND o.currency = ? AND `+kept, currency))
		want[currency] = sum
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orders (-SQL +adapter):\n%s", diff)
	}

	products, sold := 0, 0
	walk(t, shop.Products, func(p adapters.Product) {
		if p.Deleted {
			return
		}
		products++
		if p.Visible && p.Stock == adapters.InStock {
			sold++
		}
		if p.ImageURL == "" || p.URL == "" {
			t.Errorf("product %s has no picture or page: %+v", p.Key, p)
		}
	})
	if products != 120 || sold < 100 || sold > 115 {
		t.Errorf("%d products, %d for sale; want 120 and about 109", products, sold)
	}
	customers := map[string]bool{} // what changed a moment ago may come twice
	walk(t, shop.Customers, func(c adapters.Customer) {
		if !c.Deleted {
			customers[c.Key] = true
		}
	})
	if users := int(number(t, db, "SELECT COUNT(*) FROM wp_users")); len(customers) != users {
		t.Errorf("%d customers, %d users", len(customers), users)
	}
}
