package catalog

// Category is a shelf of a shop.
type Category struct {
	ID        int64
	ShopID    int64
	Key       string
	ParentKey string // empty: top
	Name      string
	URL       string
	Products  int64  // not deleted ones directly on this shelf
	Path      string // from the top: "Coffee › Beans"
}
