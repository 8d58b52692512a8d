package catalog

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
)

func (c *Catalog) Apply(ctx context.Context, db bun.IDB, shopID int64, products []Product) (changed int, err error) {
	panic("pending")
}
func (c *Catalog) ApplyCategories(ctx context.Context, db bun.IDB, shopID int64, all []adapters.Category) error {
	panic("pending")
}
func (c *Catalog) Product(ctx context.Context, id int64) (Product, error) { panic("pending") }
func (c *Catalog) Products(ctx context.Context, ids []int64) (map[int64]Product, error) {
	panic("pending")
}
func (c *Catalog) ProductIDs(ctx context.Context, db bun.IDB, shopID int64, keys []string) (map[string]int64, error) {
	panic("pending")
}
func (c *Catalog) Mention(ctx context.Context, db bun.IDB, shopID int64, currency string, named []Mention) (map[string]int64, error) {
	panic("pending")
}

// ListFilter chooses products.
type ListFilter struct {
	ShopID       int64 // 0: all shops
	CategoryID   int64 // 0: any; else this one, without those below
	Query        string
	OnlySellable bool
	Sort         string // "name" (default), "newest"
	After        string // cursor
	Limit        int    // default 50, at most store.PageMax
}

func (c *Catalog) List(ctx context.Context, f ListFilter) (rows []Product, next string, err error) {
	panic("pending")
}
func (c *Catalog) Categories(ctx context.Context, shopID int64) ([]Category, error) { panic("pending") }

// Counts is how much a shop sells.
type Counts struct {
	Products, Sellable, Categories int64
}

func (c *Catalog) Counts(ctx context.Context, shopID int64) (Counts, error) { panic("pending") }
