package opencart_test

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/opencart"
)

// A shop that was set up before OpenCart had a setting for its zone, and that has statuses of its own.
func Example() {
	db, err := adapters.Open("kupec:secret@tcp(127.0.0.1:3306)/shop", adapters.OpenConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()

	shop := opencart.New(db, opencart.Config{
		Zone:     "Europe/Ljubljana",
		Statuses: map[string]adapters.Status{"Zapakirano": adapters.StatusPaid, "Izgubljeno": adapters.StatusCancelled},
	})
	page, err := shop.Carts(context.Background(), "", 100)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cart := range page.Rows {
		fmt.Println(cart.Email, len(cart.Lines), cart.ChangedAt)
	}
}
