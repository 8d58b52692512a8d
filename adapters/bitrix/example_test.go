package bitrix_test

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/bitrix"
)

// A shop whose server keeps Moscow's time, with statuses of its own.
func Example() {
	ctx := context.Background()
	db, err := adapters.Open("kupec:secret@tcp(127.0.0.1:3306)/sitemanager", adapters.OpenConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()

	shop := bitrix.New(db, bitrix.Config{
		Zone:     "Europe/Moscow",
		Statuses: map[string]adapters.Status{"PU": adapters.StatusCompleted, "NC": adapters.StatusFailed},
	})
	page, err := shop.Orders(ctx, "", 500)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, order := range page.Rows {
		fmt.Println(order.Number, order.Status, order.Total, order.Currency)
	}
}
