package admin_test

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// builderFields is what a browser would send of the builder's form as it stands.
func builderFields(t *testing.T, body string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	value := func(n *html.Node, name string) (string, bool) {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
		return "", false
	}
	fields := url.Values{}
	for n := range doc.Descendants() {
		if id, _ := value(n, "id"); n.Data != "form" || id != "builder" {
			continue
		}
		for m := range n.Descendants() {
			name, _ := value(m, "name")
			text, _ := value(m, "value")
			kind, _ := value(m, "type")
			_, checked := value(m, "checked")
			switch {
			case m.Type != html.ElementNode || name == "":
			case m.Data == "input" && (checked || kind != "radio" && kind != "checkbox"):
				fields.Add(name, text)
			case m.Data == "select":
				for o := range m.Descendants() {
					if _, selected := value(o, "selected"); selected {
						text, _ := value(o, "value")
						fields.Add(name, text)
					}
				}
			}
		}
	}
	if len(fields) == 0 {
		t.Fatal("no builder on the page")
	}
	return fields
}

// send posts fields with the button do and further changes, pairs of name and value.
func (v *visitor) send(path string, fields url.Values, do string, changes ...string) answer {
	v.t.Helper()
	fields.Set("do", do)
	for i := 0; i+1 < len(changes); i += 2 {
		fields.Set(changes[i], changes[i+1])
	}
	var pairs []string
	for name, values := range fields {
		if name != "_csrf" && len(values) == 1 {
			pairs = append(pairs, name, values[0])
		}
	}
	many := url.Values{}
	for name, values := range fields {
		if len(values) > 1 {
			many[name] = values
		}
	}
	return v.postMany(path, many, pairs...)
}

func (v *visitor) postMany(path string, many url.Values, pairs ...string) answer {
	v.t.Helper()
	form := url.Values{"_csrf": {v.token}}
	for name, values := range many {
		form[name] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	res, err := v.client.PostForm(v.p.URL+path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(res)
}

func TestABuilderWithoutScriptAsksWhatItShows(t *testing.T) {
	t.Parallel()
	p := open(t, "", 200)
	v := p.visitor(t).as(staff.RoleMarketer)
	got := v.get("/segments/new")
	step := func(do string, changes ...string) {
		t.Helper()
		if got = v.send("/segments/build", builderFields(t, got.Body), do, changes...); got.Status != 200 {
			t.Fatalf("%s: %d", do, got.Status)
		}
	}
	step("add:0")
	step("refresh", "kind.0-0", "orders", "option.0-0.how", "at_least", "field.0-0.at_least", "2", "option.0-0.when", "days", "field.0-0.days", "365")
	step("not:0")
	step("refresh", "kind.0-1-0", "stage")
	if !strings.Contains(got.Body, `id="h-count"`) || strings.Contains(got.Body, `class="error"`) {
		t.Error("a condition that is not filled in yet is called a mistake")
	}
	if bad := v.send("/segments/save", builderFields(t, got.Body), "save", "name", "Regulars"); bad.Status != 422 || !strings.Contains(bad.Body, `class="error"`) {
		t.Errorf("what is not filled in can be saved: %d", bad.Status)
	}
	step("refresh", "field.0-1-0.in", "lost")
	if bad := v.send("/segments/save", builderFields(t, got.Body), "save"); bad.Status != 422 || !strings.Contains(bad.Body, `id="name-error"`) {
		t.Errorf("a segment without a name can be saved: %d", bad.Status)
	}
	saved := v.send("/segments/save", builderFields(t, got.Body), "save", "name", "Regulars")
	id := regexp.MustCompile(`^/segments/(\d+)$`).FindStringSubmatch(saved.Path)
	if id == nil {
		t.Fatalf("saved, but at %s with %d", saved.Path, saved.Status)
	}
	tree, err := segment.Parse([]byte(`{"all":[{"is":"orders","at_least":2,"days":365},{"not":{"any":[{"is":"stage","in":["lost"]}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	var stored string
	if err := p.DB.NewRaw("SELECT tree FROM crm_segments WHERE id = ?", id[1]).Scan(context.Background(), &stored); err != nil || stored != string(tree.JSON()) {
		t.Errorf("stored %s, want %s, %v", stored, tree.JSON(), err)
	}
	count, err := p.Segments.Count(context.Background(), tree, 1, "")
	if err != nil || count.Profiles == 0 || !strings.Contains(saved.Body, fmt.Sprintf(`<p class="big">%d</p>`, count.Profiles)) {
		t.Errorf("the page does not show the %d people, %v", count.Profiles, err)
	}
	if again := v.send("/segments/save", builderFields(t, saved.Body), "save", "seen", "20200101000000.000000"); again.Status != 422 {
		t.Errorf("an old version overwrites a newer one: %d", again.Status)
	}
	if write := v.send("/segments/save", builderFields(t, saved.Body), "write"); !strings.Contains(write.Path, "segment="+id[1]) && !strings.HasPrefix(write.Path, "/newsletters/") {
		t.Errorf("write to them leads to %s", write.Path)
	}
	reader := p.visitor(t).as(staff.RoleReader)
	page := reader.get("/segments/" + id[1])
	if page.Status != 200 || strings.Contains(page.Body, "/segments/save") {
		t.Errorf("a reader sees %d and a button to save", page.Status)
	}
	if denied := reader.send("/segments/save", builderFields(t, page.Body), "save"); denied.Status != 403 {
		t.Errorf("a reader may save: %d", denied.Status)
	}
	if put := v.post("/segments/"+id[1]+"/archive", "archived", "1"); put.Path != "/segments" || strings.Contains(put.Body, "/segments/"+id[1]+`"`) {
		t.Errorf("an archived segment is still listed at %s", put.Path)
	}
}

// Whatever tree is stored, opening it and saving it unchanged must store the same question.
func TestOpeningAndSavingChangesNothing(t *testing.T) {
	t.Parallel()
	p := open(t, "", 120)
	v := p.visitor(t).as(staff.RoleMarketer)
	ctx := staff.WithSystem(context.Background(), "test")
	trees := map[string]string{
		"every option": `{"all":[{"is":"orders","at_most":3,"from":"2026-01-01","to":"2026-02-01"},{"is":"spent","at_least":"12.5","currency":"USD","before":"2026-03-01"},
			{"is":"last_order","between":[21,45]},{"is":"first_order","never":true},{"is":"bought","product":1,"at_least":2,"days":30},{"is":"not_bought","category":2},
			{"is":"registered","account":false},{"is":"registered","over":40},{"is":"consent","topic":"newsletter","state":"withdrawn"},{"is":"country","in":["AT","SI"]},{"is":"stage","in":["loyal","slipping"]}]}`,
		"every other kind": `{"all":[{"is":"average","at_most":"12.5","currency":"EUR","days":9},{"is":"items","at_least":3},{"is":"bought","product":1,"exactly":0,"before":"2026-03-01"},
			{"is":"coupon","at_most":2,"codes":["WELCOME10","5 % off, once"]},{"is":"refund","exactly":1,"from":"2026-01-01"},{"is":"cart","days":7},
			{"is":"city","in":["Koper","Linz"]},{"is":"city","in":["Washington, D.C."]},{"is":"language","in":["de","sl"]},{"is":"known","what":"company"},{"is":"shop","shop":1},
			{"is":"rank","recency":[2,4],"money":[5,5]},{"is":"next_order","within":9},{"is":"next_order","overdue":false},{"is":"expected_orders","at_most":"0.5","horizon":"30"},
			{"is":"expected_value","at_least":"70","currency":"EUR","horizon":"90"},{"is":"churn","risk":"medium","horizon":"365"},{"is":"variety","at_least":4,"of":"categories"},{"is":"discounted","at_most":20},{"is":"weekday","in":["fri","sun"]},
			{"is":"hour","hours":[7,9]},{"is":"group","in":["at_risk","gone"]},{"is":"refill","past":9},{"is":"refill","within":9,"product":1},{"is":"share","percent":40,"name":"b"},
			{"is":"segment","segment":1},{"is":"mailed","at_least":3,"days":90},{"is":"clicked","exactly":0},{"is":"converted","at_most":1,"mailing":1}]}`,
		"nested":       `{"any":[{"all":[{"is":"stage","in":["new"]},{"any":[{"is":"orders","exactly":2},{"is":"country","in":["DE"]}]}]},{"not":{"any":[{"is":"orders","at_least":9},{"is":"consent","topic":"newsletter","state":"none"}]}}]}`,
		"nobody asked": `{"all":[]}`,
	}
	for _, preset := range p.Segments.Vocabulary().Presets(segment.About{Currency: "EUR", Product: 1, Companion: 2}) {
		trees[preset.Key] = string(preset.Tree.JSON())
	}
	if _, err := p.DB.NewRaw("INSERT INTO crm_segments (id, name, tree, created_at, updated_at) VALUES (1, 'First', '{\"all\":[]}', NOW(6), NOW(6))").Exec(ctx); err != nil {
		t.Fatal(err)
	}
	for name, text := range trees {
		tree, err := p.Segments.Parse([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		saved, err := p.Segments.Create(ctx, name, tree)
		if err != nil {
			t.Fatal(err)
		}
		page := v.get(fmt.Sprintf("/segments/%d", saved.ID))
		if after := v.send("/segments/save", builderFields(t, page.Body), "save"); after.Status != 200 {
			t.Errorf("%s: %d", name, after.Status)
		}
		again, err := p.Segments.Get(ctx, saved.ID)
		if err != nil || string(again.Tree.JSON()) != string(tree.JSON()) {
			t.Errorf("%s:\n%s became\n%s, %v", name, tree.JSON(), again.Tree.JSON(), err)
		}
	}
}

func TestProductsShowWhatGoesWithThemInTrueNumbers(t *testing.T) {
	t.Parallel()
	p := open(t, "", 400)
	if _, err := p.Recommend.Rebuild(context.Background(), theShop(t, p), nil); err != nil {
		t.Fatal(err)
	}
	v := p.visitor(t).as(staff.RoleReader)
	if list := v.get("/products?find=no-such-thing"); list.Status != 200 || !strings.Contains(list.Body, "No product fits") {
		t.Errorf("a search that finds nothing: %d", list.Status)
	}
	var best struct{ ProductID, OtherID, BothOrders, ProductOrders int64 }
	err := p.DB.NewRaw(`SELECT a.product_id, a.other_id, a.both_orders, a.product_orders FROM crm_companions a JOIN crm_products o ON o.id = a.other_id
		WHERE a.position = 0 AND o.stock = 'in' AND o.visible AND o.price IS NOT NULL ORDER BY a.score DESC LIMIT 1`).Scan(context.Background(), &best)
	if err != nil {
		t.Fatal(err)
	}
	page := v.get(fmt.Sprintf("/products/%d", best.ProductID))
	want := fmt.Sprintf("also in %d of its %d orders", best.BothOrders, best.ProductOrders)
	if page.Status != 200 || !strings.Contains(page.Body, want) || !strings.Contains(page.Body, fmt.Sprintf(`/products/%d"`, best.OtherID)) {
		t.Errorf("product %d does not say %q of %d", best.ProductID, want, best.OtherID)
	}
	methods := v.get("/products/methods")
	run, err := p.Recommend.LastRun(context.Background(), theShop(t, p))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"How offers are chosen", "in use", "Best sellers of 30 days", "Ties that say something new"} {
		if methods.Status != 200 || len(run.Scores) == 0 || !strings.Contains(methods.Body, want) {
			t.Errorf("the table of scores, %d, of %d, does not say %q", methods.Status, len(run.Scores), want)
		}
	}
	if rows := strings.Count(methods.Body, `<th role="rowheader"`); rows != len(affinity.Methods)+4 {
		t.Errorf("%d ways of choosing are shown", rows)
	}
	if missing := v.get("/products/999999"); missing.Status != 404 {
		t.Errorf("a product that is not there: %d", missing.Status)
	}
}
