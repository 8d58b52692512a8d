package predict

import (
	"cmp"
	"slices"
)

// Standing is what a customer is ranked by. A list of them is in ascending order of the customers' ids, which break ties.
type Standing struct {
	Recency   float64 // days since the last purchase: less is better
	Frequency float64 // purchase days
	Money     float64
}

// Cell is a customer's three scores, 1 to 5, 5 the best.
type Cell struct{ R, F, M uint8 }

const tiles = 5

// Independent cuts each of recency, frequency and money into fifths of all customers (A. M. Hughes, Strategic Database
// Marketing, 1994). Where the number does not divide by five, the lowest fifths have one more, as SQL's NTILE has it.
func Independent(people []Standing) []Cell {
	cells := make([]Cell, len(people))
	all := everybody(len(people))
	rank(people, all, byRecency, func(i int, tile uint8) { cells[i].R = tile })
	rank(people, all, byFrequency, func(i int, tile uint8) { cells[i].F = tile })
	rank(people, all, byMoney, func(i int, tile uint8) { cells[i].M = tile })
	return cells
}

// Nested cuts customers into fifths by recency, each of these by frequency, and each of these by money: 125 cells of nearly
// equal size.
func Nested(people []Standing) []Cell {
	cells := make([]Cell, len(people))
	for _, fifth := range rank(people, everybody(len(people)), byRecency, func(i int, tile uint8) { cells[i].R = tile }) {
		for _, part := range rank(people, fifth, byFrequency, func(i int, tile uint8) { cells[i].F = tile }) {
			rank(people, part, byMoney, func(i int, tile uint8) { cells[i].M = tile })
		}
	}
	return cells
}

// Thresholds are fixed bounds, each list ascending. A customer gets a point more for each bound of Frequency and Money that
// is reached, and a point less for each of Recency that is passed.
type Thresholds struct {
	Recency, Frequency, Money [tiles - 1]float64
}

// Cell scores a customer.
func (t Thresholds) Cell(s Standing) Cell {
	c := Cell{tiles, 1, 1}
	for i := range tiles - 1 {
		if s.Recency > t.Recency[i] {
			c.R--
		}
		if s.Frequency >= t.Frequency[i] {
			c.F++
		}
		if s.Money >= t.Money[i] {
			c.M++
		}
	}
	return c
}

// worst first.
func byRecency(a, b Standing) int   { return cmp.Compare(b.Recency, a.Recency) }
func byFrequency(a, b Standing) int { return cmp.Compare(a.Frequency, b.Frequency) }
func byMoney(a, b Standing) int     { return cmp.Compare(a.Money, b.Money) }

func everybody(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// rank cuts some of the people into tiles of nearly equal size, tells each one's, and gives them back by tile.
func rank(people []Standing, some []int, worse func(a, b Standing) int, tell func(i int, tile uint8)) [tiles][]int {
	order := slices.Clone(some)
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(worse(people[a], people[b]), cmp.Compare(a, b)) })
	var cut [tiles][]int
	from := 0
	for tile := range tiles {
		size := len(order) / tiles
		if tile < len(order)%tiles {
			size++
		}
		cut[tile] = order[from : from+size]
		for _, i := range cut[tile] {
			tell(i, uint8(tile+1))
		}
		from += size
	}
	return cut
}
