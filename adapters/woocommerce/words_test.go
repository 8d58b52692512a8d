package woocommerce

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
)

func TestZonesHaveANameOrADistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, offset, want string }{
		{"Europe/Ljubljana", "", "Europe/Ljubljana"}, {"", "5.5", "UTC+05:30"}, {"", "-3", "UTC-03:00"}, {"", "0", "UTC"}, {"", "", "UTC"},
		{"Nowhere/Town", "2", "UTC+02:00"}, {"", "99", "UTC"},
	} {
		loc, got := zone(map[string]string{"timezone_string": tt.name, "gmt_offset": tt.offset})
		if got != tt.want || loc == nil {
			t.Errorf("%q, %q: %q, want %q", tt.name, tt.offset, got, tt.want)
		}
	}
}

func TestStatusesAreMappedAndUnknownOnesKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want adapters.Status
		raw  string
		gone bool
	}{
		{"wc-pending", adapters.StatusPending, "pending", false}, {"wc-on-hold", adapters.StatusPending, "on-hold", false},
		{"wc-processing", adapters.StatusPaid, "processing", false}, {"wc-completed", adapters.StatusCompleted, "completed", false},
		{"completed", adapters.StatusCompleted, "completed", false}, {"wc-cancelled", adapters.StatusCancelled, "cancelled", false},
		{"wc-refunded", adapters.StatusRefunded, "refunded", false}, {"wc-failed", adapters.StatusFailed, "failed", false},
		{"wc-awaiting-pickup", adapters.StatusOther, "awaiting-pickup", false}, {"trash", adapters.StatusOther, "trash", true},
		{"auto-draft", adapters.StatusOther, "auto-draft", true}, {"wc-checkout-draft", adapters.StatusOther, "checkout-draft", true},
	} {
		status, raw, gone := orderStatus(tt.text)
		if status != tt.want || raw != tt.raw || gone != tt.gone {
			t.Errorf("%q: %s, %q, gone %v", tt.text, status, raw, gone)
		}
	}
}

func TestAddressesFollowThePermalinkSettings(t *testing.T) {
	t.Parallel()
	shop := func(options map[string]string) *reader {
		all := map[string]string{"home": "https://shop.example/", "siteurl": "https://shop.example/wp", "permalink_structure": "/%postname%/"}
		for name, text := range options {
			all[name] = text
		}
		return &reader{options: all}
	}
	p := post{id: 7, name: "blue-tea"}
	for _, tt := range []struct {
		name              string
		options           map[string]string
		product, category string
		image             string
	}{
		{"never set", nil, "https://shop.example/product/blue-tea/", "https://shop.example/product-category/tea/blue/", "https://shop.example/wp/wp-content/uploads/2024/a%20b.jpg"},
		{"set", map[string]string{"woocommerce_permalinks": `a:2:{s:12:"product_base";s:6:"/shop/";s:13:"category_base";s:4:"kind";}`, "upload_path": "files"},
			"https://shop.example/shop/blue-tea/", "https://shop.example/kind/tea/blue/", "https://shop.example/wp/files/2024/a%20b.jpg"},
		{"with the category in it", map[string]string{"woocommerce_permalinks": `a:1:{s:12:"product_base";s:19:"/shop/%product_cat%";}`, "upload_url_path": "https://cdn.example/"},
			"https://shop.example/?p=7", "https://shop.example/product-category/tea/blue/", "https://cdn.example/2024/a%20b.jpg"},
		{"plain", map[string]string{"permalink_structure": ""}, "https://shop.example/?p=7", "https://shop.example/?product_cat=blue", "https://shop.example/wp/wp-content/uploads/2024/a%20b.jpg"},
	} {
		r := shop(tt.options)
		if got := r.productURL(p); got != tt.product {
			t.Errorf("%s: product %s, want %s", tt.name, got, tt.product)
		}
		if got := r.categoryURL([]string{"tea", "blue"}); got != tt.category {
			t.Errorf("%s: category %s, want %s", tt.name, got, tt.category)
		}
		if got := r.image("2024/a b.jpg"); got != tt.image {
			t.Errorf("%s: image %s, want %s", tt.name, got, tt.image)
		}
	}
}

func TestCategoriesThatAreEachOthersParentsComeOnceAndAtTheTop(t *testing.T) {
	t.Parallel()
	r := &reader{options: map[string]string{"home": "https://shop.example"}}
	got := r.tree([]category{{1, 2, "A", "a"}, {2, 1, "B", "b"}, {3, 3, "C", "c"}, {4, 0, "D", "d"}, {5, 4, "E", "e"}})
	var order []string
	for _, c := range got {
		order = append(order, c.ParentKey+">"+c.Key)
	}
	if diff := cmp.Diff([]string{">4", "4>5", ">1", "1>2", ">3"}, order); diff != "" {
		t.Error(diff)
	}
}
