package daemon_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// environment gives a variable of the place.
func (p *place) environment(name string) string {
	for _, line := range p.env {
		if value, ok := strings.CutPrefix(line, name+"="); ok {
			return value
		}
	}
	return ""
}

// traces tells in which tables of the CRM a text stands.
func traces(t *testing.T, db *sql.DB, text string) (found []string) {
	t.Helper()
	rows, err := db.Query(`SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name LIKE 'crm\_%'
		AND data_type IN ('char', 'varchar', 'text', 'longtext')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		if err := rows.Scan(&c[0], &c[1]); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	if err := rows.Err(); err != nil || len(columns) < 50 {
		t.Fatalf("%d columns, %v", len(columns), err)
	}
	for _, c := range columns {
		var n int
		err := db.QueryRow(fmt.Sprintf("SELECT COUNT(*) FROM `%s` WHERE LOWER(CONVERT(`%s` USING utf8mb4)) LIKE ?", c[0], c[1]), "%"+text+"%").Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			found = append(found, c[0]+"."+c[1])
		}
	}
	return found
}

func TestAnErasedPersonStaysForgottenWhateverTheShopDeliversAnew(t *testing.T) {
	t.Parallel()
	p, shop := attached(t)
	crm, err := sql.Open("mysql", p.environment("KUPEC_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	defer crm.Close()
	const email, street = "zvezdana.breznik@example.si", "prešernova 17"
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := shop.Exec(query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	// Two orders of the demo shop become those of somebody whom no other row names.
	var first, second, user int64
	if err := shop.QueryRow("SELECT MIN(id), MAX(id) FROM wp_wc_orders WHERE status = 'wc-completed' AND customer_id > 0").Scan(&first, &second); err != nil {
		t.Fatal(err)
	}
	if err := shop.QueryRow("SELECT customer_id FROM wp_wc_orders WHERE id = ?", first).Scan(&user); err != nil {
		t.Fatal(err)
	}
	exec("UPDATE wp_users SET user_email = ? WHERE ID = ?", email, user)
	exec("UPDATE wp_wc_orders SET billing_email = ?, customer_id = ? WHERE id IN (?, ?) OR customer_id = ?", email, user, first, second, user)
	exec("UPDATE wp_wc_order_addresses SET email = ?, address_1 = 'Prešernova 17' WHERE order_id IN (SELECT id FROM wp_wc_orders WHERE customer_id = ?)", email, user)
	run := func(args ...string) string {
		t.Helper()
		out, errs, code := p.run(t, args...)
		if code != 0 {
			t.Fatalf("%v: %d\n%s%s", args, code, out, errs)
		}
		return out
	}
	run("sync", "--once")
	before := run("status", "--json")
	page := run("export", "--profile", email, "--html")
	for _, want := range []string{"<!doctype html>", "Prešernova 17", email} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	var dossier struct{ Orders []map[string]string }
	if err := json.Unmarshal([]byte(run("export", "--profile", email)), &dossier); err != nil || len(dossier.Orders) < 2 {
		t.Fatalf("%+v, %v", dossier, err)
	}
	var gone struct{ Orders, Identities int }
	if err := json.Unmarshal([]byte(run("erase", "--profile", email, "--dry-run", "--json")), &gone); err != nil || gone.Orders != len(dossier.Orders) {
		t.Errorf("%+v, %v", gone, err)
	}
	if len(traces(t, crm, email)) == 0 {
		t.Error("a dry run erased")
	}
	if out := run("erase", "--profile", email); !strings.Contains(out, "went for good") {
		t.Errorf("got %q", out)
	}
	revenue := func(status string) string { _, rest, _ := strings.Cut(status, `"revenue"`); return rest }
	for try := range 2 {
		for _, text := range []string{email, street, "breznik", "nova vas"} {
			if found := traces(t, crm, text); len(found) > 0 {
				t.Errorf("look %d: %q stands in %q", try, text, found)
			}
		}
		if got := revenue(run("status", "--json")); got != revenue(before) {
			t.Errorf("revenue was %s and is %s", revenue(before), got)
		}
		// The shop touches one of the orders and the account: both are delivered anew.
		exec("UPDATE wp_wc_orders SET date_updated_gmt = UTC_TIMESTAMP(), billing_email = ? WHERE id = ?", email, first)
		exec("UPDATE wp_wc_order_addresses SET city = 'Nova vas' WHERE order_id = ?", first)
		exec("INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (?, 'last_update', UNIX_TIMESTAMP())", user)
		run("sync", "--once")
	}
	if _, errs, code := p.run(t, "erase", "--profile", email); code != 1 || !strings.Contains(errs, "nobody has the address") {
		t.Errorf("erased twice: %d %s", code, errs)
	}
}
