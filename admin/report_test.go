package admin_test

import (
	"encoding/csv"
	"html"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/staff"
)

var reportPaths = []string{"/reports", "/reports/buyers", "/reports/cohorts", "/reports/cohorts?view=worth", "/reports/second", "/reports/products", "/reports/categories", "/reports/countries", "/reports/discounts"}

// table reads an exported .csv file, its head left out.
func (a answer) table(t *testing.T) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\uFEFF"))).ReadAll()
	if err != nil || len(rows) == 0 || a.Status != 200 {
		t.Fatalf("%d %v: %.300s", a.Status, err, a.Body)
	}
	return rows[1:]
}

func TestReportsAreReadByWhoMayAndTakenAwayByFewer(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 150)
	for _, role := range []staff.Role{staff.RoleReader, staff.RoleOwner} {
		v := p.visitor(t).as(role)
		for _, path := range reportPaths {
			for _, more := range []string{"", "in=all", "in=7", "from=2001-01-01&to=2001-02-01"} {
				at := path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + more
				if got := v.get(at); got.Status != 200 || !strings.Contains(got.Body, `class="figures"`) {
					t.Errorf("%s %s: %d %.200s", role, at, got.Status, got.Body)
				}
			}
			file := strings.TrimSuffix(strings.Split(path, "?")[0], "/reports")
			if file == "" {
				file = "/reports/sales"
			}
			want := map[staff.Role]int{staff.RoleReader: 403, staff.RoleOwner: 200}[role]
			for _, format := range []string{".csv", ".xlsx"} {
				if got := v.get(file + format + "?in=all"); got.Status != want {
					t.Errorf("%s %s%s: %d, want %d", role, file, format, got.Status, want)
				}
			}
		}
	}
	if p.Log.Len() > 0 {
		t.Errorf("the log has errors:\n%s", p.Log)
	}
}

func TestTheExportedSalesAreTheShopsRevenue(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 150)
	totals, err := p.Orders.Totals(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	v := p.visitor(t).as(staff.RoleOwner)
	for _, revenue := range totals.Revenue {
		for name, column := range map[string]int{"sales": 4, "countries": 5, "categories": 4} {
			sum := decimal.Zero
			for _, row := range v.get("/reports/" + name + ".csv?in=all&by=week&currency=" + revenue.Currency).table(t) {
				sum = sum.Add(decimal.RequireFromString(row[column]))
			}
			if !sum.Equal(revenue.Net) {
				t.Errorf("%s: %s %s, the orders say %s", name, sum, revenue.Currency, revenue.Net)
			}
		}
	}
}

var figureLink = regexp.MustCompile(`<a class="link" href="[^"]*(/customers\?[^"]+)">([\d,]+)</a>`)

func TestBehindAFigureOfPeopleStandAsMany(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 150)
	tree, err := p.Segments.Parse([]byte(`{"is":"country","in":["SI"]}`))
	if err != nil {
		t.Fatal(err)
	}
	saved, err := p.Segments.Create(staff.WithSystem(t.Context(), "test"), "Slovenia", tree)
	if err != nil {
		t.Fatal(err)
	}
	v := p.visitor(t).as(staff.RoleOwner)
	within := strconv.FormatInt(saved.ID, 10)
	for _, path := range []string{"/reports/cohorts?in=all", "/reports/second?in=all", "/reports/second?in=24m&segment=" + within, "/reports/cohorts?in=all&segment=" + within} {
		links := figureLink.FindAllStringSubmatch(v.get(path).Body, -1)
		if len(links) < 3 {
			t.Fatalf("%s has %d figures to press", path, len(links))
		}
		for _, link := range links {
			n, err := strconv.Atoi(strings.ReplaceAll(link[2], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			at := html.UnescapeString(link[1])
			if rows := v.get(strings.Replace(at, "/customers", "/customers.csv", 1)).table(t); len(rows) != n {
				t.Errorf("%s: %d people stand behind %s, which says %d", path, len(rows), at, n)
			}
			if got := v.get(at); got.Status != 200 || !strings.Contains(got.Body, "From a report") {
				t.Errorf("%s: %d", at, got.Status)
			}
		}
	}
	for _, at := range []string{"/customers?of=everybody", "/customers?of=first&from=x&to=y", "/customers?of=orders&from=2026-01-01&to=2026-02-01&later=-3", "/customers?of=orders&from=2026-01-01&to=2026-02-01&to_country=x'"} {
		if got := v.get(at); got.Status != 404 {
			t.Errorf("%s: %d", at, got.Status)
		}
	}
}

func TestAProductsReportSaysWhatFollows(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 150)
	var id int64
	err := p.DB.NewRaw(`SELECT l.product_id FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id WHERE o.status IN ('paid', 'completed') AND l.product_id IS NOT NULL
		GROUP BY l.product_id ORDER BY COUNT(*) DESC LIMIT 1`).Scan(t.Context(), &id)
	if err != nil {
		t.Fatal(err)
	}
	v := p.visitor(t).as(staff.RoleReader)
	got := v.get("/reports/products/" + strconv.FormatInt(id, 10) + "?in=all")
	if got.Status != 200 || !strings.Contains(got.Body, "What people order next") || !strings.Contains(got.Body, `<ol class="barlist`) {
		t.Errorf("%d %.300s", got.Status, got.Body)
	}
	if got := v.get("/reports/products/99999999"); got.Status != 404 {
		t.Errorf("a product that is not there: %d", got.Status)
	}
}

func TestAShopThatSoldNothingSaysSo(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 0)
	v := p.visitor(t).as(staff.RoleOwner)
	if got := v.get("/reports"); got.Status != 200 || !strings.Contains(got.Body, "being added up") {
		t.Errorf("before the sums are made: %d %.300s", got.Status, got.Body)
	}
	if _, err := p.Reports.Check(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, path := range reportPaths {
		if got := v.get(path); got.Status != 200 || !strings.Contains(got.Body, "Nothing has been sold yet") {
			t.Errorf("%s: %d %.300s", path, got.Status, got.Body)
		}
	}
	if got := v.get("/reports/sales.csv"); got.Status != 404 {
		t.Errorf("an export of nothing: %d", got.Status)
	}
}
