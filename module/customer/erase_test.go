package customer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// traces gives the tables in which one of the texts stands somewhere.
func (b bundle) traces(t testing.TB, texts ...string) (found []string) {
	t.Helper()
	var columns []struct{ TableName, ColumnName string }
	err := b.db.NewRaw(`SELECT table_name AS table_name, column_name AS column_name FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name LIKE 'crm\_%' AND data_type IN ('char', 'varchar', 'text', 'longtext')`).Scan(context.Background(), &columns)
	if err != nil {
		t.Fatal(err)
	}
	if len(columns) < 50 {
		t.Fatalf("only %d columns were looked at", len(columns))
	}
	for _, c := range columns {
		for _, text := range texts {
			if n := b.number(t, fmt.Sprintf("SELECT COUNT(*) FROM `%s` WHERE CONVERT(`%s` USING utf8mb4) COLLATE utf8mb4_unicode_520_ci LIKE ?", c.TableName, c.ColumnName), "%"+text+"%"); n > 0 {
				found = append(found, c.TableName+"."+c.ColumnName+" has "+text)
			}
		}
	}
	return found
}

func sought(p *customer.Person) {
	p.Name, p.Phone, p.Company = contact.Name{First: "Zvezdana", Last: "Kovač Breznik"}, "+38641555012", "Zvezda d.o.o."
	p.Address = contact.Address{Line1: "Prešernova 17", Postcode: "3000", City: "Celjska vas", Country: "SI"}
}

var soughtTexts = []string{"zvezd", "breznik", "38641555012", "prešernova", "celjska vas", "10.1.2.3"}

func TestAnErasedPersonIsNowhereAndSumsStay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	member := b.link(t, account("7", "zvezdana@example.com", sought))[0]
	b.buy(t, order("1", "7", "zvezdana@example.com", 1, sought), 40)
	guest := b.buy(t, order("2", "", "zvezda@example.org", 5, sought), 25)
	other := b.link(t, account("8", "luka@example.com", named("Luka", "Novak")))[0]
	b.buy(t, order("3", "8", "zvezdana@example.com", 6, named("Luka", "Novak")), 5) // Luka ordered under her address
	b.refresh(t)
	if len(b.traces(t, "zvezdana")) == 0 || b.number(t, "SELECT COUNT(*) FROM crm_spellings WHERE word = 'zvezdana'") == 0 {
		t.Error("her name's spelling is not known")
	}
	if _, err := b.people.Merge(ctx, guest.ProfileID, member.ProfileID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.people.AddNote(ctx, member.ProfileID, "Zvezdana called"); err != nil {
		t.Fatal(err)
	}
	_, err := b.people.Subscribe(ctx, consent.OptIn{ShopID: 1, Email: "zvezdana@example.com", Topics: []string{"newsletter"}, Wording: "Yes, Zvezdana", IP: "10.1.2.3"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.consents.RequestOptIn(ctx, consent.OptIn{ShopID: 1, Email: "zvezdana@example.com", Name: contact.Name{First: "Zvezdana"}, IP: "10.1.2.3"}); err != nil {
		t.Fatal(err)
	}
	if err := b.consents.Suppress(ctx, b.db, "zvezda@example.org", consent.SuppressBounce, "zvezda@example.org is unknown"); err != nil {
		t.Fatal(err)
	}
	b.exec(t, `INSERT INTO crm_refunds (order_id, shop_key, amount, reason) SELECT id, 'r', 4, 'Zvezdana did not like it' FROM crm_orders WHERE shop_key = '1'`)
	if len(b.traces(t, soughtTexts...)) < 15 {
		t.Fatalf("there is little to erase: %q", b.traces(t, soughtTexts...))
	}
	sums := b.number(t, "SELECT CAST(SUM(total - refunded) * 100 AS SIGNED) FROM crm_orders")

	var denied *staff.DeniedError
	reader := staff.WithActor(context.Background(), staff.Account{ID: 6, Role: staff.RoleMarketer}, "")
	if _, err := b.people.Erase(reader, member.ProfileID); !errors.As(err, &denied) {
		t.Errorf("a marketer erases: %v", err)
	}
	preview, err := b.people.PreviewErase(ctx, member.ProfileID)
	if err != nil || preview.Identities != 5 || preview.Orders != 2 || preview.Events != 2 {
		t.Fatalf("%+v, %v", preview, err)
	}
	if _, err := b.people.Erase(ctx, guest.ProfileID); err != nil { // by the id of one that was merged
		t.Fatal(err)
	}
	if found := b.traces(t, soughtTexts...); len(found) > 0 {
		t.Errorf("after the erasure: %q", found)
	}
	if got := b.number(t, "SELECT CAST(SUM(total - refunded) * 100 AS SIGNED) FROM crm_orders"); got != sums {
		t.Errorf("the sums were %d and are %d", sums, got)
	}
	for _, id := range []int64{member.ProfileID, guest.ProfileID} {
		if _, err := b.people.Profile(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("profile %d: %v", id, err)
		}
	}
	if p, err := b.people.Profile(ctx, other.ProfileID); err != nil || p.Name.First != "Luka" {
		t.Errorf("somebody else: %+v, %v", p, err)
	}
	for _, query := range []string{"Zvezdana", "zvezdana@example.com", "041 555 012", "breznik"} {
		if hits, err := b.people.Search(ctx, query, 5); err != nil || len(hits) > 0 {
			t.Errorf("%q is found: %+v, %v", query, hits, err)
		}
	}
	if n := b.number(t, "SELECT COUNT(*) FROM crm_audit WHERE action = 'customer.erase' AND object_id = ?", member.ProfileID); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}

	// The shop delivers all of it again, and something new.
	for range 2 {
		for _, p := range []customer.Person{account("7", "zvezdana@example.com", sought), order("1", "7", "zvezdana@example.com", 1, sought), order("2", "", "", 5, sought),
			order("8", "", "zvezda@example.org", 30, sought), order("9", "7", "new@example.com", 31, sought), account("12", "zvezda@example.org", sought)} {
			l := b.link(t, p)[0]
			if !l.Erased || l.ProfileID != member.ProfileID {
				t.Errorf("%+v was linked to %+v", p, l)
			}
		}
		if l := b.link(t, order("10", "8", "zvezdana@example.com", 32, named("Luka", "Novak")))[0]; l.Erased || !l.NoEmail || l.ProfileID != other.ProfileID {
			t.Errorf("Luka's order under an erased address: %+v", l)
		}
	}
	if found := b.traces(t, soughtTexts...); len(found) > 0 {
		t.Errorf("after the shop delivered it again: %q", found)
	}
	got, err := b.consents.Suppressed(ctx, []contact.Email{"zvezdana@example.com", "zvezda@example.org"})
	if err != nil || got["zvezdana@example.com"] != consent.SuppressErased || got["zvezda@example.org"] != consent.SuppressErased {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWhoWasErasedAndSubscribesAnewIsSomebodyNew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	was := b.link(t, account("7", "maja@example.com", named("Maja", "Kovač")))[0]
	b.buy(t, order("1", "7", "maja@example.com", 1), 40)
	if _, err := b.people.Erase(ctx, was.ProfileID); err != nil {
		t.Fatal(err)
	}
	p, err := b.people.Subscribe(ctx, consent.OptIn{ShopID: 1, Email: "maja@example.com", Topics: []string{"newsletter"}, Wording: "Yes"})
	if err != nil || p.ID == was.ProfileID {
		t.Fatalf("%+v, %v", p, err)
	}
	if refused, err := b.consents.May(ctx, []consent.Recipient{{ProfileID: p.ID, Email: p.Email}}, 1, "newsletter"); err != nil || len(refused) != 0 {
		t.Errorf("may not be mailed: %v, %v", refused, err)
	}
	if l := b.link(t, order("1", "7", "maja@example.com", 1))[0]; !l.Erased {
		t.Errorf("the old order came back: %+v", l)
	}
	if l := b.link(t, order("2", "7", "maja@example.com", 40, named("Maja", "Kovač")))[0]; l.Erased || l.ProfileID != p.ID {
		t.Errorf("a new order is of %+v, want %d", l, p.ID)
	}
}

func TestADossierHoldsEverythingAsJSONAndAsAPage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	l := b.link(t, account("7", "zvezdana@example.com", sought))[0]
	b.buy(t, order("1", "7", "zvezdana@example.com", 1, sought), 40)
	if _, err := b.people.AddNote(ctx, l.ProfileID, "likes <b>tea</b>"); err != nil {
		t.Fatal(err)
	}
	b.say(t, l, "newsletter", consent.Granted, noon)
	d, err := b.people.Access(ctx, l.ProfileID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for section, want := range map[string]int{"profile": 1, "identities": 3, "orders": 1, "consents": 1, "notes": 1, "refunds": 0} {
		if list, ok := got[section].([]any); !ok || len(list) != want {
			t.Errorf("%s: %v", section, got[section])
		}
	}
	if who := got["profile"].([]any)[0].(map[string]any); who["first_name"] != "Zvezdana" || who["line1"] != "Prešernova 17" {
		t.Errorf("%v", who)
	}
	words, err := locale.Load(customer.Locales)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "sl"} {
		var page bytes.Buffer
		if err := d.WriteHTML(&page, words.Printer(lang, nil)); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Zvezdana", "Prešernova 17", "likes &lt;b&gt;tea", "zvezdana@example.com"} {
			if !strings.Contains(page.String(), want) {
				t.Errorf("%s: %q is missing", lang, want)
			}
		}
		if strings.Contains(page.String(), "dossier.") {
			t.Errorf("%s: a word is missing in %s", lang, page.String())
		}
		if missing := words.Missing(lang); len(missing) > 0 {
			t.Errorf("%s lacks %q", lang, missing)
		}
	}
	if n := b.number(t, "SELECT COUNT(*) FROM crm_audit WHERE action = 'customer.access'"); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
	var denied *staff.DeniedError
	if _, err := b.people.Access(staff.WithActor(context.Background(), staff.Account{ID: 6, Role: staff.RoleReader}, ""), l.ProfileID); !errors.As(err, &denied) {
		t.Errorf("a reader gets it: %v", err)
	}
}
