package demo_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kupec/kupec/module/demo"
)

// A shopper is a browser at the storefront.
type shopper struct {
	t    testing.TB
	site string
	c    *http.Client
}

func storefront(t testing.TB, db *sql.DB) func() *shopper {
	t.Helper()
	site := httptest.NewServer(demo.NewStorefront(db, demo.StorefrontConfig{KupecURL: "https://crm.example/kupec/", Clock: now}))
	t.Cleanup(site.Close)
	return func() *shopper {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &shopper{t, site.URL, &http.Client{Jar: jar}}
	}
}

func (s *shopper) read(res *http.Response, err error) (int, string, *url.URL) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Request.URL
}

func (s *shopper) get(path string) (int, string, *url.URL) {
	s.t.Helper()
	return s.read(s.c.Get(s.site + path))
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// post sends a form with the token that the page at from shows.
func (s *shopper) post(from, path string, fields ...string) (int, string, *url.URL) {
	s.t.Helper()
	_, page, _ := s.get(from)
	form := url.Values{}
	if m := csrfField.FindStringSubmatch(page); m != nil {
		form.Set("csrf", m[1])
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return s.read(s.c.PostForm(s.site+path, form))
}

var productField = regexp.MustCompile(`name="product_id" value="(\d+)"`)
var variationField = regexp.MustCompile(`id="variation-(\d+)"`)

// add puts a product into the cart: its first variation, where it has some.
func (s *shopper) add(slug string, quantity int) {
	s.t.Helper()
	from := "/product/" + slug + "/"
	_, page, _ := s.get(from)
	fields := []string{"product_id", productField.FindStringSubmatch(page)[1], "quantity", strconv.Itoa(quantity)}
	if v := variationField.FindStringSubmatch(page); v != nil {
		fields = append(fields, "variation_id", v[1])
	}
	if status, page, at := s.post(from, "/cart/add", fields...); status != 200 || at.Path != "/cart/" {
		s.t.Fatalf("add %s: %d at %s: %s", slug, status, at, page)
	}
}

func address(email string, more ...string) []string {
	return append([]string{"billing_first_name", "Maja", "billing_last_name", "Kovačič <b>", "billing_email", email, "billing_phone", "041 123 456",
		"billing_address_1", "Slovenska cesta 1", "billing_postcode", "1000", "billing_city", "Ljubljana", "billing_country", "SI", "payment_method", "card"}, more...)
}

func (s *shopper) order(fields ...string) (id int, page string, at *url.URL) {
	s.t.Helper()
	status, page, at := s.post("/checkout/", "/checkout/", fields...)
	if _, err := fmt.Sscanf(at.Path, "/order/%d/", &id); status != 200 || err != nil {
		s.t.Fatalf("checkout: %d at %s: %s", status, at, page)
	}
	return id, page, at
}

func TestStorefront(t *testing.T) {
	t.Parallel()
	db := generated(t, demo.Config{Seed: 3, Profiles: 60})
	visitor := storefront(t, db)

	t.Run("a guest orders and everything WooCommerce writes is there", func(t *testing.T) {
		s := visitor()
		s.get("/?utm_source=newsletter&utm_medium=email&utm_campaign=advent")
		s.add("guji-hambela-natural", 2)
		s.add("stozec-dripper-02", 1)
		if n := number(t, db, "SELECT COUNT(*) FROM wp_woocommerce_sessions WHERE session_key LIKE 't\\_%' AND session_value LIKE '%product_id%'"); n < 1 {
			t.Error("the cart is not a WooCommerce session")
		}
		stock := number(t, db, "SELECT stock_quantity FROM wp_wc_product_meta_lookup l JOIN wp_posts p ON p.ID = l.product_id WHERE p.post_name = 'stozec-dripper-02'")
		id, page, _ := s.order(address("maja@posta.example", "coupon_code", "DOBRODOSLI10", "order_comments", "Po šesti uri")...)
		if !strings.Contains(page, `id="order-placed"`) || strings.Contains(page, "Kovačič <b>") {
			t.Errorf("order page: %s", page)
		}
		// 2 × 13.90 + 16.90 = 44.70, less 10 % = 40.23, over the free delivery's limit
		for query, want := range map[string]float64{
			"SELECT total_amount FROM wp_wc_orders WHERE id = ? AND status = 'wc-processing' AND type = 'shop_order' AND customer_id = 0":                                                   40.23,
			"SELECT COUNT(*) FROM wp_posts WHERE ID = ? AND post_type = 'shop_order_placehold'":                                                                                             1,
			"SELECT COUNT(*) FROM wp_wc_order_addresses WHERE order_id = ? AND last_name = 'Kovačič <b>'":                                                                                   2,
			"SELECT COUNT(*) FROM wp_wc_order_operational_data WHERE order_id = ? AND date_paid_gmt = '2026-11-24 09:30:00'":                                                                1,
			"SELECT COUNT(*) FROM wp_wc_orders_meta WHERE order_id = ? AND meta_key = '_wc_order_attribution_utm_campaign' AND meta_value = 'advent'":                                       1,
			"SELECT SUM(order_item_type = 'line_item') * 100 + SUM(order_item_type = 'coupon') * 10 + SUM(order_item_type = 'shipping') FROM wp_woocommerce_order_items WHERE order_id = ?": 211,
		} {
			if got := number(t, db, query, id); got != want {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		if left := number(t, db, "SELECT stock_quantity FROM wp_wc_product_meta_lookup l JOIN wp_posts p ON p.ID = l.product_id WHERE p.post_name = 'stozec-dripper-02'"); left != stock-1 {
			t.Errorf("stock %v after one of %v was sold", left, stock)
		}
		if _, page, _ := s.get("/cart/"); !strings.Contains(page, "The cart is empty") {
			t.Error("the cart is not empty after the order")
		}
		other := visitor()
		if status, _, _ := other.get(fmt.Sprintf("/order/%d/", id)); status != http.StatusNotFound {
			t.Errorf("a stranger sees the order: %d", status)
		}
		totalsAddUp(t, db)
	})

	t.Run("an account is opened, ordered with, and refunded in part and whole", func(t *testing.T) {
		s := visitor()
		s.add("zmaj-espresso-blend", 3)
		if status, page, at := s.post("/my-account/", "/my-account/register", "first_name", "Ольга", "last_name", "Смирнова", "email", "olga@posta.example", "password", "samovar-1"); status != 200 || at.Path != "/my-account/" || !strings.Contains(page, "olga@posta.example") {
			t.Fatalf("register: %d at %s: %s", status, at, page)
		}
		var hash string
		if err := db.QueryRow("SELECT user_pass FROM wp_users WHERE user_email = 'olga@posta.example'").Scan(&hash); err != nil || !strings.HasPrefix(hash, "$wp$2y$") {
			t.Errorf("password hash %q: %v", hash, err)
		}
		if _, page, _ := s.get("/cart/"); !strings.Contains(page, "Zmaj espresso blend") {
			t.Error("the guest's cart was lost")
		}
		id, page, at := s.order(address("olga@posta.example")...)
		item := regexp.MustCompile(`name="qty_(\d+)"`).FindStringSubmatch(page)
		if item == nil {
			t.Fatalf("no refund form: %s", page)
		}
		back := fmt.Sprintf("/order/%d/refund", id)
		if status, page, _ := s.post(at.Path, back, "refund", "part", "qty_"+item[1], "4"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "more than you bought") {
			t.Errorf("four of three: %d %s", status, page)
		}
		if status, page, _ := s.post(at.Path, back, "refund", "part", "qty_"+item[1], "1", "reason", "Stale"); status != 200 || !strings.Contains(page, "1 came back") {
			t.Errorf("one of three: %d %s", status, page)
		}
		if n := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders r JOIN wp_wc_orders o ON o.id = r.parent_order_id WHERE o.id = ? AND o.status = 'wc-processing' AND r.total_amount = -9.90 AND r.status = 'wc-completed' AND r.customer_id IS NULL", id); n != 1 {
			t.Error("the refund in part is not as WooCommerce writes it")
		}
		var wg sync.WaitGroup // twice at once gives the money back once
		for range 2 {
			wg.Go(func() { s.post(at.Path, back, "refund", "whole") })
		}
		wg.Wait()
		if n := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders o WHERE o.id = ? AND o.status = 'wc-refunded' AND o.total_amount = -(SELECT SUM(r.total_amount) FROM wp_wc_orders r WHERE r.parent_order_id = o.id)", id); n != 1 {
			t.Error("the whole refund does not sum up to the order")
		}
		refundsNeverExceed(t, db)
		if _, page, _ := s.get("/my-account/"); !strings.Contains(page, fmt.Sprintf("Order %d", id)) {
			t.Error("the order is not among my orders")
		}
		if _, page, _ := s.post("/my-account/", "/my-account/logout"); !strings.Contains(page, "Log in") {
			t.Error("still logged in")
		}
		if _, page, _ := s.post("/my-account/", "/my-account/login", "email", "OLGA@posta.example", "password", "samovar-1"); !strings.Contains(page, "Hello, Ольга") {
			t.Errorf("log in: %s", page)
		}
	})

	t.Run("made-up customers can log in, with their password only", func(t *testing.T) {
		var email string
		if err := db.QueryRow("SELECT user_email FROM wp_users WHERE ID = 5").Scan(&email); err != nil {
			t.Fatal(err)
		}
		s := visitor()
		if status, page, _ := s.post("/my-account/", "/my-account/login", "email", email, "password", "wrong password"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "do not belong together") {
			t.Errorf("wrong password: %d", status)
		}
		if _, page, _ := s.post("/my-account/", "/my-account/login", "email", email, "password", demo.Password); !strings.Contains(page, "Hello, ") {
			t.Errorf("log in: %s", page)
		}
	})

	t.Run("a British order is in pounds and without VAT", func(t *testing.T) {
		s := visitor()
		s.add("forest-honey-450-g", 1)
		id, _, _ := s.order(address("emily@posta.example", "billing_country", "GB", "billing_phone", "07700 900123", "createaccount", "1", "account_password", "marmalade")...)
		if n := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders WHERE id = ? AND currency = 'GBP' AND tax_amount = 0 AND total_amount = 21.01 AND customer_id > 0", id); n != 1 {
			t.Error("the order is not £8.51 + £12.50")
		}
	})

	t.Run("what is wrong is named by field", func(t *testing.T) {
		s := visitor()
		s.add("peppermint", 1)
		for want, fields := range map[string][]string{
			"E-mail: ":                        address("maja@@posta.example"),
			"Street and number: fill this in": address("maja@posta.example", "billing_address_1", "  "),
			"Phone: ":                         address("maja@posta.example", "billing_phone", "12"),
			"Country: choose one":             address("maja@posta.example", "billing_country", "XX"),
			"Coupon: there is none":           address("maja@posta.example", "coupon_code", "gratis"),
			"Payment: choose":                 address("maja@posta.example", "payment_method", "gold"),
			"Password: at least 8":            address("new@posta.example", "createaccount", "1", "account_password", "short"),
			"E-mail: there is an account":     address("olga@posta.example", "createaccount", "1", "account_password", "long enough"),
			"First name: at most 100 letters": address("maja@posta.example", "billing_first_name", strings.Repeat("č", 101)),
		} {
			if status, page, _ := s.post("/checkout/", "/checkout/", fields...); status != http.StatusUnprocessableEntity || !strings.Contains(page, want) {
				t.Errorf("want %q, got %d: %s", want, status, page)
			}
		}
		s.post("/checkout/", "/checkout/", address("maja@posta.example", "payment_method", "gold")...) // the last one counts
		if n := number(t, db, "SELECT COUNT(*) FROM wp_woocommerce_sessions WHERE session_value LIKE '%maja@posta.example%'"); n != 1 {
			t.Errorf("the address of the unfinished checkout is in %v carts, want 1", n)
		}
		if status, page, _ := s.post("/my-account/", "/my-account/register", "email", "x"); status != http.StatusUnprocessableEntity || !strings.Contains(page, "First name: fill this in") {
			t.Errorf("register: %d %s", status, page)
		}
		if status, page, _ := s.post("/cart/", "/cart/update", "qty_0", "x", "csrf", "forged"); status != http.StatusForbidden {
			t.Errorf("a forged form: %d %s", status, page)
		}
		s.add("espresso-cups-set-of-two", 90)
		s.add("espresso-cups-set-of-two", 9)
		mustExec(t, db, "UPDATE wp_wc_product_meta_lookup l JOIN wp_posts p ON p.ID = l.product_id SET l.stock_quantity = 3 WHERE p.post_name = 'espresso-cups-set-of-two'")
		before := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders")
		if status, page, _ := s.post("/checkout/", "/checkout/", address("maja@posta.example")...); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Only 3 of Espresso cups") {
			t.Errorf("more than there are: %d %s", status, page)
		}
		if after := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders"); after != before {
			t.Error("a refused order left rows")
		}
	})

	t.Run("every page and picture answers", func(t *testing.T) {
		s := visitor()
		_, front, _ := s.get("/")
		if !strings.Contains(front, `action="https://crm.example/kupec/s/subscribe"`) || !strings.Contains(front, `name="website"`) || !strings.Contains(front, `name="topic" value="newsletter"`) {
			t.Error("the newsletter form does not go to the CRM")
		}
		for _, path := range []string{"/product-category/coffee/", "/product-category/coffee/filter-beans/", "/product-category/cups-gifts/", "/newsletter/", "/my-account/", "/cart/",
			"/checkout/", "/product/gesha-village-lot-14/", "/product/yemen-haraaz/", "/?p=11", "/static/shop.css"} {
			if status, _, _ := s.get(path); status != 200 {
				t.Errorf("%s: %d", path, status)
			}
		}
		for _, path := range []string{"/product/colombia-pink-bourbon/", "/product/java-jampit/", "/product-category/x/", "/order/1201/", "/order/x/", "/wp-content/uploads/../secret.png", "/wp-login.php"} {
			if status, _, _ := s.get(path); status != http.StatusNotFound {
				t.Errorf("%s: %d, want 404", path, status)
			}
		}
		rows, err := db.Query("SELECT meta_value FROM wp_postmeta WHERE meta_key = '_wp_attached_file' ORDER BY meta_id LIMIT 120")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for n := 0; rows.Next(); n++ {
			var file string
			if err := rows.Scan(&file); err != nil {
				t.Fatal(err)
			}
			if n%10 != 0 { // a tenth of them is enough: drawing takes its time
				continue
			}
			status, body, _ := s.get("/wp-content/uploads/" + file)
			if cfg, err := png.DecodeConfig(bytes.NewReader([]byte(body))); status != 200 || err != nil || cfg.Width != 480 {
				t.Errorf("%s: %d %v", file, status, err)
			}
		}
	})
}

func TestOneCartIsOrderedOnce(t *testing.T) {
	t.Parallel()
	db := generated(t, demo.Config{Seed: 4, Profiles: 30})
	s := storefront(t, db)()
	s.add("peppermint", 1)
	before := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { s.post("/checkout/", "/checkout/", address("maja@posta.example")...) })
	}
	wg.Wait()
	if after := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders"); after != before+1 {
		t.Errorf("%v orders from one cart", after-before)
	}
}

func TestLiveShopMovesAndStaysConsistent(t *testing.T) {
	t.Parallel()
	db := generated(t, demo.Config{Seed: 5, Profiles: 80})
	before := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders WHERE type = 'shop_order'")
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	seen := map[string]int{}
	err := demo.Live(ctx, db, demo.LiveConfig{Every: time.Microsecond, Clock: now, Happened: func(what string) {
		if seen[what]++; seen["order"] >= 15 && seen["registration"] >= 5 && seen["refund"] >= 1 {
			stop()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if seen["order"] < 15 || seen["registration"] < 5 || seen["refund"] < 1 {
		t.Errorf("in a minute there was only %v", seen)
	}
	if after := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders WHERE type = 'shop_order'"); after < before+20 {
		t.Errorf("%v orders, then %v", before, after)
	}
	totalsAddUp(t, db)
	refundsNeverExceed(t, db)
}

func TestLiveNeedsAShop(t *testing.T) {
	t.Parallel()
	if err := demo.Live(t.Context(), emptyDatabase(t), demo.LiveConfig{}); err == nil {
		t.Error("Live trades in an empty database")
	}
}
