package magento_test

import (
	"database/sql"
	"embed"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/magento"
)

//go:embed testdata/*.sql
var schemas embed.FS

func file(t *testing.T, name string) string {
	t.Helper()
	raw, err := schemas.ReadFile("testdata/" + name + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var create = regexp.MustCompile("(?ms)^CREATE TABLE `([a-z0-9_]+)`.*?;\n")

// schema is a version's with what a shop may have otherwise: a prefix, no stock by source, Commerce's own tables.
func schema(t *testing.T, version string, s seeder) string {
	t.Helper()
	tables := map[string]string{}
	for _, text := range []string{file(t, version), file(t, "commerce")} {
		if strings.Contains(text, "sequence_product") && !s.staged {
			continue
		}
		for _, m := range create.FindAllStringSubmatch(text, -1) {
			tables[m[1]] = strings.Replace(m[0], "`"+m[1]+"`", "`"+s.prefix+m[1]+"`", 1)
		}
	}
	if !s.sources {
		maps.DeleteFunc(tables, func(name, _ string) bool { return strings.HasPrefix(name, "inventory_") })
	}
	var all strings.Builder
	for _, statement := range tables {
		all.WriteString(statement)
	}
	return all.String()
}

// open leaves the prefix to be found out.
func open(db *sql.DB, now func() time.Time) adapters.Shop {
	return magento.New(db, magento.Config{Now: now})
}

func TestContract(t *testing.T) {
	t.Parallel()
	lacks := map[adaptertest.Feature]string{
		"Customers[108]":                     "Magento keeps nothing of a deleted account",
		"Products[1005]":                     "Magento keeps nothing of a deleted product",
		"Orders[2009]":                       "Magento has no bin for orders",
		"Orders[2010]":                       "a checkout that was begun is a quote, and no order",
		"Orders[2006].Status":                "no state says that a payment failed: such an order is cancelled",
		"Subscribers[reader@example.com].IP": "Magento does not keep from where somebody subscribed",
	}
	for _, p := range []struct {
		version, mode string
		seeder        seeder
	}{
		{"2.3.7", "open-source", seeder{}},
		{"2.4.4", "open-source-msi", seeder{prefix: "m2_", sources: true}},
		{"2.4.8", "open-source-msi", seeder{sources: true, records: true}},
		{"2.4.8", "commerce-msi", seeder{sources: true, records: true, staged: true}},
	} {
		t.Run(p.version+" "+p.mode, func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, adaptertest.Platform{Name: p.version, Schema: schema(t, p.version, p.seeder), Mode: p.mode, Lacks: lacks, Seeder: p.seeder, Open: open})
		})
	}
}
