package admin_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
)

// table reads what was sent back, in either format.
func table(t *testing.T, got answer) [][]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export")
	if err := os.WriteFile(path, []byte(got.Body), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := sheet.Open(path, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var rows [][]string
	for {
		row, _, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestEveryListIsGivenOutAsItIsShown(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 300)
	ctx := staff.WithSystem(t.Context(), "test")
	tree, err := p.Segments.Parse([]byte(`{"is":"orders","at_least":2}`))
	if err != nil {
		t.Fatal(err)
	}
	saved, err := p.Segments.Create(ctx, "Naročili večkrat", tree)
	if err != nil {
		t.Fatal(err)
	}
	count, err := p.Segments.Count(ctx, tree, 1, "newsletter")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DB.ExecContext(ctx, "UPDATE crm_products SET name = '=1+1' ORDER BY id LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	number := func(query string) int {
		t.Helper()
		var n int
		if err := p.DB.NewRaw(query).Scan(ctx, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	v, owner := p.visitor(t).as(staff.RoleMarketer), p.visitor(t).as(staff.RoleOwner)
	others := map[staff.Role]*visitor{staff.RoleReader: p.visitor(t).as(staff.RoleReader), staff.RoleSupport: p.visitor(t).as(staff.RoleSupport)}
	for _, tt := range []struct {
		page, path, query string
		head, act         string
		rows              int
	}{
		{"/customers?account=yes&sort=net", "/customers", "?account=yes&amp;sort=net", "Customer,E-mail,Stage", "Exported customers", number("SELECT COUNT(*) FROM crm_facts f JOIN crm_profiles p ON p.id = f.profile_id WHERE p.has_account AND p.merged_into IS NULL")},
		{"/orders", "/orders", "", "Order,Customer,E-mail", "Exported orders", number("SELECT COUNT(*) FROM crm_orders WHERE deleted_at IS NULL")},
		{"/orders?status=completed", "/orders", "?status=completed", "Order,Customer,E-mail", "", number("SELECT COUNT(*) FROM crm_orders WHERE deleted_at IS NULL AND status = 'completed'")},
		{"/products", "/products", "", "Product,SKU,Stock", "Exported products", number("SELECT COUNT(*) FROM crm_products WHERE deleted_at IS NULL")},
		{fmt.Sprintf("/segments/%d", saved.ID), fmt.Sprintf("/segments/%d/people", saved.ID), "", "Customer,E-mail,Stage", "Exported a segment’s people", int(count.Profiles)},
	} {
		page := v.get(tt.page)
		for _, format := range []string{"csv", "xlsx"} {
			path := tt.path + "." + format + tt.query
			if !strings.Contains(page.Body, `href="/crm/admin`+path+`"`) {
				t.Errorf("%s does not offer %s", tt.page, path)
			}
			rows := table(t, v.get(strings.ReplaceAll(path, "&amp;", "&")))
			if len(rows)-1 != tt.rows || tt.rows == 0 || !strings.HasPrefix(strings.Join(rows[0], ","), tt.head) {
				t.Errorf("%s: %d rows, want %d; head %q", path, len(rows)-1, tt.rows, rows[0])
			}
		}
		if tt.act != "" && !strings.Contains(owner.get("/settings/audit").Body, tt.act) {
			t.Errorf("the audit log does not say %q", tt.act)
		}
		for role, other := range others {
			if got := other.get(tt.path + ".csv"); got.Status != 403 {
				t.Errorf("%s was given %s: %d", role, tt.path, got.Status)
			}
			if strings.Contains(other.get(tt.page).Body, tt.path+".csv") {
				t.Errorf("%s is offered %s", role, tt.path)
			}
		}
	}
	raw, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(v.get("/products.csv").Body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range raw {
		for _, cell := range row {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
	if p.Log.Len() > 0 {
		t.Errorf("the log has errors:\n%s", p.Log)
	}
}
