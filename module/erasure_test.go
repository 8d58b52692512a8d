package crm_test

import (
	"strings"
	"testing"

	crm "github.com/kupec/kupec/module"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestEveryRoomTellsAndForgetsAPerson(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	c, err := crm.New(db, config("https://shop.example/crm"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := staff.WithSystem(t.Context(), "test")
	linked, err := c.People.Link(ctx, db, 1, []customer.Person{{Evidence: customer.EvidenceAccount, Ref: "7", AccountKey: "7", Email: "maja@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	id := linked[0].ProfileID
	for _, q := range []string{
		`INSERT INTO crm_mailings (id, kind, ref_id, shop_id, topic, state, title, content, created_at) VALUES (1, 'newsletter', 1, 1, 'newsletter', 'running', 'Tea', '', NOW(6)), (2, 'newsletter', 2, 1, 'newsletter', 'running', 'Cups', '', NOW(6))`,
		`INSERT INTO crm_deliveries (mailing_id, profile_id, email, state, detail) VALUES (1, ?, 'maja@example.com', 'sent', '250 ok maja@example.com'), (2, ?, 'maja@example.com', 'queued', '')`,
		`INSERT INTO crm_touches (mailing_id, profile_id, kind, verdict, ip, user_agent, at) VALUES (1, ?, 'click', 'human', '10.1.2.3', 'Browser of Maja', NOW(6))`,
		`INSERT INTO crm_quarantine (shop_id, stream, shop_key, reason, raw, first_seen_at, last_seen_at) VALUES
			(1, 'customers', '7', 'email: "maja@example.com" is wrong', '{"Email":"maja@example.com"}', NOW(6), NOW(6)),
			(1, 'orders', '99', 'total: no', '{"Address":"{\\"Mail\\":\\"Maja@Example.com\\"}"}', NOW(6), NOW(6)),
			(1, 'orders', '100', 'total: no', '{"Email":"somebody@example.com"}', NOW(6), NOW(6))`,
		`INSERT INTO crm_refill_dates (profile_id, product_id, shop_id, last_on, due_on, due_from, due_to, every_days, purchases) SELECT id, 1, 1, NOW(), NOW(), NOW(), NOW(), 30, 3 FROM crm_profiles`,
		`INSERT INTO crm_rfm (profile_id, shop_id, independent, nested, fixed, rfm_group, group_before) SELECT id, 1, 555, 555, 555, 'champions', '' FROM crm_profiles`,
		`INSERT INTO crm_predictions (profile_id, shop_id, run_id, recency, frequency, money, currency) SELECT id, 1, 1, 5, 5, 5, 'EUR' FROM crm_profiles`,
		`INSERT INTO crm_segments (id, name, tree, created_at, updated_at) VALUES (1, 'Tea drinkers', '{"all":[]}', NOW(6), NOW(6))`,
		`INSERT INTO crm_segment_members (segment_id, profile_id, since) SELECT 1, id, NOW(6) FROM crm_profiles`,
		`INSERT INTO crm_segment_moves (segment_id, profile_id, entered, at) SELECT 1, id, TRUE, NOW(6) FROM crm_profiles`,
		`INSERT INTO crm_shops (id, name, platform, created_at) VALUES (1, 'shop', 'woocommerce', NOW(6))`,
		`INSERT INTO crm_subscribers (shop_id, shop_key, email, answer) VALUES (1, 's1', 'maja@example.com', 'subscribed'), (1, 's2', 'ana@example.com', 'subscribed')`,
		`INSERT INTO crm_carts (shop_id, shop_key, email, first_name, currency, fingerprint, seen_at) VALUES (1, 'c1', 'maja@example.com', 'Maja', 'EUR', 0, NOW(6)), (1, 'c2', '', 'Ana', 'EUR', 0, NOW(6))`,
		`INSERT INTO crm_import_rows (import_id, line, cells, outcome) VALUES (1, 2, '["Maja","MAJA@example.com"]', 'bad'), (1, 3, '["Ana","xmaja@example.com"]', 'bad')`,
		"INSERT INTO crm_import_parts (import_id, part, bytes) VALUES (1, 0, 'Maja;MAJA@example.com'), (2, 0, 'Ana;ana@example.com')",
	} {
		args := make([]any, strings.Count(q, "(1, ?")+strings.Count(q, "(2, ?"))
		for i := range args {
			args[i] = id
		}
		if _, err := db.NewRaw(q, args...).Exec(ctx); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	dossier, err := c.People.Access(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, s := range dossier.Sections {
		rows[s.Key] = len(s.Rows)
	}
	for section, want := range map[string]int{"mails": 2, "touches": 1, "quarantine": 2, "imports": 1, "subscriptions": 1, "predictions": 1, "refills": 1, "segments": 1, "segment_moves": 1} {
		if rows[section] != want {
			t.Errorf("%d rows in %s, want %d", rows[section], section, want)
		}
	}
	if _, err := c.People.Erase(ctx, id); err != nil {
		t.Fatal(err)
	}
	for what, tt := range map[string]struct {
		query string
		want  int
	}{
		"sent messages":                  {"SELECT COUNT(*) FROM crm_deliveries WHERE state = 'sent' AND email = '' AND detail = ''", 1},
		"messages that wait":             {"SELECT COUNT(*) FROM crm_deliveries WHERE state IN ('queued', 'deferred')", 0},
		"messages that are not sent":     {"SELECT COUNT(*) FROM crm_deliveries WHERE state = 'skipped' AND reason = 'no_consent' AND email = ''", 1},
		"clicks that count":              {"SELECT COUNT(*) FROM crm_touches WHERE verdict = 'human' AND ip = '' AND user_agent = ''", 1},
		"rows set aside that speak":      {"SELECT COUNT(*) FROM crm_quarantine WHERE raw LIKE '%maja@%' OR reason LIKE '%maja@%'", 0},
		"predictions":                    {"SELECT COUNT(*) FROM crm_predictions", 0},
		"refills":                        {"SELECT COUNT(*) FROM crm_refill_dates", 0},
		"ranks":                          {"SELECT COUNT(*) FROM crm_rfm", 0},
		"members of segments":            {"SELECT COUNT(*) FROM crm_segment_members", 0},
		"entries of nobody":              {"SELECT COUNT(*) FROM crm_segment_moves WHERE profile_id = 0", 1},
		"subscribers":                    {"SELECT COUNT(*) FROM crm_subscribers", 1},
		"carts":                          {"SELECT COUNT(*) FROM crm_carts", 1},
		"files of lists":                 {"SELECT COUNT(*) FROM crm_import_parts", 1},
		"imported rows":                  {"SELECT COUNT(*) FROM crm_import_rows", 1},
		"rows set aside":                 {"SELECT COUNT(*) FROM crm_quarantine", 3},
		"rows set aside of other people": {"SELECT COUNT(*) FROM crm_quarantine WHERE raw LIKE '%somebody%'", 1},
	} {
		var n int
		if err := db.NewRaw(tt.query).Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
		if n != tt.want {
			t.Errorf("%s: %d, want %d", what, n, tt.want)
		}
	}
}
