package prestashop_test

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/prestashop"
)

// One shop of an installation with several, with what it has sold and what was given back.
func Example() {
	ctx := context.Background()
	db, err := adapters.Open("kupec:secret@tcp(127.0.0.1:3306)/prestashop", adapters.OpenConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()

	shop := prestashop.New(db, prestashop.Config{Shop: 2})
	var next adapters.Cursor
	for more := true; more; {
		page, err := shop.Orders(ctx, next, 500)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, order := range page.Rows {
			fmt.Println(order.Number, order.RawStatus, order.Total, order.Currency, len(order.Refunds))
		}
		next, more = page.Next, page.More
	}
}
