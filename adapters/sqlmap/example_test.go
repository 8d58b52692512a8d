package sqlmap_test

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/sqlmap"
)

// A shop's developer reads the file as far as it goes, and then what the database says to it.
func Example() {
	db, err := adapters.Open("kupec_ro:secret@tcp(127.0.0.1:3306)/shop", adapters.OpenConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()

	shop, err := sqlmap.New(db, []byte(sqlmap.Sylius()), sqlmap.Config{File: "sylius.yaml"})
	if err != nil {
		fmt.Println(err) // sylius.yaml:17:13: shop.fields.nme: There is no such key here. The nearest names: name, …
		return
	}
	info, err := shop.Describe(context.Background())
	if err != nil {
		fmt.Println(err) // sylius.yaml:98:12: orders.fields.total.minor is "o.totl": Table sylius_order has no column totl. …
		return
	}
	fmt.Println(info.Name, info.Currency)
}
