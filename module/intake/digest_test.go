package intake_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/store/storetest"
)

// What follows from a history is made when it is there, and from then on with each order.
func TestACopiedHistoryIsSummedUpOnce(t *testing.T) {
	t.Parallel()
	s := newSite(300)
	at := attach(t, storetest.DB(t), s, intake.Config{PageSize: 50})
	sums := func() (bought []string) {
		t.Helper()
		if err := at.db.NewRaw("SELECT CONCAT_WS('/', profile_id, product_id, orders) FROM crm_bought ORDER BY profile_id, product_id").Scan(t.Context(), &bought); err != nil {
			t.Fatal(err)
		}
		return bought
	}
	plain := func() (bought []string) {
		t.Helper()
		err := at.db.NewRaw(`SELECT CONCAT_WS('/', o.profile_id, l.product_id, COUNT(DISTINCT o.id)) FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id
			WHERE o.status IN ('paid', 'completed', 'refunded') AND o.deleted_at IS NULL AND l.product_id IS NOT NULL
			GROUP BY o.profile_id, l.product_id ORDER BY o.profile_id, l.product_id`).Scan(t.Context(), &bought)
		if err != nil {
			t.Fatal(err)
		}
		return bought
	}
	at.once(t)
	if got := sums(); len(got) < 100 {
		t.Fatalf("%d sums of a history", len(got))
	}
	if diff := cmp.Diff(plain(), sums()); diff != "" {
		t.Errorf("after the history (-plain +kept):\n%s", diff)
	}
	if _, err := at.db.NewRaw("DELETE FROM crm_bought LIMIT 1").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	at.once(t)
	if len(sums()) == len(plain()) {
		t.Error("the history is summed up at each look")
	}
	var undone int
	if err := at.db.NewRaw("SELECT COUNT(*) FROM crm_streams WHERE stream = 'orders' AND digested_at IS NULL").Scan(t.Context(), &undone); err != nil || undone != 0 {
		t.Errorf("%d histories are not noted as summed up, %v", undone, err)
	}
}
