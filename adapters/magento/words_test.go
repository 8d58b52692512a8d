package magento

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

func TestStatesAreMappedAndUnknownOnesKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		state, before string
		want          adapters.Status
	}{
		{"new", "", adapters.StatusPending}, {"pending_payment", "", adapters.StatusPending}, {"payment_review", "", adapters.StatusPending},
		{"processing", "", adapters.StatusPaid}, {"complete", "", adapters.StatusCompleted}, {"closed", "", adapters.StatusRefunded}, {"canceled", "", adapters.StatusCancelled},
		{"holded", "new", adapters.StatusPending}, {"holded", "processing", adapters.StatusPaid}, {"holded", "", adapters.StatusPending},
		{"fraud", "", adapters.StatusOther}, {"", "", adapters.StatusOther},
	} {
		if got := orderStatus(tt.state, tt.before); got != tt.want {
			t.Errorf("%q before %q: %s, want %s", tt.state, tt.before, got, tt.want)
		}
	}
}

func TestAnOrderIsCompleteWhenTheLastThingWasDone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		o    order
		want string
	}{
		{"recorded", order{state: "complete", statusRecorded: "5", shipped: "7", invoiced: "8", commented: "9"}, "5"},
		{"invoiced after it was sent", order{state: "complete", shipped: "3", invoiced: "4", commented: "9"}, "4"},
		{"sent after it was invoiced", order{state: "complete", shipped: "4", invoiced: "3", commented: "9"}, "4"},
		{"nothing to send", order{state: "complete", virtual: true, invoiced: "3", commented: "9"}, "3"},
		{"completed by a program", order{state: "complete", invoiced: "3", commented: "6"}, "6"},
		{"given back after it was complete", order{state: "closed", shipped: "4", invoiced: "3", commented: "6"}, "6"},
		{"given back before", order{state: "closed", shipped: "4", invoiced: "3"}, ""},
	} {
		if got := tt.o.completed(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestMoneyIsCountedOnceWhateverTheLineIsMadeOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rows []line
		want []adapters.Line
	}{
		{"a configurable product and its variant", []line{
			{id: 1, product: 10, kind: "configurable", sku: "S-1", quantity: "2.0000", total: "20.0000", discount: "2.0000", tax: "3.6000"},
			{id: 2, parent: 1, product: 11, kind: "simple", quantity: "2.0000", total: "0.0000"},
		}, []adapters.Line{{Key: "1", ProductKey: "10", VariantKey: "11", SKU: "S-1", Quantity: "2", Total: "21.6", Tax: "3.6"}}},
		{"a set with one price", []line{
			{id: 1, product: 10, kind: "bundle", quantity: "1", total: "20", discount: "2", tax: "3.6"},
			{id: 2, parent: 1, product: 11, kind: "simple", quantity: "1", total: "0.0000"},
			{id: 3, parent: 1, product: 12, kind: "simple", quantity: "2", total: "0.0000"},
		}, []adapters.Line{{Key: "1", ProductKey: "10", Quantity: "1", Total: "21.6", Tax: "3.6"}}},
		{"a set whose parts have prices", []line{
			{id: 1, product: 10, kind: "bundle", quantity: "1", total: "20", tax: "4"},
			{id: 2, parent: 1, product: 11, kind: "simple", quantity: "1", total: "5", discount: "1", tax: "0.8"},
			{id: 3, parent: 1, product: 12, kind: "simple", quantity: "2", total: "15", discount: "1", tax: "2.8"},
		}, []adapters.Line{{Key: "1", ProductKey: "10", Quantity: "1", Total: "21.6", Tax: "3.6"}}},
		{"prices that include tax, a discount and a fixed tax", []line{
			{id: 1, product: 10, kind: "simple", quantity: "1", total: "10", discount: "2.44", tax: "1.76", added: "0.44", fee: "0.5"},
		}, []adapters.Line{{Key: "1", ProductKey: "10", Quantity: "1", Total: "10.26", Tax: "1.76"}}},
		{"products of a group, and a row whose parent is gone", []line{
			{id: 1, product: 10, kind: "grouped", quantity: "1", total: "10"}, {id: 3, parent: 2, product: 12, kind: "simple", quantity: "1", total: "7"},
		}, []adapters.Line{{Key: "1", ProductKey: "10", Quantity: "1", Total: "10", Tax: "0"}, {Key: "3", ProductKey: "12", Quantity: "1", Total: "7", Tax: "0"}}},
	} {
		errs := foreign.NewCheck(map[string]string{})
		if diff := cmp.Diff(tt.want, positions(tt.rows, errs)); diff != "" || errs.Failed() {
			t.Errorf("%s: %v\n%s", tt.name, errs.Row(""), diff)
		}
	}
}

func TestAStreetHasAsManyLinesAsItHas(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]adapters.Address{
		"":                                  {},
		"Trubarjeva 12":                     {Line1: "Trubarjeva 12"},
		"Trubarjeva 12\n2. nadstropje":      {Line1: "Trubarjeva 12", Line2: "2. nadstropje"},
		"\nHouse\r\nFloor 2\nDoor &amp; 3 ": {Line1: "House", Line2: "Floor 2, Door & 3"},
	} {
		if diff := cmp.Diff(want, address{street: text}.postal()); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestAddressesFollowTheSettings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		settings       map[string]string
		page, file     string
		of             view
		home, currency string
	}{
		{"never set", nil, "", "", view{}, "", "USD"},
		{"made of the request", map[string]string{"web/unsecure/base_url": "{{base_url}}"}, "", "", view{}, "", "USD"},
		{"plain", map[string]string{"web/unsecure/base_url": "http://a.example/"}, "http://a.example/index.php/t%C3%A9a.html", "http://a.example/media/catalog/product/x/a%20b.jpg", view{}, "http://a.example", "USD"},
		{"secure as the plain one", map[string]string{"web/unsecure/base_url": "https://a.example/", "web/secure/use_in_frontend": "1", "web/seo/use_rewrites": "1"},
			"https://a.example/t%C3%A9a.html", "https://a.example/media/catalog/product/x/a%20b.jpg", view{}, "https://a.example", "USD"},
		{"all of it", map[string]string{"web/unsecure/base_url": "http://a.example/", "web/secure/base_url": "https://b.example/shop/", "web/secure/use_in_frontend": "1", "web/seo/use_rewrites": "1",
			"web/url/use_store": "1", "web/secure/base_media_url": "{{secure_base_url}}pub/media/", "currency/options/base": "eur"},
			"https://b.example/shop/en/t%C3%A9a.html", "https://b.example/shop/pub/media/catalog/product/x/a%20b.jpg", view{code: "en"}, "https://b.example/shop", "EUR"},
		{"pictures elsewhere", map[string]string{"web/unsecure/base_url": "http://a.example/", "web/unsecure/base_media_url": "https://cdn.example/m/"},
			"http://a.example/index.php/t%C3%A9a.html", "https://cdn.example/m/catalog/product/x/a%20b.jpg", view{}, "http://a.example", "USD"},
	} {
		r := &reader{view: tt.of, rows: map[place]string{}}
		for path, text := range tt.settings {
			r.rows[place{"default", 0, path}] = text
		}
		got := []string{r.address("téa.html"), r.picture("/x/a b.jpg"), r.home(), r.currency()}
		if diff := cmp.Diff([]string{tt.page, tt.file, tt.home, tt.currency}, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestAWebsitesCurrencyCountsOnlyWherePricesAreItsOwn(t *testing.T) {
	t.Parallel()
	r := &reader{view: view{id: 1, website: 1}, rows: map[place]string{{"default", 0, "currency/options/base"}: "EUR", {"websites", 1, "currency/options/base"}: "CHF"}}
	if got := r.currency(); got != "EUR" {
		t.Errorf("with prices for all: %s", got)
	}
	r.rows[place{"default", 0, "catalog/price/scope"}] = "1"
	if got := r.currency(); got != "CHF" {
		t.Errorf("with prices for each website: %s", got)
	}
}

func TestCategoriesThatAreEachOthersParentsComeOnceAndAtTheTop(t *testing.T) {
	t.Parallel()
	got := (&reader{}).tree([]category{{id: 1, parent: 2}, {id: 2, parent: 1}, {id: 3, parent: 3}, {id: 4}, {id: 5, parent: 4}})
	var order []string
	for _, c := range got {
		order = append(order, c.ParentKey+">"+c.Key)
	}
	if diff := cmp.Diff([]string{">4", "4>5", ">1", "1>2", ">3"}, order); diff != "" {
		t.Error(diff)
	}
}
