package demo

import "math"

// What a person drinks decides what they buy.
type taste uint8

const (
	tasteEspresso taste = iota
	tasteFilter
	tasteMoka
	tasteTea
	tasteGift
)

// Traits are the habits of one person; a function of seed and number, so that they need not be remembered.
type traits struct {
	taste     taste
	rhythm    float64 // days between two orders, on average
	loyalty   float64 // how much the wish to come back outlives each order
	favourite int     // index among the products of the taste's category
	second    int
	grind     int // 0 whole beans, 1 ground
	kilo      bool
	gearAt    int // the order that holds the machine, dripper or pot; -1 never
	gear      int
	grinderAt int // -1 never
}

func drawTraits(d *dice, seed, number uint64) traits {
	d.set(seed, number, 0, streamTraits)
	t := traits{taste: taste(d.weighted(25, 27, 14, 22, 12)), gearAt: -1, grinderAt: -1,
		loyalty: .35 + 3.2*math.Pow(d.Float64(), 3), favourite: d.popular(12), second: d.popular(12), kilo: d.chance(.3)}
	switch t.taste {
	case tasteEspresso, tasteFilter:
		t.rhythm = 22 + 17*d.Float64()
	case tasteMoka:
		t.rhythm = 26 + 15*d.Float64()
	case tasteTea:
		t.rhythm = 32 + 30*d.Float64()
	case tasteGift:
		t.rhythm = 150 + 200*d.Float64()
	}
	if d.chance(.45) {
		t.grind = 1
	}
	if d.chance(.62) {
		t.gearAt = d.weighted(80, 12, 8)
	}
	t.gear = d.popular(5)
	if t.taste <= tasteFilter && d.chance(.4) {
		t.grinderAt = 1 + d.weighted(30, 40, 20, 10)
		t.grind = 0
	}
	return t
}

// A pick is one product put into the basket.
type pick struct {
	product *product
	variant int // index, -1 for a product without variations
	qty     int
}

// A basket collects picks without repeating a product.
type basket struct {
	all   *assortment
	d     *dice
	early bool // before the products that were deleted had gone
	stale bool // long enough ago for what is sold out today to have been there
	picks []pick
}

func (b *basket) add(p *product, variant, qty int) {
	if len(p.variants) == 0 {
		variant = -1
	}
	for i := range b.picks {
		if b.picks[i].product == p && b.picks[i].variant == variant {
			return
		}
	}
	b.picks = append(b.picks, pick{p, variant, qty})
}

func (b *basket) named(slug string) { b.add(b.all.find(slug), 0, 1) }

func (b *basket) perhaps(p float64, slug string) {
	if b.d.chance(p) {
		b.named(slug)
	}
}

// from returns the n-th product of a category's shelf, as the shelf was at the time.
func (b *basket) from(category, n int) *product {
	if b.early && b.d.chance(.12) {
		for _, p := range b.all.old {
			if p.category == category && b.d.chance(.6) {
				return p
			}
		}
	}
	if b.stale && b.d.chance(.05) {
		for _, p := range b.all.products {
			if p.category == category && p.place == outOfStock {
				return p
			}
		}
	}
	shelf := b.all.shown[category]
	return shelf[n%len(shelf)]
}

func (b *basket) beans(category int, t *traits, favourite, qty int) {
	v := t.grind
	if t.kilo {
		v += 2
	}
	b.add(b.from(category, favourite), v, qty)
}

// fill puts together the k-th order (0-based) of a person. The ties between products are here: a machine with descaler and
// water filter, a dripper with its own paper, a pot with tea, a grinder for those who come back.
func (b *basket) fill(t *traits, k int, december bool) {
	d := b.d
	again := 1
	if d.chance(.18) {
		again = 2
	}
	owns := t.gearAt >= 0 && k > t.gearAt
	switch t.taste {
	case tasteEspresso:
		if k == t.gearAt {
			machine := b.from(catMachines, t.gear)
			b.add(machine, -1, 1)
			b.perhaps(.55, "descaler-liquid-500-ml")
			b.perhaps(.3, "water-filter-cartridge")
			b.perhaps(.35, "milk-pitcher-500-ml")
			b.perhaps(.22, "tamper-58-5-mm")
			b.perhaps(.15, "espresso-cups-set-of-two")
		}
		if k != t.gearAt || d.chance(.6) {
			b.beans(catEspresso, t, t.favourite, again)
		}
		if d.chance(.4) {
			b.beans(catEspresso, t, t.second, 1)
		}
		if d.chance(.3) {
			b.add(b.from(catEspresso, d.popular(13)), t.grind, 1)
		}
		if owns && (k-t.gearAt)%4 == 3 {
			b.perhaps(.72, "descaler-liquid-500-ml")
			b.perhaps(.35, "group-cleaner-powder-300-g")
		}
		if owns && (k-t.gearAt)%2 == 0 {
			b.perhaps(.3, "water-filter-cartridge")
		}
		if owns && d.chance(.02) {
			b.named("gasket-set-58-mm")
		}
		if k == t.grinderAt {
			b.named(oneOf(d, "vrtinec-40-grinder", "vrtinec-64-flat-burr", "vrtinec-64-flat-burr", "silent-grinder-s1", "mlincek-pro-hand-grinder"))
			b.perhaps(.42, "grinder-brush-tablets")
			b.perhaps(.25, "coffee-scale-with-timer")
		}
	case tasteFilter:
		gear := [...][2]string{{"stozec-dripper-02", "paper-filters-02-100-pieces"}, {"stozec-dripper-02", "paper-filters-02-100-pieces"},
			{"val-flat-dripper", "flat-filters-val-100-pieces"}, {"carafe-brewer-six-cups", "carafe-filters-100-pieces"},
			{"stozec-dripper-01", "paper-filters-01-100-pieces"}}[t.gear]
		if k == t.gearAt {
			b.named(gear[0])
			b.perhaps(.85, gear[1])
			b.perhaps(.3, "glass-server-600-ml")
			b.perhaps(.16, "gooseneck-kettle-1-l")
			b.perhaps(.1, "coffee-scale-with-timer")
		}
		if k != t.gearAt || d.chance(.7) {
			b.beans(catFilter, t, t.favourite, again)
		}
		if d.chance(.5) {
			b.beans(catFilter, t, t.second, 1)
		}
		if d.chance(.35) { // curious
			b.add(b.from(catFilter, d.popular(15)), t.grind, 1)
		}
		if owns && (k-t.gearAt)%3 == 0 {
			b.perhaps(.75, gear[1])
		}
		if k == t.grinderAt {
			b.named(oneOf(d, "mlincek-hand-grinder", "mlincek-hand-grinder", "vrtinec-40-grinder", "mlincek-pro-hand-grinder"))
			b.perhaps(.35, "grinder-brush-tablets")
		}
	case tasteMoka:
		if t.favourite%3 == 0 { // the džezva, not the moka pot
			if k == t.gearAt {
				b.named("dzezva-copper-300-ml")
				b.perhaps(.25, "turkish-hand-mill")
			}
			b.add(b.all.find("turkish-coffee-bosporus"), -1, again)
		} else {
			if k == t.gearAt {
				b.named("moka-pot-three-cups")
				b.perhaps(.4, "moka-gaskets-set-of-three")
			}
			b.add(b.all.find("moka-grind-trieste"), -1, again)
			if owns && (k-t.gearAt)%5 == 4 {
				b.perhaps(.6, "moka-gaskets-set-of-three")
			}
		}
		for range d.weighted(45, 35, 20) {
			b.add(b.from(catGround, d.popular(7)), -1, 1)
		}
		if d.chance(.25) {
			b.add(b.from(catEspresso, t.second), 1, 1)
		}
	case tasteTea:
		leaf := [...]int{catBlack, catGreen, catHerbal}[t.gear%3]
		weight := 0
		if t.kilo {
			weight = 1
		}
		if k == t.gearAt {
			b.named(oneOf(d, "tea-pot-lipica-800-ml", "tea-pot-lipica-800-ml", "cast-iron-tea-pot"))
			b.perhaps(.5, "tea-filters-paper-100-pieces")
			b.perhaps(.2, "tasting-box-tea")
		}
		b.add(b.from(leaf, t.favourite), weight, again)
		if d.chance(.6) {
			b.add(b.from(leaf, t.second), 0, 1)
		}
		for range d.weighted(45, 35, 20) {
			b.add(b.from(catHerbal, d.popular(10)), 0, 1)
		}
		b.perhaps(.2, "forest-honey-450-g")
	case tasteGift:
		switch {
		case december:
			b.named(oneOf(d, "advent-box-24-portions", "tasting-box-filter", "tasting-box-tea", "espresso-cups-set-of-two"))
		case d.chance(.5):
			b.add(b.from(catGifts, d.popular(9)), -1, 1)
		default:
			b.named(oneOf(d, "skodelica-cup-180-ml", "thermo-mug-350-ml", "french-press-1-l"))
		}
		b.perhaps(.4, "chocolate-coffee-bar")
		if d.chance(.15) {
			b.add(b.from(catFilter, d.popular(14)), 1, 1)
		}
	}
	if december && t.taste != tasteGift {
		b.perhaps(.1, "advent-box-24-portions")
		b.perhaps(.08, "tasting-box-filter")
	}
	b.perhaps(.14, "chocolate-coffee-bar")
	if d.chance(.12) { // something for a guest who drinks the other thing
		b.add(b.from(oneOf(d, catBlack, catHerbal, catFilter), d.popular(10)), 0, 1)
	}
}
