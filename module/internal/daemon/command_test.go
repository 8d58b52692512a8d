package daemon_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	shopdemo "github.com/kupec/kupec/module/demo"
	"github.com/kupec/kupec/module/store/storetest"
)

// attached is a place whose environment names a small demo shop on the test server, not mirrored yet.
func attached(t *testing.T) (*place, *sql.DB) {
	t.Helper()
	own := storetest.DSN(t)
	name := strings.Replace(t.Name(), "/", "_", -1)
	if len(name) > 40 {
		name = name[:40]
	}
	name = "kupec_cli_" + strings.ToLower(name)
	server, err := sql.Open("mysql", storetest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name + " CHARACTER SET utf8mb4"} {
		if _, err := server.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _, _ = server.Exec("DROP DATABASE IF EXISTS " + name) })
	dsn := storetest.WithDatabase(t, storetest.Server(t), name)
	shop, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shop.Close() })
	if err := shopdemo.Generate(context.Background(), shop, shopdemo.Config{Profiles: 150}); err != nil {
		t.Fatal(err)
	}
	p := newPlace(t, "KUPEC_DSN="+own, "KUPEC_SHOP_DSN="+dsn, "KUPEC_SECRET="+strings.Repeat("k", 32))
	return p, shop
}

func TestReconcileSaysWhatItFoundAndASecondTimeNothing(t *testing.T) {
	t.Parallel()
	p, shop := attached(t)
	if out, errs, code := p.run(t, "sync", "--once"); code != 0 {
		t.Fatalf("sync: %d\n%s%s", code, out, errs)
	}
	if _, errs, code := p.run(t, "reconcile"); code != 0 {
		t.Fatalf("reconcile: %d\n%s", code, errs)
	}
	var order int64
	if err := shop.QueryRow("SELECT MIN(id) FROM wp_wc_orders WHERE type = 'shop_order' AND status = 'wc-completed'").Scan(&order); err != nil {
		t.Fatal(err)
	}
	if _, err := shop.Exec("UPDATE wp_wc_orders SET total_amount = total_amount + 1 WHERE id = ?", order); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{fmt.Sprintf(`"edited":{"rows":1,"keys":["%d"]}`, order), `"edited":{"rows":0}`} {
		out, errs, code := p.run(t, "reconcile", "--json")
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(out)); code != 0 || err != nil || !strings.Contains(compact.String(), `"stream":"orders"`) || !strings.Contains(compact.String(), want) {
			t.Errorf("%d, %v: want %s in %s%s", code, err, want, out, errs)
		}
	}
	if out, errs, code := p.run(t, "reconcile", "--shop", "other"); code == 0 || !strings.Contains(errs, `"other"`) {
		t.Errorf("a shop that is not there: %d %s %s", code, out, errs)
	}
}

func TestStatusAfterASyncEqualsTheShop(t *testing.T) {
	t.Parallel()
	p, shop := attached(t)
	if out, errs, code := p.run(t, "sync", "--once"); code != 0 {
		t.Fatalf("sync: %d\n%s%s", code, out, errs)
	}
	first, errs, code := p.run(t, "status", "--json")
	if code != 0 {
		t.Fatalf("status: %d\n%s", code, errs)
	}
	var got struct {
		Shops []struct {
			Name, Platform, Version string
			Rows                    map[string]int64
			Quarantined             int64
		}
		Subscribed     int64
		OrdersByStatus map[string]int64 `json:"orders_by_status"`
		Revenue        []struct {
			Currency, Gross, Refunded, Net string
			Orders                         int64
		}
	}
	if err := json.Unmarshal([]byte(first), &got); err != nil {
		t.Fatalf("%v in %s", err, first)
	}
	if len(got.Shops) != 1 || got.Shops[0].Platform != "woocommerce" || got.Shops[0].Version != shopdemo.Version || got.Shops[0].Quarantined != 0 {
		t.Errorf("got %+v", got.Shops)
	}
	var keys []string
	for _, key := range []string{"customers", "products", "categories", "orders", "lines", "refunds"} {
		if got.Shops[0].Rows[key] > 0 {
			keys = append(keys, key)
		}
	}
	if len(keys) != 6 {
		t.Errorf("rows: %v", got.Shops[0].Rows)
	}
	// The shop's own word, in the shop's own SQL.
	var subscribed int64
	err := shop.QueryRow("SELECT COUNT(*) FROM wp_usermeta WHERE meta_key = 'mailchimp_woocommerce_is_subscribed' AND meta_value = '1'").Scan(&subscribed)
	if err != nil || got.Subscribed != subscribed {
		t.Errorf("%d subscribed, the shop says %d, %v", got.Subscribed, subscribed, err)
	}
	const paid = "('wc-processing', 'wc-completed', 'wc-refunded')"
	rows, err := shop.Query(`SELECT o.currency, ROUND(SUM(o.total_amount), 2), COUNT(*),
			ROUND(COALESCE(SUM((SELECT -SUM(r.total_amount) FROM wp_wc_orders r WHERE r.parent_order_id = o.id AND r.type = 'shop_order_refund')), 0), 2)
		FROM wp_wc_orders o WHERE o.type = 'shop_order' AND o.status IN ` + paid + ` GROUP BY o.currency ORDER BY 2 DESC`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var want []string
	for rows.Next() {
		var currency, gross, refunded string
		var n int64
		if err := rows.Scan(&currency, &gross, &n, &refunded); err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("%s %s %s %d", currency, gross, refunded, n))
	}
	var have []string
	for _, r := range got.Revenue {
		have = append(have, fmt.Sprintf("%s %s %s %d", r.Currency, r.Gross, r.Refunded, r.Orders))
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("revenue (-shop +status):\n%s", diff)
	}
	for status, words := range map[string]string{"pending": "'wc-pending', 'wc-on-hold'", "paid": "'wc-processing'", "completed": "'wc-completed'",
		"cancelled": "'wc-cancelled'", "refunded": "'wc-refunded'", "failed": "'wc-failed'"} {
		var n int64
		if err := shop.QueryRow("SELECT COUNT(*) FROM wp_wc_orders WHERE type = 'shop_order' AND status IN (" + words + ")").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if got.OrdersByStatus[status] != n {
			t.Errorf("%d %s orders, the shop has %d", got.OrdersByStatus[status], status, n)
		}
	}

	t.Run("and a second sync changes nothing", func(t *testing.T) {
		if _, errs, code := p.run(t, "sync", "--once"); code != 0 {
			t.Fatalf("sync: %d\n%s", code, errs)
		}
		second, _, _ := p.run(t, "status", "--json")
		var a, b map[string]any
		_ = json.Unmarshal([]byte(first), &a)
		_ = json.Unmarshal([]byte(second), &b)
		for _, m := range []map[string]any{a, b} {
			delete(m["shops"].([]any)[0].(map[string]any), "lag_seconds")
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("and files are counted, sent and refused", func(t *testing.T) { files(t, p) })
}

func files(t *testing.T, p *place) {
	p.env = append(p.env, "KUPEC_SMTP_URL="+refusingServer(t), "KUPEC_MAIL_FROM=Shop <news@shop.example>")
	all := p.write(t, "all.json", `{"all": [{"is": "orders", "at_least": 1}]}`)
	out, errs, code := p.run(t, "segment", "count", all, "--json")
	var count struct{ Profiles, Mailable, Millis int64 }
	if err := json.Unmarshal([]byte(out), &count); code != 0 || err != nil || count.Mailable == 0 || count.Mailable >= count.Profiles {
		t.Errorf("segment count: %d, %v\n%s%s", code, err, out, errs)
	}
	segments(t, p)
	const letter = `{"name": "n", "subject": "%s", "segment": {"all": []}, "blocks": [{"kind": "heading", "text": "Hello"}]}`
	for _, tt := range []struct {
		name string
		args []string
		want []string
	}{
		{"an unknown field in a segment", []string{"segment", "count", p.write(t, "s1.json", `{"all": [{"is": "orders", "at_leest": 1}]}`)}, []string{"s1.json", "all[0].at_leest", "at_least"}},
		{"a segment that is no JSON", []string{"segment", "count", p.write(t, "s2.json", `{"all": [`)}, []string{"s2.json"}},
		{"a segment that is not there", []string{"segment", "count", "s3.json"}, []string{"s3.json"}},
		{"a category that is not there", []string{"segment", "count", p.write(t, "s4.json", `{"is": "bought", "category": "Spaceships"}`)}, []string{"Spaceships"}},
		{"a broken merge tag", []string{"newsletter", "send", p.write(t, "n1.json", fmt.Sprintf(letter, "{{ profile.first_nam }}"))}, []string{"n1.json", "subject", "profile.first_name"}},
		{"an unclosed merge tag", []string{"newsletter", "send", p.write(t, "n2.json", fmt.Sprintf(letter, "{{ profile.first_name"))}, []string{"n2.json", "subject"}},
		{"an unknown kind of block", []string{"newsletter", "send", p.write(t, "n3.json", strings.Replace(letter, "heading", "blink", 1))}, []string{"n3.json", "blocks[0]", "blink"}},
		{"a mail server that refuses", []string{"newsletter", "send", p.write(t, "n4.json", fmt.Sprintf(letter, "Hello"))}, []string{"mail server", "refuses", "KUPEC_SMTP_URL"}},
		{"nobody of that address", []string{"recommend", "--profile", "nobody@example.com"}, []string{"nobody@example.com"}},
		{"an address that is none", []string{"recommend", "--profile", "nobody"}, []string{"no @"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := p.run(t, tt.args...)
			if code != 1 || out != "" {
				t.Errorf("exit %d, printed %q", code, out)
			}
			for _, want := range tt.want {
				if !strings.Contains(errs, want) {
					t.Errorf("%q is not in: %s", want, errs)
				}
			}
		})
	}
	out, _, _ = p.run(t, "doctor", "--json")
	if !strings.Contains(out, `"check": "mail",`+"\n      "+`"result": "fail"`) {
		t.Errorf("doctor does not see that the mail server refuses:\n%s", out)
	}
}

// refusingServer is a mail server that lets nobody send.
func refusingServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return nil, &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not from you"}
	}))
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return "smtp://" + l.Addr().String() + "?tls=none"
}

func TestWrongSettingsAreNamedWithTheNextStep(t *testing.T) {
	t.Parallel()
	p, _ := attached(t)
	server := storetest.Server(t)
	with := func(env ...string) []string { return append(append([]string{}, p.env...), env...) }
	reader := readOnlyUser(t, server)
	for _, tt := range []struct {
		name string
		env  []string
		args []string
		want []string
	}{
		{"a DSN that is none", with("KUPEC_DSN=mysql://x"), []string{"migrate"}, []string{"KUPEC_DSN", "user:password@tcp(host:3306)/database"}},
		{"a server that is not there", with("KUPEC_DSN=kupec:x@tcp(127.0.0.1:1)/kupec"), []string{"status"}, []string{"KUPEC_DSN", "127.0.0.1:1", "check host and port"}},
		{"a wrong password", with("KUPEC_DSN=" + withUser(t, server, "kupec_nobody", "wrong", "kupec")), []string{"status"}, []string{"KUPEC_DSN", "kupec_nobody", "password"}},
		{"rights that are missing", with("KUPEC_DSN=" + reader), []string{"migrate"}, []string{"denied", "GRANT ALL ON `kupec_cli_reader`.* TO 'kupec_cli_reader'@'"}},
		{"a shop's prefix that is wrong", with("KUPEC_SHOP_PREFIX=xx_"), []string{"sync", "--once"}, []string{"xx_", "wp_", "KUPEC_SHOP_PREFIX"}},
		{"a database that is no shop", with("KUPEC_SHOP_DSN=" + storetest.WithDatabase(t, server, "information_schema")), []string{"sync", "--once"}, []string{"woocommerce"}},
		{"a platform nobody knows", with("KUPEC_SHOP_PLATFORM=abacus"), []string{"sync", "--once"}, []string{"KUPEC_SHOP_PLATFORM", "abacus", "woocommerce"}},
		{"a mail server's address that is none", with("KUPEC_SMTP_URL=http://x"), []string{"status"}, []string{"mail server", "scheme"}},
		{"a short secret", with("KUPEC_SECRET=short"), []string{"status"}, []string{"KUPEC_SECRET", "32"}},
		{"a public address that is none", with("KUPEC_BASE_URL=shop"), []string{"status"}, []string{"KUPEC_BASE_URL", "https://"}},
		{"no settings at all", []string{"PATH=/usr/bin:/bin", "KUPEC_DATA_DIR=" + filepath.Join(p.dir, "none")}, []string{"status"}, []string{"KUPEC_DSN", "kupec demo"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			q := &place{dir: p.dir, env: tt.env}
			out, errs, code := q.run(t, tt.args...)
			if code != 1 || out != "" {
				t.Errorf("exit %d, printed %q", code, out)
			}
			for _, want := range tt.want {
				if !strings.Contains(errs, want) {
					t.Errorf("%q is not in: %s", want, errs)
				}
			}
		})
	}
	t.Run("doctor sees that the CRM's user may not write", func(t *testing.T) {
		q := &place{dir: p.dir, env: with("KUPEC_DSN=" + reader)}
		out, _, code := q.run(t, "doctor")
		if code != 1 || !strings.Contains(out, "lacks INSERT, UPDATE, DELETE, CREATE") || !strings.Contains(out, "GRANT ALL ON `kupec_cli_reader`.*") {
			t.Errorf("exit %d: %s", code, out)
		}
	})
	t.Run("wrong usage exits with 2", func(t *testing.T) {
		if _, errs, code := p.run(t, "stattus"); code != 2 || !strings.Contains(errs, "status") {
			t.Errorf("exit %d: %s", code, errs)
		}
	})
}

// readOnlyUser makes a user who may only read a database of its own, and gives the address of it.
func readOnlyUser(t *testing.T, server string) string {
	t.Helper()
	db, err := sql.Open("mysql", server)
	if err != nil {
		t.Fatal(err)
	}
	const name = "kupec_cli_reader"
	statements := []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name,
		"DROP USER IF EXISTS '" + name + "'@'%', '" + name + "'@'localhost'",
		"CREATE USER '" + name + "'@'%' IDENTIFIED BY 'Reader-1-only'", "CREATE USER '" + name + "'@'localhost' IDENTIFIED BY 'Reader-1-only'",
		"GRANT SELECT ON " + name + ".* TO '" + name + "'@'%', '" + name + "'@'localhost'"}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_, _ = db.Exec("DROP DATABASE " + name)
		_, _ = db.Exec("DROP USER '" + name + "'@'%', '" + name + "'@'localhost'")
		_ = db.Close()
	})
	return withUser(t, server, name, "Reader-1-only", name)
}

func withUser(t *testing.T, dsn, user, password, database string) string {
	t.Helper()
	c, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	c.User, c.Passwd, c.DBName = user, password, database
	return c.FormatDSN()
}

func TestStaffMaySignInOnceAdded(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "KUPEC_DSN="+storetest.DSN(t))
	out, errs, code := p.run(t, "staff", "add", "Maja@Example.com", "--name", "Maja", "--json")
	var made struct{ Email, Role, Password string }
	if err := json.Unmarshal([]byte(out), &made); code != 0 || err != nil || made.Email != "maja@example.com" || made.Role != "owner" || len(made.Password) < 16 {
		t.Fatalf("%d, %v: %s%s", code, err, out, errs)
	}
	if _, errs, code := p.run(t, "staff", "add", "maja@example.com", "--name", "Maja"); code != 1 || !strings.Contains(errs, "maja@example.com") || !strings.Contains(errs, "staff password maja@example.com") {
		t.Errorf("twice: %d, %s", code, errs)
	}
	if out, _, _ := p.run(t, "staff", "list"); !strings.Contains(out, "maja@example.com  Maja  owner") {
		t.Errorf("list: %s", out)
	}
	if _, errs, code := p.run(t, "staff", "password", "nobody@example.com"); code != 1 || !strings.Contains(errs, "staff list") {
		t.Errorf("an unknown one: %d, %s", code, errs)
	}
}

func TestSeveralShopsShareOneInstallationAndItsPeople(t *testing.T) {
	t.Parallel()
	p, _ := attached(t)
	shop := p.variable("KUPEC_SHOP_DSN")
	var alone, got struct {
		Shops []struct {
			Name string
			Rows map[string]int64
		}
		Profiles int64
	}
	out, errs, code := p.run(t, "sync", "--once", "--json")
	if code != 0 {
		t.Fatalf("%d\n%s%s", code, out, errs)
	}
	if err := json.Unmarshal([]byte(out), &alone); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "shops.yaml")
	content := fmt.Sprintf("shops:\n  - {name: first, platform: woocommerce, dsn: %q}\n  - {name: second, platform: woocommerce, dsn: %q, prefix: wp_}\n", shop, shop)
	if err := os.WriteFile(list, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := p.run(t, "sync", "--once", "--shops", list); code == 0 || !strings.Contains(errs, "KUPEC_SHOP_DSN") {
		t.Errorf("described twice: %d, %q", code, errs)
	}
	both := newPlace(t, "KUPEC_DSN="+storetest.DSN(t), "KUPEC_SHOPS="+list, "KUPEC_SECRET="+strings.Repeat("k", 32))
	if out, errs, code = both.run(t, "sync", "--once", "--json"); code != 0 {
		t.Fatalf("%d\n%s%s", code, out, errs)
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Shops) != 2 || got.Shops[0].Name != "first" || got.Shops[0].Rows["orders"] == 0 || got.Shops[0].Rows["orders"] != got.Shops[1].Rows["orders"] {
		t.Fatalf("got %+v", got.Shops)
	}
	if got.Profiles != alone.Profiles { // both shops have the same people, and each has one address
		t.Errorf("%d profiles, of one shop alone %d", got.Profiles, alone.Profiles)
	}
	if out, errs, code := both.run(t, "doctor"); code != 0 || !strings.Contains(out, "first: shop ") || !strings.Contains(out, "second: shop's clock") {
		t.Errorf("doctor: %d\n%s%s", code, out, errs)
	}
}

// segments asks of saved segments what the panel shows of them.
func segments(t *testing.T, p *place) {
	t.Helper()
	ask := func(answer any, args ...string) {
		t.Helper()
		out, errs, code := p.run(t, append(append([]string{"segment"}, args...), "--json")...)
		if err := json.Unmarshal([]byte(out), answer); code != 0 || err != nil {
			t.Fatalf("segment %v: %d, %v\n%s%s", args, code, err, out, errs)
		}
	}
	db, err := sql.Open("mysql", strings.TrimPrefix(p.env[slices.IndexFunc(p.env, func(e string) bool { return strings.HasPrefix(e, "KUPEC_DSN=") })], "KUPEC_DSN="))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`INSERT INTO crm_segments (id, name, tree, created_at, updated_at) VALUES (41, 'Buyers', '{"is":"orders","at_least":1}', NOW(6), NOW(6)),
		(42, 'Regulars', '{"is":"orders","at_least":2}', NOW(6), NOW(6)), (43, 'Loyal', '{"is":"stage","in":["loyal"]}', NOW(6), NOW(6))`); err != nil {
		t.Fatal(err)
	}
	var history struct {
		Segment struct{ ID int64 }
		Sizes   []struct{ People, Entered int64 }
	}
	ask(&history, "history", "buyers", "--follow")
	var buyers, regulars int64
	if err := db.QueryRow("SELECT SUM(orders >= 1), SUM(orders >= 2) FROM crm_facts").Scan(&buyers, &regulars); err != nil {
		t.Fatal(err)
	}
	if history.Segment.ID != 41 || len(history.Sizes) != 1 || history.Sizes[0].People != buyers || history.Sizes[0].Entered != 0 {
		t.Errorf("history: %+v, want %d buyers", history, buyers)
	}
	var compared struct {
		Parts []struct {
			In     []int64
			People int64
		}
	}
	ask(&compared, "compare", "42", "Buyers")
	if got := fmt.Sprint(compared.Parts); got != fmt.Sprintf("[{[42 41] %d} {[42] 0} {[41] %d}]", regulars, buyers-regulars) {
		t.Errorf("compare: %s", got)
	}
	var backtest struct {
		Months []struct {
			Day         string
			People, All struct{ People, Ordered int64 }
		}
	}
	ask(&backtest, "backtest", "41", "--months", "6")
	if n := len(backtest.Months); n == 0 || n > 6 || backtest.Months[n-1].People != backtest.Months[n-1].All || backtest.Months[n-1].All.People == 0 {
		t.Errorf("whoever had ordered is a customer: %+v", backtest)
	}
	for want, args := range map[string][]string{
		`"Spenders"`: {"history", "Spenders"}, "two or three": {"compare", "41", "41"}, `"stage"`: {"backtest", "43"}, "from 1 to 24": {"backtest", "41", "--months", "99"},
	} {
		if out, errs, code := p.run(t, append([]string{"segment"}, args...)...); code != 1 || !strings.Contains(errs, want) {
			t.Errorf("segment %v: %d, want %s in\n%s%s", args, code, want, out, errs)
		}
	}
}

func TestCommandsThatMigrateStartTheServerOfAStoppedDemo(t *testing.T) {
	t.Parallel()
	d := startDemo(t, "--profiles", "60")
	d.stop()
	out, errs, code := d.run(t, "sync", "--once", "--json")
	var status struct{ Profiles int }
	if err := json.Unmarshal([]byte(out), &status); code != 0 || err != nil || status.Profiles < 60 {
		t.Errorf("sync --once on a stopped demo: %d, %v\n%s%s", code, err, out, errs)
	}
}
