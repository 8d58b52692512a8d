package sqlmap_test

import (
	"database/sql"
	"embed"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/sqlmap"
)

//go:embed testdata/*.sql
var schemas embed.FS

func schema(t *testing.T, name string) string {
	t.Helper()
	raw, err := schemas.ReadFile("testdata/" + name + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func example(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// open attaches by a file of examples.
func open(t *testing.T, name string) func(*sql.DB, func() time.Time) adapters.Shop {
	text := example(t, name)
	return func(db *sql.DB, now func() time.Time) adapters.Shop {
		shop, err := sqlmap.New(db, text, sqlmap.Config{File: name, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return shop
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	for _, p := range []adaptertest.Platform{
		{Name: "sylius-1.13", Schema: schema(t, "sylius-1.13"), Mode: "sylius", Open: open(t, "sylius.yaml"), Seeder: sylius{}, Lacks: syliusLacks()},
		{Name: "sylius-2.0", Schema: schema(t, "sylius-2.0"), Mode: "sylius", Open: open(t, "sylius.yaml"), Seeder: sylius{}, Lacks: syliusLacks()},
		{Name: "five tables", Schema: schema(t, "homemade"), Mode: "our own shop", Open: open(t, "example.yaml"), Seeder: homemade{}},
	} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, p)
		})
	}
}

// syliusLacks is what the tables of Sylius cannot hold, whoever reads them.
func syliusLacks() map[adaptertest.Feature]string {
	lacks := map[adaptertest.Feature]string{
		"Customers[108]":                           "an account that is deleted leaves a guest's row",
		"Customers.Language":                       "Sylius keeps none with a customer",
		"Customers[101].Address.Line2":             "an address has one line for the street",
		"Orders[2001].Address.Line2":               "an address has one line for the street",
		"Products[1004].SKU":                       "each product has a code",
		"Products[1004].StockQuantity":             "what is out of stock is counted",
		"Products[1002].Variants[1104].Stock":      "Sylius has no backorders",
		"Products[1006].Stock":                     "Sylius has no backorders",
		"Products[1006].StockQuantity":             "pieces are whole, and not fewer than none",
		"Products[1006].Price":                     "amounts are whole cents",
		"Products[1005]":                           "there is no bin for products",
		"Products[1098]":                           "a product with orders cannot be deleted, so it is still there, switched off",
		"Orders[2009]":                             "there is no bin for orders",
		"Orders[2010]":                             "a checkout that was begun is a cart",
		"Orders[2004].PaidAt":                      "a payment has one time of change, which is the refund's",
		"Orders[2008].Status":                      "what costs nothing is paid at once",
		"Orders.Refunds":                           "Sylius keeps none; a plugin's tables can be added to the file",
		adaptertest.PromptRefunds:                  "Sylius keeps none; a plugin's tables can be added to the file",
		"Orders[2001].Lines[30001].Tax":            "amounts are whole cents",
		"Orders[2003].Lines.Quantity":              "pieces are whole",
		"Orders[2011].Lines[30007].SKU":            "a product with orders cannot be deleted, so that its code is known",
		"Orders[2011].Lines[30008]":                "a line is always a product's",
		"Carts[undecided@example.com].Lines.Total": "amounts are whole cents",
		"Subscribers[ivan@пример.example]":         "a flag does not tell who withdrew from who never asked",
		"Subscribers[gone@example.com]":            "a flag does not tell who withdrew from who never asked",
		"Subscribers[unsure@example.com]":          "a flag knows no address that is not confirmed yet",
		"Subscribers[reader@example.com].IP":       "a flag does not tell from where it was given",
		"Subscribers.At":                           "a flag has no time",
	}
	for _, order := range []string{"2001", "2002", "2004"} {
		lacks[adaptertest.Feature("Orders["+order+"].Email")] = "an order has no address of its own: the customer's counts, as it was typed first"
	}
	for order := 2002; order <= 2016; order++ {
		if order != 2009 && order != 2010 && order != 2013 {
			lacks[adaptertest.Feature(fmt.Sprintf("Orders[%d].Language", order))] = "each order has a language"
		}
	}
	return lacks
}
