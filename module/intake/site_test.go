package intake_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
)

// site is a shop in memory that keeps to the contract of adapters.Shop. Each stream is a journal: its history by key,
// then every change as the whole row again. Who has read to the end gets the last few rows again, as an overlap.
type site struct {
	mu         sync.Mutex
	info       adapters.Info
	categories []adapters.Category
	customers  []adapters.Customer
	products   []adapters.Product
	orders     []adapters.Order
	bad        map[string]adapters.BadRow // by stream and key: rows the adapter itself cannot read
	gone       map[string]bool            // by stream and key: rows that vanished without a trace
	onRead     func(stream string, after adapters.Cursor) error
}

var (
	_ adapters.Shop           = (*site)(nil)
	_ adapters.CategoryReader = (*site)(nil)
	_ adapters.Counter        = (*site)(nil)
)

const overlapRows = 3

func page[T any](s *site, stream string, journal *[]T, key func(T) string, after adapters.Cursor, limit int) (adapters.Page[T], error) {
	if s.onRead != nil {
		if err := s.onRead(stream, after); err != nil {
			return adapters.Page[T]{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from := 0
	if after != "" {
		from, _ = strconv.Atoi(string(after))
	}
	all := *journal
	if from == len(all) && after != "" {
		from = max(0, from-overlapRows)
	}
	to := min(len(all), from+min(limit, 500)) // as the real one does, whatever is asked for
	p := adapters.Page[T]{Next: adapters.Cursor(strconv.Itoa(to)), More: to < len(all)}
	for _, row := range all[from:to] {
		if s.gone[stream+key(row)] {
			continue
		}
		if bad, ok := s.bad[stream+key(row)]; ok {
			p.Bad = append(p.Bad, bad)
			continue
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

func (s *site) Describe(context.Context) (adapters.Info, error) {
	if s.onRead != nil {
		if err := s.onRead("describe", ""); err != nil {
			return adapters.Info{}, err
		}
	}
	return s.info, nil
}

func (s *site) Categories(context.Context) ([]adapters.Category, error) {
	if s.onRead != nil {
		if err := s.onRead("categories", ""); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]adapters.Category(nil), s.categories...), nil
}

func (s *site) Customers(_ context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Customer], error) {
	return page(s, "customers", &s.customers, func(c adapters.Customer) string { return c.Key }, after, limit)
}

func (s *site) Products(_ context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Product], error) {
	return page(s, "products", &s.products, func(p adapters.Product) string { return p.Key }, after, limit)
}

func (s *site) Orders(_ context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Order], error) {
	return page(s, "orders", &s.orders, func(o adapters.Order) string { return o.Key }, after, limit)
}

func (s *site) Count(context.Context) (adapters.Counts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return adapters.Counts{Customers: int64(len(s.customers)), Products: int64(len(s.products)), Orders: int64(len(s.orders))}, nil
}

// final is the orders as they stand at the end of the journal.
func (s *site) final() map[string]adapters.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := map[string]adapters.Order{}
	for _, o := range s.orders {
		last[o.Key] = o
	}
	return last
}

// edit delivers an order again with something changed.
func (s *site) edit(dice *rand.Rand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.orders) == 0 {
		return
	}
	key := s.orders[dice.IntN(len(s.orders))].Key
	var o adapters.Order
	for _, one := range s.orders {
		if one.Key == key {
			o = one
		}
	}
	switch dice.IntN(4) {
	case 0:
		o.Status, o.RawStatus = adapters.StatusRefunded, "refunded"
		o.Refunds = []adapters.Refund{{Key: "r" + key, Amount: o.Total, RefundedAt: o.PlacedAt.Add(time.Hour)}}
	case 1:
		o.Lines = o.Lines[:max(0, len(o.Lines)-1)]
	case 2:
		o.Deleted = !o.Deleted
	case 3:
		o.Email = "moved" + key + "@example.com"
	}
	s.orders = append(s.orders, o)
}

var start = time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC)

// newSite makes a shop with about three orders a person: accounts, guests whose address also belongs to an account, in
// another case, guests alone, orders with neither address nor account, deleted products, refunds, two currencies.
func newSite(people int) *site {
	dice := rand.New(rand.NewPCG(uint64(people), 7))
	s := &site{info: adapters.Info{Platform: "memory", Version: "1", Mode: "test", Name: "Test", URL: "https://shop.example", Currency: "EUR", Zone: "Europe/Ljubljana", Locale: "sl-SI"},
		bad: map[string]adapters.BadRow{}, gone: map[string]bool{}}
	s.categories = []adapters.Category{{Key: "1", Name: "Coffee"}, {Key: "2", ParentKey: "1", Name: "Beans"}, {Key: "3", Name: "Tea"}}
	const products = 120
	for i := range products {
		p := adapters.Product{Key: strconv.Itoa(i + 1), SKU: fmt.Sprintf("SKU-%d", i), Name: fmt.Sprintf("Product %d", i), URL: fmt.Sprintf("https://shop.example/p/%d", i),
			Price: fmt.Sprintf("%d.90", 5+i), Stock: adapters.InStock, Visible: true, CategoryKeys: []string{strconv.Itoa(1 + i%3)}, CreatedAt: start, ChangedAt: start}
		if i%10 == 0 {
			p.Variants = []adapters.Variant{{Key: strconv.Itoa(1000 + i), Name: "250 g", Price: p.Price, Stock: adapters.InStock}, {Key: strconv.Itoa(2000 + i), Name: "1 kg", Price: "44", Stock: adapters.OutOfStock}}
		}
		s.products = append(s.products, p)
	}
	address := func(i int) string { return fmt.Sprintf("person%d@example.com", i) }
	for i := range people {
		if i%5 < 3 {
			s.customers = append(s.customers, adapters.Customer{Key: strconv.Itoa(i + 1), Email: address(i), FirstName: "First" + strconv.Itoa(i%50), LastName: "Last" + strconv.Itoa(i),
				Phone: fmt.Sprintf("041 %03d %03d", i/1000%1000, i%1000), Address: adapters.Address{City: "Ljubljana", Country: "SI"}, RegisteredAt: start.Add(time.Duration(i) * time.Minute)})
		}
	}
	for i := range 3 * people {
		who := dice.IntN(people)
		o := adapters.Order{Key: strconv.Itoa(i + 1), Number: strconv.Itoa(10000 + i), Status: adapters.Statuses[dice.IntN(len(adapters.Statuses))], RawStatus: "x", Currency: "EUR",
			Tax: "1.50", Shipping: "3.9", Discount: "0", Email: address(who), FirstName: "First" + strconv.Itoa(who%50), LastName: "Last" + strconv.Itoa(who),
			Phone: fmt.Sprintf("041 %03d %03d", who/1000%1000, who%1000), Address: adapters.Address{Line1: fmt.Sprintf("Trubarjeva %d", who), City: "Ljubljana", Postcode: "1000", Country: "SI"},
			PlacedAt: start.Add(time.Duration(i) * 7 * time.Minute)}
		o.ChangedAt = o.PlacedAt
		switch {
		case who%5 < 3 && dice.IntN(4) > 0:
			o.CustomerKey = strconv.Itoa(who + 1)
		case who%5 < 3: // a guest with the address of an account
			o.Email = fmt.Sprintf("Person%d@Example.COM", who)
		case dice.IntN(50) == 0:
			o.Email, o.Phone = "", ""
		case dice.IntN(50) == 0:
			o.Email = "no address"
		}
		if dice.IntN(15) == 0 {
			o.Currency = "CHF"
		}
		sum := decimal.New(540, -2)
		for l := range 1 + dice.IntN(4) {
			product := 1 + dice.IntN(products+5) // some are gone from the shop
			amount := decimal.New(100+dice.Int64N(5000), -2)
			o.Lines = append(o.Lines, adapters.Line{Key: fmt.Sprintf("%d-%d", i, l), ProductKey: strconv.Itoa(product), SKU: "S", Name: fmt.Sprintf("Product %d", product), Quantity: strconv.Itoa(1 + dice.IntN(3)),
				Total: amount.String(), Tax: "0.20"})
			sum = sum.Add(amount)
		}
		o.Total = sum.String()
		if dice.IntN(12) == 0 {
			o.Refunds = append(o.Refunds, adapters.Refund{Key: fmt.Sprintf("r%d", i), Amount: "1.99", Reason: "late", RefundedAt: o.PlacedAt.Add(time.Hour)})
		}
		s.orders = append(s.orders, o)
	}
	return s
}
