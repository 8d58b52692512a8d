package crm_test

import (
	"context"
	"log"
	"os"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/woocommerce"
	"github.com/kupec/kupec/migrations"
	crm "github.com/kupec/kupec/module"
	"github.com/kupec/kupec/module/store"
)

// A Fiber app takes the CRM in: its own database, the shop's for reading, and a path.
func Example() {
	ctx := context.Background()
	db, err := store.Open(ctx, "kupec:secret@tcp(127.0.0.1:3306)/kupec", store.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := migrations.Migrate(ctx, db); err != nil {
		log.Fatal(err)
	}
	shopDB, err := adapters.Open("kupec_ro:secret@tcp(127.0.0.1:3306)/shop", adapters.OpenConfig{})
	if err != nil {
		log.Fatal(err)
	}
	defer shopDB.Close()

	c, err := crm.New(db, crm.Config{
		Shops:    []crm.Shop{{Name: "shop", Shop: woocommerce.New(shopDB, woocommerce.Config{})}},
		Secret:   []byte(os.Getenv("KUPEC_SECRET")),
		BaseURL:  "https://shop.example/crm",
		SMTPURL:  "smtp://user:password@mail.example:587",
		MailFrom: "My Shop <news@shop.example>",
	})
	if err != nil {
		log.Fatal(err)
	}
	app := fiber.New()
	c.Mount(app.Group("/crm"))
	if err := c.Start(ctx); err != nil {
		log.Fatal(err)
	}
	defer c.Stop(ctx)
	log.Fatal(app.Listen("localhost:8090"))
}
