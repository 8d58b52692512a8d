package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/module/staff"
)

func TestACustomersPageSaysWhatIsDueAgainAndHowThatIsKnown(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 120)
	var product struct {
		ID     int64
		ShopID int64
		Name   string
		Zone   string
	}
	if err := p.DB.NewRaw("SELECT p.id, p.shop_id, p.name, s.zone FROM crm_products p JOIN crm_shops s ON s.id = p.shop_id WHERE p.name NOT LIKE '%&%' ORDER BY p.id LIMIT 1").Scan(t.Context(), &product); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(product.Zone)
	if err != nil {
		t.Fatal(err)
	}
	id, v := firstCustomer(t, p), p.visitor(t).as(staff.RoleReader)
	if body := v.get(fmt.Sprintf("/customers/%d", id)).Body; strings.Contains(body, "Due again") {
		t.Error("something is due before the first night")
	}
	for _, tt := range []struct {
		days, purchases int
		want            string
	}{
		{3, 6, "due in 3 days, usually every 28 days, 6 purchases"},
		{0, 1, "due today, others buy it every 28 days, 1 purchase"},
		{-1, 2, "was due 1 day ago, usually every 28 days, 2 purchases"},
	} {
		_, err := p.DB.NewRaw(`REPLACE INTO crm_refill_dates (profile_id, product_id, shop_id, last_on, due_on, due_from, due_to, every_days, purchases)
			SELECT ?, ?, ?, day - INTERVAL 28 DAY, day, day, day, 28, ? FROM (SELECT CAST(? AS DATE) AS day) t`, id, product.ID, product.ShopID, tt.purchases, time.Now().In(zone).AddDate(0, 0, tt.days).Format(time.DateOnly)).Exec(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if body := v.get(fmt.Sprintf("/customers/%d", id)).Body; !strings.Contains(body, tt.want) || !strings.Contains(body, product.Name) {
			t.Errorf("there is no %q", tt.want)
		}
	}
}
