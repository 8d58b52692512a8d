package prestashop

// words is what something is called in one of the languages, in one of the shops.
type words struct {
	name, slug string
	rank       int
}

// rank says how well words fit: those of this shop in its main language best, then its others', then other shops'. Many
// translations are missing, or there and empty.
func (r *reader) rank(shop, lang int64) int {
	rank := 1
	if shop == r.shop {
		rank += 2
	}
	if lang == r.lang() {
		rank++
	}
	return rank
}

// better keeps the better of two. Blank ones are none; of equals the first stays.
func (w *words) better(name, slug string, rank int) {
	if name != "" && rank > w.rank {
		*w = words{name, slug, rank}
	}
}
