package bitrix_test

import (
	"database/sql"
	"embed"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/bitrix"
)

//go:embed testdata/*.sql
var schemas embed.FS

// schema is a version's tables under a prefix.
func schema(t *testing.T, name, prefix string) string {
	t.Helper()
	raw, err := schemas.ReadFile("testdata/" + name + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(raw), "`b_", "`"+prefix)
}

// open leaves all to be found out.
func open(db *sql.DB, now func() time.Time) adapters.Shop {
	return bitrix.New(db, bitrix.Config{Now: now})
}

// lacks is what a version cannot give, with the reason.
type lacks map[adaptertest.Feature]string

func (l lacks) and(more ...lacks) lacks {
	all := maps.Clone(l)
	for _, m := range more {
		maps.Copy(all, m)
	}
	return all
}

func TestContract(t *testing.T) {
	t.Parallel()
	const noIP = "the module subscribe keeps no address of a machine"
	common := lacks{
		"Customers[108]":                              "a deleted account is gone",
		"Products[1005]":                              "there is no bin: a deleted element is gone",
		"Orders[2009]":                                "there is no bin: a deleted order is gone",
		"Info.Locale":                                 "a site has a language of two letters, and no country to it",
		"Customers.Language":                          "an account has a language of two letters, or its site's",
		"Orders.Language":                             "an order has its site's language, of two letters",
		"Products.RegularPrice":                       "reductions are rules that PHP works out for each visitor; what a price was before is nowhere kept",
		"Products[1006].Price":                        "b_catalog_price keeps two decimals",
		"Orders[2001].Lines[30002].Tax":               "a position keeps the rate of its tax; what the story rounds to 3.74 comes to 3.7382",
		"Orders[2007].Status":                         "an order that is paid is paid, in whatever status of the shop's own",
		"Orders[2007].RawStatus":                      "an order that is paid is paid, in whatever status of the shop's own",
		"Carts[undecided@example.com]":                "of a visitor without an account only a cookie is known, no address",
		"Carts[]":                                     "of a visitor without an account only a cookie is known, no address",
		"Products[1002].Variants[1104].StockQuantity": "what can be had at zero is counted",
	}
	old := lacks{
		"Orders[2010]":                       "before 16 nothing is kept of an order that was not finished",
		"Orders[2004].PaidAt":                "DATE_PAYED is of the last turn of the flag, and there are no payments that would know",
		"Subscribers[reader@example.com].IP": noIP,
	}
	payments := lacks{"Orders[2004].Refunds[2505].RefundedAt": "what a payment system gave back has the day that staff typed in, and no time"}
	sender := lacks{
		"Subscribers[unsure@example.com]":         "the module sender writes nothing before an address is confirmed",
		"Subscribers[ana.novak@example.si].Email": "the module sender keeps addresses in small letters",
		"Subscribers[reader@example.com].Email":   "the module sender keeps addresses in small letters",
	}
	for _, p := range []adaptertest.Platform{
		{Name: "sale-14.9", Schema: schema(t, "sale-14.9", "shop_"), Mode: "one payment an order", Lacks: common.and(old),
			Seeder: seeder{prefix: "shop_", products: 1, offers: 1}},
		{Name: "sale-19.0", Schema: schema(t, "sale-19.0", "b_"), Mode: "payments", Lacks: common.and(payments, lacks{"Subscribers[reader@example.com].IP": noIP}),
			Seeder: seeder{prefix: "b_", payments: true, products: 1, offers: 2}},
		{Name: "sale-20.0", Schema: schema(t, "sale-20.0", "b_"), Mode: "payments, shipment properties", Lacks: common.and(payments, sender),
			Seeder: seeder{prefix: "b_", payments: true, entities: true, products: 2, offers: 1, sender: true, history: true}},
	} {
		p.Open = open
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, p)
		})
	}
}
