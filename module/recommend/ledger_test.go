package recommend_test

import (
	"fmt"
	"testing"
	"time"
)

// ledger writes orders down, to be put into the database together.
type ledger struct{ orders, lines []string }

func (l *ledger) add(shop, profile int, status string, refunded float64, daysAgo int, items ...int) {
	id := len(l.orders) + 1
	l.orders = append(l.orders, fmt.Sprintf("(%d,%d,'%d','%d',1,%d,'%s','EUR',100,0,0,0,%f,'%s',1)", id, shop, id, id, profile, status, refunded,
		now.AddDate(0, 0, -daysAgo).Format(time.DateTime)))
	for i, item := range items {
		l.lines = append(l.lines, fmt.Sprintf("(%d,%d,'%d',%d,'x',1,10,0)", id, i, i, item))
	}
}

func (l *ledger) save(t *testing.T, b bundle) {
	t.Helper()
	b.insert(t, "crm_orders", "id,shop_id,shop_key,number,identity_id,profile_id,status,currency,total,tax,shipping,discount,refunded,placed_at,fingerprint", l.orders)
	b.insert(t, "crm_order_lines", "order_id,position,shop_key,product_id,name,quantity,total,tax", l.lines)
}
