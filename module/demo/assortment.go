package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A product's place in the life of the shop.
type shelf uint8

const (
	onSale     shelf = iota
	outOfStock       // visible, cannot be bought
	draft            // never published: must not be offered to anybody
	hidden           // published, but kept out of catalogue and search
	deleted          // gone for good: only old order lines still name its id
)

// How a product is divided into variations.
type split uint8

const (
	single    split = iota
	byWeight        // 50 g and 200 g
	byPackage       // 250 g and 1 kg, whole beans and ground
)

// A product of the assortment. Prices are in cents of a euro with VAT.
type product struct {
	id       uint64 // post id, given by layOut
	imageID  uint64 // attachment id
	slug     string
	name     string // as WordPress stores it: with HTML entities
	about    string
	category int
	price    int64
	picture  picture
	tint     uint32
	place    shelf
	split    split
	reduced  bool // food: the reduced VAT rate
	variants []variant
}

type variant struct {
	id     uint64
	name   string
	price  int64
	weight string // slug of the pa_weight term
	grind  string // slug of the pa_grind term; empty for tea
}

func (p *product) sku() string { return fmt.Sprintf("SK-%04d", p.id) }

// A category; parent is an index into categories, -1 at the top.
type category struct {
	name   string
	slug   string
	parent int
	about  string
}

const (
	catCoffee = iota
	catEspresso
	catFilter
	catGround
	catTea
	catGreen
	catBlack
	catHerbal
	catBrewing
	catMachines
	catGrinders
	catDrippers
	catCare
	catGifts
	categoryCount
)

func categories() [categoryCount]category {
	return [categoryCount]category{
		catCoffee:   {"Coffee", "coffee", -1, "Roasted in Ljubljana on Mondays and Thursdays."},
		catEspresso: {"Espresso beans", "espresso-beans", catCoffee, "Rounder roasts for machine and moka pot."},
		catFilter:   {"Filter beans", "filter-beans", catCoffee, "Light roasts that keep the fruit."},
		catGround:   {"Ground & Turkish", "ground-turkish", catCoffee, "Ready for the pot, the moka and the džezva."},
		catTea:      {"Tea", "tea", -1, "Loose leaf, weighed by hand."},
		catGreen:    {"Green & oolong", "green-oolong", catTea, "From grassy to roasted."},
		catBlack:    {"Black tea", "black-tea", catTea, "For milk, for lemon, for the samovar."},
		catHerbal:   {"Herbs & rooibos", "herbs-rooibos", catTea, "Nothing in it keeps you awake."},
		catBrewing:  {"Brewing", "brewing", -1, "What the cup needs besides the bean."},
		catMachines: {"Espresso machines", "espresso-machines", catBrewing, "Chosen, tested and serviced by us."},
		catGrinders: {"Grinders", "grinders", catBrewing, "The part that changes the most."},
		catDrippers: {"Drippers & pots", "drippers-pots", catBrewing, "For one cup or for the table."},
		catCare:     {"Care & filters", "care-filters", catBrewing, "Paper, descaler, gaskets: it runs out."},
		catGifts:    {"Cups & gifts", "cups-gifts", -1, "Wrapped on request, at no charge."},
	}
}

// slugOf turns a name into a WordPress-like slug.
func slugOf(name string) string {
	fold := strings.NewReplacer("č", "c", "š", "s", "ž", "z", "ć", "c", "é", "e", "&amp;", "", "’", "").Replace(strings.ToLower(name))
	var b strings.Builder
	for _, r := range fold {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// The assortment: 120 products, and after them those that were deleted. Position is identity: ids follow from it.
type assortment struct {
	products []*product
	by       map[string]*product // by slug
	shown    [categoryCount][]*product
	old      []*product // deleted ones
	lastID   uint64     // the last post id in use
}

// find returns the product with the slug; the slugs are constants of this package.
func (a *assortment) find(slug string) *product {
	p := a.by[slug]
	if p == nil {
		panic("demo: no product " + slug)
	}
	return p
}

const (
	productCount  = 120
	firstPostID   = 11 // the ids before are WordPress' own pages
	couponPosts   = 3
	firstOrderID  = 1200
	firstTermID   = 16 // categories start here
	attributeTerm = 60 // pa_weight and pa_grind terms start here
)

func newAssortment() *assortment {
	a := &assortment{by: map[string]*product{}}
	add := func(cat int, pic picture, sp split, reduced bool, rows ...row) {
		for _, r := range rows {
			p := &product{slug: slugOf(r.name), name: r.name, about: r.about, category: cat, price: r.price,
				picture: pic, tint: r.tint, place: r.place, split: sp, reduced: reduced}
			if r.pic != 0 {
				p.picture = r.pic
			}
			a.products = append(a.products, p)
			a.by[p.slug] = p
		}
	}
	add(catEspresso, picBag, byPackage, true, espressoRows()...)
	add(catFilter, picBag, byPackage, true, filterRows()...)
	add(catGround, picBag, single, true, groundRows()...)
	add(catGreen, picTin, byWeight, true, greenRows()...)
	add(catBlack, picTin, byWeight, true, blackRows()...)
	add(catHerbal, picTin, byWeight, true, herbalRows()...)
	add(catMachines, picMachine, single, false, machineRows()...)
	add(catGrinders, picGrinder, single, false, grinderRows()...)
	add(catDrippers, picDripper, single, false, dripperRows()...)
	add(catCare, picBox, single, false, careRows()...)
	add(catGifts, picCup, single, false, giftRows()...)
	a.layOut()
	return a
}

// layOut gives ids as WordPress would have: product, its picture, its variations, then the next product. Deleted products
// got theirs too, long ago.
func (a *assortment) layOut() {
	id := uint64(firstPostID)
	next := func() uint64 { id++; return id - 1 }
	for _, p := range a.products {
		p.id, p.imageID = next(), next()
		switch p.split {
		case byPackage:
			for _, w := range []struct {
				label, slug string
				num, den    int64
			}{{"250 g", "250-g", 1, 1}, {"1 kg", "1-kg", 18, 5}} {
				for _, g := range []struct{ label, slug string }{{"Whole beans", "whole-beans"}, {"Ground", "ground"}} {
					p.variants = append(p.variants, variant{id: next(), name: p.name + " - " + w.label + ", " + g.label,
						price: p.price * w.num / w.den / 10 * 10, weight: w.slug, grind: g.slug})
				}
			}
		case byWeight:
			p.variants = append(p.variants,
				variant{id: next(), name: p.name + " - 50 g", price: p.price, weight: "50-g"},
				variant{id: next(), name: p.name + " - 200 g", price: p.price * 36 / 100 * 10, weight: "200-g"})
		}
		switch p.place {
		case deleted:
			a.old = append(a.old, p)
		case onSale:
			a.shown[p.category] = append(a.shown[p.category], p)
		}
	}
	a.lastID = id - 1
}

// A row of the assortment as written below.
type row struct {
	name  string
	price int64
	tint  uint32
	about string
	place shelf
	pic   picture
}

func espressoRows() []row {
	return []row{
		{name: "Zmaj espresso blend", price: 990, tint: 0x5b3323, about: "Our house espresso: cocoa, hazelnut, a little orange peel at the end."},
		{name: "Tromostovje blend", price: 940, tint: 0x7a3f22, about: "Three origins, one cup: caramel first, then red apple."},
		{name: "Fazenda Serra Azul", price: 1050, tint: 0x8a5a34, about: "Brazil, pulped natural. Milk chocolate and peanut, very forgiving."},
		{name: "Decaf Huila sugar cane", price: 1190, tint: 0x6d7a63, about: "Colombia, decaffeinated with sugar cane. Toffee and plum, no headache."},
		{name: "Sumatra Mandheling", price: 1120, tint: 0x3c4a35, about: "Wet hulled: cedar, dark chocolate, low acidity."},
		{name: "Santa Rosa Guatemala", price: 1180, tint: 0xa2502f, about: "Almond and brown sugar from the slopes of Acatenango."},
		{name: "Kras dark roast", price: 890, tint: 0x2f2320, about: "For those who like it dark: smoke, molasses, thick crema."},
		{name: "India Monsooned Malabar", price: 1090, tint: 0x9a7b3f, about: "Spice, malt and a heavy body. Loves milk."},
		{name: "Honduras Marcala", price: 1080, tint: 0xb0562f, about: "Nougat and baked apple; organic, from a women's cooperative."},
		{name: "Bohinj winter espresso", price: 1150, tint: 0x3f536e, about: "Roasted from November to February: gingerbread and cherry."},
		{name: "Robusta Kaapi Royale", price: 860, tint: 0x4a2c1d, about: "A washed robusta for those who want it strong."},
		{name: "Peru Cajamarca organic", price: 1110, tint: 0x5f7f5a, about: "Soft and sweet: honey, walnut, cooked pear.", place: outOfStock},
		{name: "Rwanda Nyamasheke espresso", price: 1260, tint: 0x8c3b3b, about: "Red berries in an espresso, and a tea-like finish."},
		{name: "Costa Rica Tarrazú honey", price: 1290, tint: 0xc08a3e, about: "Honey process: apricot, cane sugar, a creamy body."},
		{name: "Old Town blend", price: 920, tint: 0x6b4a3a, about: "The blend of our first year.", place: deleted},
		{name: "Java Jampit", price: 1170, tint: 0x4a4a35, about: "Sold until the estate stopped exporting.", place: deleted},
	}
}

func filterRows() []row {
	return []row{
		{name: "Guji Hambela natural", price: 1390, tint: 0xa2502f, about: "Ethiopia: blueberry and jasmine. The one people write to us about."},
		{name: "Huila Monteblanco washed", price: 1340, tint: 0x5b3323, about: "Colombia: red apple, panela and a long clean finish."},
		{name: "Yirgacheffe Kochere", price: 1420, tint: 0x8a7d3a, about: "Bergamot, lemon, white flowers. Brew it a little cooler."},
		{name: "Kenya Nyeri Gatomboya AA", price: 1590, tint: 0x8c2f39, about: "Blackcurrant and tomato leaf, juicy to the last sip."},
		{name: "Sidamo Bensa honey", price: 1450, tint: 0xc08a3e, about: "Peach and honey, sweet even when it cools."},
		{name: "Panama Boquete washed", price: 1890, tint: 0x3f536e, about: "Floral and precise, from 1,650 metres."},
		{name: "Rwanda Kanzu washed", price: 1380, tint: 0x7a3f22, about: "Orange, black tea and brown sugar."},
		{name: "Burundi Kayanza natural", price: 1410, tint: 0x9a3f5a, about: "Strawberry jam on toast."},
		{name: "El Salvador Pacamara", price: 1520, tint: 0x5f7f5a, about: "Big beans, big body: papaya and cocoa nib."},
		{name: "Costa Rica Las Lajas", price: 1480, tint: 0xb0562f, about: "Red honey: raspberry and vanilla."},
		{name: "Guatemala Huehuetenango", price: 1310, tint: 0x6d5a3a, about: "Chocolate, green apple, easy every day."},
		{name: "Nicaragua Jinotega", price: 1250, tint: 0x6d7a63, about: "Nutty and mild, a good first light roast."},
		{name: "Decaf Sidamo washed", price: 1290, tint: 0x8b8b7a, about: "Mountain water decaf that still tastes of Ethiopia."},
		{name: "Breza filter blend", price: 1090, tint: 0x4f6a60, about: "Our everyday filter: caramel, orange, nothing sharp."},
		{name: "Mexico Chiapas organic", price: 1190, tint: 0x97633a, about: "Cocoa, lime zest, light body."},
		{name: "Yemen Haraaz", price: 2490, tint: 0x70402c, about: "Dried on rooftops: raisin, cardamom, wine. Twelve bags a month.", place: outOfStock},
		{name: "Gesha Village lot 14", price: 2990, tint: 0x9c8bb0, about: "A tiny lot for people who ask us for it.", place: hidden},
		{name: "Colombia Pink Bourbon", price: 1790, tint: 0xc77a6a, about: "Waiting for the new crop's cupping notes.", place: draft},
		{name: "Ethiopia Limu spring lot", price: 1360, tint: 0x86703a, about: "The spring lot, sold out long ago.", place: deleted},
	}
}

func groundRows() []row {
	return []row{
		{name: "Turkish coffee Bosporus", price: 590, tint: 0x4a2c1d, about: "Powder-fine, for the džezva; with a hint of cardamom on request."},
		{name: "Bela Ljubljana ground", price: 520, tint: 0x8a5a34, about: "Medium ground for the pot on the stove, 250 g."},
		{name: "Moka grind Trieste", price: 640, tint: 0x7a3f22, about: "Ground for the moka pot: dark, sweet, 250 g."},
		{name: "Barley coffee Panonia", price: 390, tint: 0xb08a4e, about: "Roasted barley and chicory. No caffeine at all."},
		{name: "Cold brew bags", price: 890, tint: 0x3f536e, about: "Six bags, one litre each. Overnight in the fridge.", pic: picBox},
		{name: "Espresso pods compostable", price: 790, tint: 0x6d7a63, about: "Eighteen paper pods, 44 mm, compostable at home.", pic: picBox},
		{name: "Instant speciality sticks", price: 1190, tint: 0xa2502f, about: "Ten sticks of freeze-dried Huila for the mountains.", pic: picBox},
		{name: "Decaf moka grind", price: 690, tint: 0x8b8b7a, about: "The evening moka.", place: outOfStock},
	}
}

func greenRows() []row {
	return []row{
		{name: "Sencha Kagoshima", price: 780, tint: 0x5f7f5a, about: "First flush, steamed: fresh peas and a sweet finish."},
		{name: "Gyokuro Yame", price: 1690, tint: 0x2f5a3c, about: "Shaded for three weeks. Brew at 55 degrees."},
		{name: "Genmaicha with matcha", price: 690, tint: 0x8a8a3a, about: "Roasted rice, sencha and a dust of matcha."},
		{name: "Longjing spring", price: 1290, tint: 0x7a9a5a, about: "Flat leaves from Zhejiang, chestnut and butter."},
		{name: "Jasmine pearls", price: 990, tint: 0xa8b08a, about: "Rolled by hand and scented for five nights."},
		{name: "Gunpowder mint", price: 590, tint: 0x3f7a5a, about: "Maghreb style: strong green tea and nana mint."},
		{name: "Milk oolong Jin Xuan", price: 980, tint: 0xc0b88a, about: "Naturally creamy, from Alishan."},
		{name: "Tieguanyin roasted", price: 1050, tint: 0x9a6a3a, about: "Dark roast oolong, toasted grain and orchid."},
		{name: "Matcha ceremonial", price: 2290, tint: 0x6fa03f, about: "Stone-milled Uji matcha, bright and without bitterness.", pic: picTin},
		{name: "Houjicha Kyoto", price: 650, tint: 0x8a5a34, about: "Roasted stems: caramel, low in caffeine."},
	}
}

func blackRows() []row {
	return []row{
		{name: "Earl Grey Imperial", price: 690, tint: 0x3f536e, about: "Darjeeling with real bergamot oil."},
		{name: "Assam Mangalam", price: 720, tint: 0x8c3b3b, about: "Malt and honey, made for milk."},
		{name: "Darjeeling first flush", price: 1390, tint: 0xb09a4e, about: "Muscatel and meadow, this spring's harvest."},
		{name: "Ceylon Uva highlands", price: 680, tint: 0xa2502f, about: "Brisk and coppery with a minty edge."},
		{name: "Lapsang Souchong", price: 890, tint: 0x2f2320, about: "Dried over pine smoke. Love it or leave it."},
		{name: "Russian Caravan", price: 760, tint: 0x5b3323, about: "Keemun, oolong and a breath of smoke, for the samovar."},
		{name: "Breakfast blend Stara Ljubljana", price: 590, tint: 0x7a3f22, about: "Assam and Kenya, strong enough for Monday."},
		{name: "Masala chai", price: 640, tint: 0xb0562f, about: "Cardamom, ginger, clove, cinnamon. Simmer in milk."},
		{name: "Pu-erh 2016", price: 1490, tint: 0x4a2c1d, about: "Ten years in the cellar: earth, plum, camphor."},
		{name: "Georgian Guria", price: 830, tint: 0x70402c, about: "Wild hedges, hand rolled. Honey and dried apricot."},
		{name: "Vanilla black", price: 650, tint: 0x9a7b3f, about: "Black tea with vanilla pods, discontinued.", place: deleted},
	}
}

func herbalRows() []row {
	return []row{
		{name: "Rooibos Cederberg", price: 560, tint: 0xb0562f, about: "Plain, organic, sweet by itself."},
		{name: "Rooibos vanilla orange", price: 590, tint: 0xc77a3e, about: "For children and for late evenings."},
		{name: "Mountain herbs Velika planina", price: 720, tint: 0x8a7d3a, about: "Thyme, yarrow and arnica-free meadow, picked in July."},
		{name: "Chamomile whole flower", price: 540, tint: 0xc8a83e, about: "Whole heads from Prekmurje."},
		{name: "Peppermint", price: 490, tint: 0x3f7a5a, about: "Only mint, a lot of it."},
		{name: "Lime blossom", price: 620, tint: 0xa8b05a, about: "The Slovene national tree, in a cup."},
		{name: "Hibiscus &amp; rosehip", price: 520, tint: 0x9a2f4a, about: "Sour and red, hot or over ice."},
		{name: "Ginger lemon verbena", price: 580, tint: 0xc8a04e, about: "For the first cold days."},
		{name: "Fennel anise caraway", price: 510, tint: 0x9a9a5a, about: "After dinner."},
		{name: "Sage from Kras", price: 570, tint: 0x7a8a7a, about: "Dalmatian sage, dried in the wind."},
		{name: "Advent herbs", price: 690, tint: 0x7a2f2f, about: "Apple, cinnamon, orange peel, clove.", place: outOfStock},
		{name: "Elderflower summer", price: 590, tint: 0xb8b88a, about: "Name and picture are still being decided.", place: draft},
	}
}

func machineRows() []row {
	return []row{
		{name: "Lipa Uno espresso machine", price: 38900, tint: 0x8b8f94, about: "Single boiler, 58 mm group, hot in six minutes."},
		{name: "Lipa Duo dual boiler", price: 124900, tint: 0x4a4f55, about: "Two boilers and PID: espresso and milk at once."},
		{name: "Soča lever machine", price: 74900, tint: 0x3f6a7a, about: "A hand lever and no pump. Quiet mornings."},
		{name: "Barista Compact", price: 27900, tint: 0x7a3f22, about: "Small enough for a flat, honest nine bars."},
		{name: "Kolpa automatic", price: 59900, tint: 0x2f2f33, about: "Grinds, tamps and brews at one touch."},
		{name: "Triglav heat exchanger", price: 98900, tint: 0x9a9a9a, about: "E61 group, steam for a queue of guests.", place: outOfStock},
		{name: "Office automatic XL", price: 149900, tint: 0x55504a, about: "Sold on request to companies.", place: hidden},
		{name: "Barista Compact mk I", price: 24900, tint: 0x8a6a4a, about: "The first edition, replaced in the second year.", place: deleted},
	}
}

func grinderRows() []row {
	return []row{
		{name: "Mlinček hand grinder", price: 8900, tint: 0x8b8f94, about: "Steel conical burrs, 25 g, fits a rucksack."},
		{name: "Mlinček Pro hand grinder", price: 15900, tint: 0x3a3f45, about: "Larger burrs, half the turns, fine enough for espresso."},
		{name: "Vrtinec 40 grinder", price: 19900, tint: 0x2f2f33, about: "Forty steps from Turkish to French press."},
		{name: "Vrtinec 64 flat burr", price: 44900, tint: 0x7a7f84, about: "64 mm flat burrs, single dose, hardly any retention."},
		{name: "Silent grinder S1", price: 32900, tint: 0x6d7a63, about: "Quiet enough for a sleeping house."},
		{name: "Turkish hand mill", price: 6900, tint: 0xb08a3e, about: "Brass, made in a workshop in Istanbul."},
		{name: "Vrtinec 98 bar grinder", price: 119900, tint: 0x4a4f55, about: "For bars; we deliver and adjust it.", place: hidden},
	}
}

func dripperRows() []row {
	return []row{
		{name: "Stožec dripper 02", price: 1690, tint: 0x7a4a30, about: "Ceramic cone for two cups, spiral ribs."},
		{name: "Stožec dripper 01", price: 1390, tint: 0xa58c70, about: "The small one, for a single cup."},
		{name: "Val flat dripper", price: 2490, tint: 0x8b8f94, about: "Flat bottom and three holes: harder to get wrong."},
		{name: "Glass server 600 ml", price: 2290, tint: 0xc9b49b, about: "Heat-proof, with a lid that stays on.", pic: picPot},
		{name: "Carafe brewer six cups", price: 4490, tint: 0x7a4a30, about: "One piece of glass, a wooden collar, a leather tie."},
		{name: "Gooseneck kettle 1 l", price: 5990, tint: 0x2f2f33, about: "Holds the temperature you set, pours where you look.", pic: picKettle},
		{name: "French press 1 l", price: 3290, tint: 0x5b3a28, about: "Double filter, no grit.", pic: picPot},
		{name: "Moka pot three cups", price: 2790, tint: 0x8b8f94, about: "Steel, works on induction.", pic: picPot},
		{name: "Džezva copper 300 ml", price: 3190, tint: 0xb06a3e, about: "Hammered copper, tinned inside.", pic: picPot},
		{name: "Tea pot Lipica 800 ml", price: 3690, tint: 0x6d7a63, about: "Porcelain with a deep steel strainer.", pic: picPot},
		{name: "Cast iron tea pot", price: 5490, tint: 0x2f3a3a, about: "Keeps an hour warm. Enamelled inside.", pic: picPot},
	}
}

func careRows() []row {
	return []row{
		{name: "Paper filters 02, 100 pieces", price: 640, tint: 0xcdbca4, about: "Oxygen-bleached cones for the 02 dripper.", pic: picFilter},
		{name: "Paper filters 01, 100 pieces", price: 540, tint: 0xcdbca4, about: "Cones for the 01 dripper.", pic: picFilter},
		{name: "Flat filters Val, 100 pieces", price: 790, tint: 0xb8b0a0, about: "Wave-shaped, for the flat dripper.", pic: picFilter},
		{name: "Carafe filters, 100 pieces", price: 990, tint: 0xd8ccb8, about: "Thick paper squares for the carafe brewer.", pic: picFilter},
		{name: "Descaler liquid 500 ml", price: 1190, tint: 0x3f6a7a, about: "Citric and lactic acid, good for five rounds.", pic: picBottle},
		{name: "Group cleaner powder 300 g", price: 1290, tint: 0x4a6a8a, about: "Backflush once a week, and the coffee tastes of coffee.", pic: picBottle},
		{name: "Water filter cartridge", price: 1690, tint: 0x8fb0c0, about: "Against scale; change it every two months."},
		{name: "Gasket set 58 mm", price: 890, tint: 0x3a3a3a, about: "Group gasket and shower screen."},
		{name: "Moka gaskets, set of three", price: 490, tint: 0x9a9a9a, about: "Silicone, with a filter plate."},
		{name: "Grinder brush &amp; tablets", price: 1490, tint: 0x8a5a34, about: "Cleaning tablets and a brush for the burrs."},
		{name: "Tea filters paper, 100 pieces", price: 450, tint: 0xd8d0b8, about: "For loose leaf in the mug.", pic: picFilter},
	}
}

func giftRows() []row {
	return []row{
		{name: "Skodelica cup 180 ml", price: 1290, tint: 0xc9b49b, about: "Our own cup, thrown in Prekmurje."},
		{name: "Espresso cups, set of two", price: 1990, tint: 0x7a3f22, about: "70 ml, thick walls, no handle wobble."},
		{name: "Thermo mug 350 ml", price: 2690, tint: 0x3f536e, about: "Six hours hot, leak-proof in a bag."},
		{name: "Milk pitcher 500 ml", price: 2290, tint: 0x8b8f94, about: "Sharp spout for those who want to draw.", pic: picKettle},
		{name: "Tamper 58.5 mm", price: 3490, tint: 0x5b3323, about: "Walnut handle, flat base, honest weight.", pic: picGift},
		{name: "Coffee scale with timer", price: 4990, tint: 0x2f2f33, about: "Tenths of a gram and a stopwatch.", pic: picGift},
		{name: "Advent box, 24 portions", price: 4900, tint: 0x7a2f2f, about: "Twenty-four coffees, ground for your brewer. From November.", pic: picGift},
		{name: "Tasting box filter", price: 2990, tint: 0xa2502f, about: "Four light roasts, 100 g each, with a brewing card.", pic: picGift},
		{name: "Tasting box tea", price: 2490, tint: 0x5f7f5a, about: "Six teas, 25 g each, and a strainer.", pic: picGift},
		{name: "Forest honey 450 g", price: 990, tint: 0xb08a3e, about: "From a beekeeper near Kočevje.", pic: picBottle},
		{name: "Chocolate &amp; coffee bar", price: 490, tint: 0x4a2c1d, about: "70 % cocoa with cracked Guji beans.", pic: picBox},
		{name: "Wool tea cosy", price: 1890, tint: 0x9a7b8a, about: "Knitted; not this winter.", place: draft},
		{name: "Summer picnic set", price: 3990, tint: 0x8fb05a, about: "A one-off from our first summer.", place: deleted},
	}
}

// lookUp finds what a cart or an order line names by its ids, among the products that can be bought; variant is -1 for a
// product without variations.
func (a *assortment) lookUp(id, variation uint64) (p *product, variant int, ok bool) {
	for _, p := range a.products {
		if p.id != id || p.place == deleted || p.place == draft {
			continue
		}
		if len(p.variants) == 0 {
			return p, -1, true
		}
		for i, v := range p.variants {
			if v.id == variation {
				return p, i, true
			}
		}
	}
	return nil, -1, false
}

// sortPicks puts picks in the order of the assortment: a PHP array that went through a map has lost its own.
func sortPicks(picks []pick) []pick {
	slices.SortFunc(picks, func(a, b pick) int {
		return cmp.Or(cmp.Compare(a.product.id, b.product.id), cmp.Compare(a.variant, b.variant))
	})
	return picks
}
