package magento_test

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/magento"
)

// Reading the carts that are open now, in a shop whose tables have no prefix and whose address is in its env.php.
func Example() {
	ctx := context.Background()
	db, err := adapters.Open("kupec:secret@tcp(127.0.0.1:3306)/magento", adapters.OpenConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()

	shop := magento.New(db, magento.Config{URL: "https://shop.example"})
	var next adapters.Cursor
	for more := true; more; {
		page, err := shop.Carts(ctx, next, 500)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, cart := range page.Rows {
			fmt.Println(cart.Email, len(cart.Lines), cart.Currency)
		}
		next, more = page.Next, page.More
	}
}
