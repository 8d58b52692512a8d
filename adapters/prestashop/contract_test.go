package prestashop_test

import (
	"database/sql"
	"embed"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/prestashop"
)

//go:embed testdata/*.sql
var schemas embed.FS

func schema(t *testing.T, version, prefix string) string {
	t.Helper()
	raw, err := schemas.ReadFile("testdata/" + version + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(raw), "`ps_", "`"+prefix)
}

// open leaves the prefix to be found out.
func open(db *sql.DB, now func() time.Time) adapters.Shop {
	return prestashop.New(db, prestashop.Config{Now: now})
}

func TestContract(t *testing.T) {
	t.Parallel()
	const (
		counts  = "PrestaShop counts the stock of every product, of one with combinations as their sum"
		spelled = "an order has no address of its own: its account's, as that is spelt, is the order's"
		silent  = "who withdraws is not dated: newsletter_date_add stays that of the subscription"
		noBin   = "PrestaShop has no bin: an order or a product is kept, or deleted for good"
	)
	lacks := map[adaptertest.Feature]string{
		"Products[1002].StockQuantity":                counts,
		"Products[1003].StockQuantity":                counts,
		"Products[1002].Variants[1104].StockQuantity": counts,
		"Products[1002].Variants[1104].Stock":         "whether what is sold out can be ordered, is said for a product with all its combinations",
		"Products[1006].StockQuantity":                "stock is counted in whole units",
		"Products[1005]":                              noBin,
		"Orders[2009]":                                noBin,
		"Orders[2003].Lines.Quantity":                 "whole units are sold",
		"Orders[2001].Email":                          spelled,
		"Orders[2004].Email":                          spelled,
		"Orders[2015].Email":                          "the address is kept with the account alone, and goes with it when that is deleted for good",
		"Orders.Refunds.Reason":                       "a credit slip has no reason",
		"Carts.Lines.Total":                           "a cart has no prices",
		"Subscribers[ivan@пример.example].At":         silent,
		"Subscribers[gone@example.com].At":            silent,
	}
	for _, p := range []adaptertest.Platform{
		{Name: "1.6.1.24", Mode: "1.6", Seeder: seeder{version: "1.6.1.24", prefix: "ps_", shops: 2}},
		{Name: "1.7.2.4", Mode: "1.7", Seeder: seeder{version: "1.7.2.4", prefix: "kx7_", shops: 1, states: 20}},
		{Name: "1.7.8.11", Mode: "1.7.7 and later", Seeder: seeder{version: "1.7.8.11", prefix: "ps_", shops: 1}},
		{Name: "8.2.1", Mode: "1.7.7 and later", Seeder: seeder{version: "8.2.1", prefix: "ps_", shops: 2, sharedStock: true}},
	} {
		s := p.Seeder.(seeder)
		p.Open, p.Lacks, p.Schema = open, lacks, schema(t, s.version, s.prefix)
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, p)
		})
	}
}
