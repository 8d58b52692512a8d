package woocommerce_test

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/woocommerce"
)

// Reading all orders there are now. Kept somewhere, the last cursor finds what is new the next time.
func Example() {
	ctx := context.Background()
	db, err := adapters.Open("kupec:secret@tcp(127.0.0.1:3306)/shop", adapters.OpenConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()

	shop := woocommerce.New(db, woocommerce.Config{})
	var next adapters.Cursor
	for more := true; more; {
		page, err := shop.Orders(ctx, next, 500)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, order := range page.Rows {
			fmt.Println(order.Number, order.Status, order.Total, order.Currency)
		}
		next, more = page.Next, page.More
	}
}
