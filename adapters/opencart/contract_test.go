package opencart_test

import (
	"database/sql"
	"embed"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/opencart"
)

//go:embed testdata/*.sql
var schemas embed.FS

// schema is a version's tables under a prefix.
func schema(t *testing.T, version, prefix string) string {
	t.Helper()
	raw, err := schemas.ReadFile("testdata/" + version + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(raw), "`oc_", "`"+prefix)
}

// open leaves the prefix and the zone to be found out.
func open(db *sql.DB, now func() time.Time) adapters.Shop {
	return opencart.New(db, opencart.Config{Now: now})
}

// zoned is for a shop that does not say in which zone it is.
func zoned(db *sql.DB, now func() time.Time) adapters.Shop {
	return opencart.New(db, opencart.Config{Now: now, Zone: "Europe/Ljubljana"})
}

type lacks map[adaptertest.Feature]string

func (l lacks) and(more lacks) lacks {
	all := lacks{}
	for _, from := range []lacks{l, more} {
		for feature, why := range from {
			all[feature] = why
		}
	}
	return all
}

var (
	everywhere = lacks{
		"Customers[108]":                         "OpenCart keeps nothing of a deleted account",
		"Customers[101].ChangedAt":               "an account has no time of change",
		"Products[1005]":                         "OpenCart has no bin for products",
		"Products[1006].StockQuantity":           "OpenCart counts whole pieces",
		"Orders[2003].Lines.Quantity":            "OpenCart sells whole pieces",
		"Orders[2014].Number":                    "the customer is told the order's own number",
		"Orders.Refunds":                         "there are no refunds but a status of the whole order, which makes one refund of it",
		"Carts[undecided@example.com].CreatedAt": "a position keeps when it was put in last; of a cart with one position, that is all",
		"Subscribers[ana.novak@example.si].At":   "the flag of an account has no time",
		"Subscribers[ivan@пример.example]":       "the flag does not tell who withdrew from who never asked",
		"Subscribers[reader@example.com]":        "the flag is kept with accounts only",
		"Subscribers[gone@example.com]":          "the flag is kept with accounts only",
		"Subscribers[unsure@example.com]":        "the flag is kept with accounts only",
		adaptertest.PromptRefunds:                "there are no partial refunds",
	}
	noHistory = lacks{
		"Orders.PaidAt":      "only the order's history tells, which has no index on the order until the shop's owner adds one",
		"Orders.CompletedAt": "only the order's history tells, which has no index on the order until the shop's owner adds one",
	}
	// A shop takes orders for what it has not, or it does not.
	noBackorders = lacks{
		"Products[1006].Stock":                "the whole shop takes orders for what it has not, or none of it",
		"Products[1002].Variants[1104].Stock": "the whole shop takes orders for what it has not, or none of it",
	}
	backorders = lacks{
		"Products[1004].Stock":                "the whole shop takes orders for what it has not, or none of it",
		"Products[1002].Variants[1103].Stock": "the whole shop takes orders for what it has not, or none of it",
	}
	optionsOnly = lacks{
		"Products[1002].Variants.SKU":   "the values of options have no SKU",
		"Orders[2001].Lines[30002].SKU": "the values of options have no SKU",
		"Orders[2003].Lines[30004].SKU": "the values of options have no SKU",
		"Orders[2005].Lines[30006].SKU": "the values of options have no SKU",
	}
	unmoved = lacks{}
)

func init() {
	for _, order := range []string{"2001", "2003", "2004", "2005", "2009", "2011"} {
		unmoved[adaptertest.Feature("Orders["+order+"].ChangedAt")] = "from 4.1 on a status moves no time of the order but its history's, which has no index on the order"
	}
}

// indexed is what a shop's owner may do to have dates of payment.
const indexed = "\nALTER TABLE `oc_order_history` ADD INDEX (`order_id`);\n"

func TestContract(t *testing.T) {
	t.Parallel()
	three, four := everywhere.and(noBackorders).and(optionsOnly), everywhere.and(backorders)
	for _, p := range []adaptertest.Platform{
		{Name: "3.0.3.8", Schema: schema(t, "3.0.3.8", "oc_"), Mode: "modified", Open: zoned, Lacks: three.and(noHistory), Seeder: seeder{version: "3.0", prefix: "oc_", zoneless: true}},
		{Name: "3.0.5.1 with an index", Schema: schema(t, "3.0.5.1", "oc_") + indexed, Mode: "modified", Open: open, Lacks: three, Seeder: seeder{version: "3.0", prefix: "oc_"}},
		{Name: "4.0.2.3", Schema: schema(t, "4.0.2.3", "sh7_"), Mode: "modified", Open: open, Lacks: four.and(noHistory), Seeder: seeder{version: "4.0", prefix: "sh7_", backorders: true}},
		{Name: "4.1.0.4", Schema: schema(t, "4.1.0.4", "oc_"), Mode: "history", Open: open, Lacks: four.and(noHistory).and(unmoved), Seeder: seeder{version: "4.1", prefix: "oc_", backorders: true}},
		{Name: "4.1.0.4 with an index", Schema: schema(t, "4.1.0.4", "oc_") + indexed, Mode: "history", Open: open, Lacks: four, Seeder: seeder{version: "4.1", prefix: "oc_", backorders: true}},
	} {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, p)
		})
	}
}
