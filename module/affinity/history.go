package affinity

import "slices"

const (
	recentDays  = 90
	popularDays = 30
	// newest is how many products pairs are counted from, of a person or an order: it bounds the work by 2,500 and costs
	// no measurable quality.
	newest = 50
)

// history is who had bought what by a day, in compressed rows: the products of row r, newest first and each once, are
// items[start[r]:start[r+1]]. A row is a person, or an order.
type history struct {
	today   int32
	owners  []uint32 // by row: the customer; nil where rows are orders
	start   []uint32
	items   []uint32
	buyers  []uint32 // by product: rows that have it
	recent  []uint32 // by product: of the last 90 days
	popular []uint32 // by product: of the last 30 days
	orders  []uint32 // by product: orders of people that have it; nil where rows are orders
}

func newHistory(products, rows, purchases int, today int32) *history {
	return &history{today: today, start: append(make([]uint32, 0, rows+1), 0), items: make([]uint32, 0, purchases), buyers: make([]uint32, products), recent: make([]uint32, products), popular: make([]uint32, products)}
}

func (h *history) add(item uint32, day int32) {
	h.items = append(h.items, item)
	h.buyers[item]++
	if age := h.today - day; age <= recentDays {
		h.recent[item]++
		if age <= popularDays {
			h.popular[item]++
		}
	}
}

// people is the history of each customer who had bought before a day.
func (t *Trade) people(today int32) *history {
	h := newHistory(t.products, t.Customers(), t.Purchases(), today)
	h.orders = make([]uint32, t.products)
	seen := make([]uint32, t.products) // customer + 1 who was seen with the product last
	for c := range t.Customers() {
		from, to, _ := t.split(c, today)
		if from == to {
			continue
		}
		for i := to - 1; i >= from; i-- {
			item := t.items[i]
			h.orders[item]++
			if seen[item] != uint32(c)+1 {
				seen[item] = uint32(c) + 1
				h.add(item, t.days[i])
			}
		}
		h.owners, h.start = append(h.owners, uint32(c)), append(h.start, uint32(len(h.items)))
	}
	return h
}

// orders is each order before a day as a row.
func (t *Trade) orders(today int32) *history {
	orders := 0
	for _, begins := range t.begins {
		if begins {
			orders++
		}
	}
	h := newHistory(t.products, orders, t.Purchases(), today)
	for c := range t.Customers() {
		from, to, _ := t.split(c, today)
		for i := from; i < to; i++ {
			h.add(t.items[i], t.days[i])
			if i+1 == to || t.begins[i+1] {
				h.start = append(h.start, uint32(len(h.items)))
			}
		}
	}
	return h
}

func (h *history) products() int { return len(h.buyers) }

func (h *history) rows() int { return len(h.start) - 1 }

func (h *history) of(row int) []uint32 { return h.items[h.start[row]:h.start[row+1]] }

// newest is what pairs are counted from.
func (h *history) newest(row int) []uint32 {
	items := h.of(row)
	return items[:min(len(items), newest)]
}

// transposed is, for each product, the rows among whose newest products it is.
func (h *history) transposed() (start, rows []uint32) {
	start = make([]uint32, h.products()+1)
	for r := range h.rows() {
		for _, item := range h.newest(r) {
			start[item+1]++
		}
	}
	for i := range h.products() {
		start[i+1] += start[i]
	}
	rows = make([]uint32, start[h.products()])
	next := slices.Clone(start)
	for r := range h.rows() {
		for _, item := range h.newest(r) {
			rows[next[item]] = uint32(r)
			next[item]++
		}
	}
	return start, rows
}

// byBuyers ranks products by how many bought them, then by number, without those nobody bought.
func byBuyers(buyers []uint32) []uint32 {
	var out []uint32
	for item, n := range buyers {
		if n > 0 {
			out = append(out, uint32(item))
		}
	}
	slices.SortStableFunc(out, func(a, b uint32) int { return int(buyers[b]) - int(buyers[a]) })
	return out
}
