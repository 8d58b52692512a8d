package daemon_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// told is what `kupec report --json` prints of money.
type told struct {
	Currencies []struct {
		Currency string
		Total    map[string]any
		Rows     []map[string]any
	}
}

// sum adds up a column of one currency.
func (r told) sum(t *testing.T, currency, key string) decimal.Decimal {
	t.Helper()
	sum := decimal.Zero
	for _, c := range r.Currencies {
		if c.Currency != currency {
			continue
		}
		for _, row := range c.Rows {
			sum = sum.Add(amount(t, row, key))
		}
	}
	return sum
}

func (r told) total(t *testing.T, currency, key string) decimal.Decimal {
	t.Helper()
	for _, c := range r.Currencies {
		if c.Currency == currency {
			return amount(t, c.Total, key)
		}
	}
	t.Fatalf("nothing in %s", currency)
	return decimal.Zero
}

func amount(t *testing.T, row map[string]any, key string) decimal.Decimal {
	t.Helper()
	text, ok := row[key].(string)
	if !ok {
		t.Fatalf("%s is not decimal text in %v", key, row)
	}
	return decimal.RequireFromString(text)
}

func (p *place) report(t *testing.T, args ...string) told {
	t.Helper()
	out, errs, code := p.run(t, append([]string{"report"}, append(args, "--json")...)...)
	var got told
	if err := json.Unmarshal([]byte(out), &got); code != 0 || err != nil {
		t.Fatalf("report %v: %d, %v\n%s%s", args, code, err, out, errs)
	}
	return got
}

func TestTheSumOfEveryReportIsTheRevenueOfStatus(t *testing.T) {
	t.Parallel()
	p, shop := attached(t)
	// An order that the shop binned counts in neither.
	if _, err := shop.Exec("UPDATE wp_wc_orders SET status = 'trash' WHERE type = 'shop_order' AND status = 'wc-completed' ORDER BY id LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := p.run(t, "sync", "--once"); code != 0 {
		t.Fatalf("sync: %d\n%s%s", code, out, errs)
	}
	out, errs, code := p.run(t, "status", "--json")
	var status struct {
		Revenue []struct {
			Currency, Gross, Refunded, Net string
			Orders                         int64
		}
	}
	if err := json.Unmarshal([]byte(out), &status); code != 0 || err != nil || len(status.Revenue) == 0 {
		t.Fatalf("status: %d, %v\n%s%s", code, err, out, errs)
	}
	sales, products, categories := p.report(t, "sales"), p.report(t, "products", "--limit", "10000"), p.report(t, "categories")
	byDay, countries, discounts, cohorts := p.report(t, "sales", "--by", "day"), p.report(t, "countries"), p.report(t, "discounts", "--by", "week"), p.report(t, "cohorts")
	for _, want := range status.Revenue {
		got := map[string]string{}
		for name, sum := range map[string]decimal.Decimal{
			"net of sales": sales.sum(t, want.Currency, "net"), "net of sales by day": byDay.sum(t, want.Currency, "net"),
			"net of new and returning": sales.sum(t, want.Currency, "new_net").Add(sales.sum(t, want.Currency, "returning_net")),
			"net of cohorts":           cohorts.sum(t, want.Currency, "net"), "net of countries": countries.sum(t, want.Currency, "net"),
			"net with and without discount": discounts.sum(t, want.Currency, "discounted_net").Add(discounts.sum(t, want.Currency, "full_price_net")),
			"net of products and the rest":  products.sum(t, want.Currency, "net").Add(products.total(t, want.Currency, "rest_net")),
			"net of categories": categories.sum(t, want.Currency, "net").Sub(categories.total(t, want.Currency, "several_net")).
				Add(categories.total(t, want.Currency, "none_net")).Add(categories.total(t, want.Currency, "rest_net")),
		} {
			got[name] = sum.StringFixed(2)
		}
		for name, sum := range got {
			if sum != want.Net {
				t.Errorf("%s %s: %s, status says %s", name, want.Currency, sum, want.Net)
			}
		}
		if diff := cmp.Diff([]string{want.Gross, want.Refunded}, []string{sales.sum(t, want.Currency, "gross").StringFixed(2), sales.sum(t, want.Currency, "refunded").StringFixed(2)}); diff != "" {
			t.Errorf("gross and refunded (-status +report):\n%s", diff)
		}
	}

	t.Run("and people read it as tables", func(t *testing.T) {
		for _, report := range []string{"sales", "cohorts", "products", "categories", "countries", "discounts", "second-order"} {
			out, errs, code := p.run(t, "report", report)
			if code != 0 || len(strings.Split(out, "\n")) < 4 {
				t.Errorf("%s: %d\n%s%s", report, code, out, errs)
			}
		}
	})
	t.Run("and of some people it is less", func(t *testing.T) {
		loyal := p.write(t, "loyal.json", `{"is": "orders", "at_least": 3}`)
		currency := status.Revenue[0].Currency
		all, some := sales.sum(t, currency, "net"), p.report(t, "sales", "--segment", loyal).sum(t, currency, "net")
		if !some.IsPositive() || !some.LessThan(all) {
			t.Errorf("%s of %s", some, all)
		}
	})
	t.Run("and what is wrong is named", func(t *testing.T) {
		for _, tt := range []struct {
			args []string
			want string
		}{
			{[]string{"sales", "--from", "yesterday"}, "--from"}, {[]string{"sales", "--from", "2026-02-01", "--to", "2026-01-01"}, "--to"},
			{[]string{"countries", "--shop", "tea"}, `"tea"`}, {[]string{"cohorts", "--currency", "XAU"}, "XAU"}, {[]string{"products", "--limit", "0"}, "--limit"},
			{[]string{"categories", "--below", "999999"}, "999999"},
		} {
			if out, errs, code := p.run(t, append([]string{"report"}, tt.args...)...); code == 0 || out != "" || !strings.Contains(errs, tt.want) {
				t.Errorf("%v: %d %q, want %s in %s", tt.args, code, out, tt.want, errs)
			}
		}
	})
}
