// Package crm is Kupec's embeddable face: a CRM beside an online shop, inside a Fiber app or a daemon of its own.
//
//	db, err := store.Open(ctx, "kupec:secret@tcp(localhost:3306)/kupec", store.Config{})
//	shopDB, err := adapters.Open("kupec_ro:secret@tcp(localhost:3306)/shop", adapters.OpenConfig{})
//	c, err := crm.New(db, crm.Config{
//		Shops:   []crm.Shop{{Name: "shop", Shop: woocommerce.New(shopDB, woocommerce.Config{})}},
//		Secret:  secret,
//		BaseURL: "https://shop.example/crm",
//		SMTPURL: "smtp://user:pass@mail.example:587",
//	})
//	c.Mount(app.Group("/crm"))
//	err = c.Start(ctx)
//	defer c.Stop(ctx)
//
// It wires the rooms, and holds no rule of its own. The rooms are fields of [CRM], for programs that want more than the
// panel gives. Nothing is shared between two CRMs of one process but what they were both handed.
//
// # The house
//
// Rooms are packages; each imports only from floors below it, and a test of this package sees to that. Data flows upward:
// adapters read the shop, intake normalises and mirrors (catalog, purchase) and links people (customer, consent); insight
// and recommend work out facts and affinities; segment asks questions; newsletter writes, delivery sends, storefront
// hears back, attribution credits; admin shows it all.
package crm
