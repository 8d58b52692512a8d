package affinity

// Repeat is how a product is bought again.
type Repeat struct {
	Buyers uint32  // people
	Again  uint32  // of these, who bought it on another day too
	Gaps   uint32  // from one such day to the next, of all people
	Days   float64 // that the gaps take together
}

// Repeats tells of each product how it is bought again, and gives the purchase days, ascending, of people who bought one
// on at least least days: at most so many of them, of evenly picked customers.
func (t *Trade) Repeats(least, most int) (repeats []Repeat, days [][]int32) {
	repeats = make([]Repeat, t.products)
	every := 1 + t.Purchases()/max(1, most)/max(1, least)
	for c := range t.Customers() {
		for _, h := range t.habits(c) {
			r := &repeats[h.item]
			r.Buyers++
			if len(h.days) < 2 {
				continue
			}
			r.Again++
			r.Gaps += uint32(len(h.days) - 1)
			r.Days += float64(h.days[len(h.days)-1] - h.days[0])
			if len(h.days) >= least && c%every == 0 {
				days = append(days, h.days)
			}
		}
	}
	return repeats, days
}
