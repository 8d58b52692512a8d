package affinity

import (
	"cmp"
	"slices"
)

// None is the category of a product that is in none.
const None = ^uint32(0)

// Purchase is a product in an order. Products are numbered from 0; days are counted from anywhere, always forward; orders
// are told from one another by number, within a customer and a day.
type Purchase struct {
	Product uint32
	Day     int32
	Order   int64
}

// Trade is who bought what and when, a customer after the other. Each product is kept once an order, the oldest order
// first. It takes nine bytes a purchase, and may be read by many at once when it is complete.
type Trade struct {
	start    []int
	items    []uint32
	days     []int32
	begins   []bool   // whether an order begins
	category []uint32 // by product; nil: none is known
	products int
}

// NewTrade begins a trade in products numbered from 0. category tells the leaf category of each by number, or [None]; it
// may be nil.
func NewTrade(products int, category []uint32) *Trade {
	return &Trade{start: []int{0}, products: products, category: category}
}

// Add appends a customer with all purchases, in any order; they are sorted in place. The customer's number is how many
// were added before.
func (t *Trade) Add(purchases []Purchase) {
	slices.SortFunc(purchases, func(a, b Purchase) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Order, b.Order), cmp.Compare(b.Product, a.Product))
	})
	for i, p := range purchases {
		if i > 0 && p == purchases[i-1] {
			continue
		}
		begins := i == 0 || p.Day != purchases[i-1].Day || p.Order != purchases[i-1].Order
		t.items, t.days, t.begins = append(t.items, p.Product), append(t.days, p.Day), append(t.begins, begins)
	}
	t.start = append(t.start, len(t.items))
}

// Customers is how many were added.
func (t *Trade) Customers() int { return len(t.start) - 1 }

// Products is how many there are, bought or not.
func (t *Trade) Products() int { return t.products }

// Purchases is how many are kept.
func (t *Trade) Purchases() int { return len(t.items) }

// Span is the first and the last day on which somebody bought.
func (t *Trade) Span() (first, last int32) {
	if len(t.days) == 0 {
		return 0, 0
	}
	return slices.Min(t.days), slices.Max(t.days)
}

// split is where a customer's purchases begin, where those of a day and later begin, and where they end.
func (t *Trade) split(customer int, day int32) (from, at, to int) {
	from, to = t.start[customer], t.start[customer+1]
	at, _ = slices.BinarySearch(t.days[from:to], day)
	return from, from + at, to
}

// sample is every n-th customer's trade, so that there are at most so many purchases.
func (t *Trade) sample(purchases int) *Trade {
	every := (t.Purchases() + purchases - 1) / max(1, purchases)
	if every <= 1 {
		return t
	}
	s := NewTrade(t.products, t.category)
	for c := 0; c < t.Customers(); c += every {
		from, to := t.start[c], t.start[c+1]
		s.items, s.days, s.begins = append(s.items, t.items[from:to]...), append(s.days, t.days[from:to]...), append(s.begins, t.begins[from:to]...)
		s.start = append(s.start, len(s.items))
	}
	return s
}

// categories is the trade in categories in place of products, and how many there are.
func (t *Trade) categories() *Trade {
	n := uint32(0)
	for _, c := range t.category {
		if c != None {
			n = max(n, c+1)
		}
	}
	s := &Trade{start: append(make([]int, 0, len(t.start)), 0), products: int(n), items: make([]uint32, 0, len(t.items)), days: make([]int32, 0, len(t.items)), begins: make([]bool, 0, len(t.items))}
	for c := range t.Customers() {
		for i := t.start[c]; i < t.start[c+1]; i++ {
			if of := t.category[t.items[i]]; of != None {
				s.items, s.days, s.begins = append(s.items, of), append(s.days, t.days[i]), append(s.begins, true)
			}
		}
		s.start = append(s.start, len(s.items))
	}
	return s
}
