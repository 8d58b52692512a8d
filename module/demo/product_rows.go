package demo

import (
	"fmt"
	"strconv"
	"time"
)

func monthOf(unix int64, zone *time.Location) int { return int(time.Unix(unix, 0).In(zone).Month()) }

// imageFile is a picture's path below wp-content/uploads.
func (p *product) imageFile() string { return "2023/11/" + p.slug + ".png" }

// stock is what the shop has on the shelf at the end of the history.
func (p *product) stock(d *dice) int64 {
	if p.place == outOfStock {
		return 0
	}
	return int64(d.between(12, 240))
}

// products writes products, variations, pictures and coupons. It comes after the orders, for it knows what was sold.
func (g *generator) products(w *writer) {
	d := g.d.set(g.cfg.Seed, 0, 0, streamLive+100)
	made := g.plan.start - 20*day
	for _, p := range g.goods.products {
		if p.place == deleted {
			continue
		}
		g.product(w, d, p, made)
	}
	for i, c := range []struct{ code, kind, amount, about string }{
		{"dobrodosli10", "percent", "10", "Welcome: 10 % off the first order"},
		{"advent15", "percent", "15", "Advent: 15 % off"},
		{"caj5", "fixed_cart", "5", "Five euros off"},
	} {
		id := g.goods.lastID + 1 + uint64(i)
		g.post(w, id, made, c.code, c.code, "", c.about, "publish", "shop_coupon", 0, 0, "")
		g.meta(w, id, "discount_type", c.kind)
		g.meta(w, id, "coupon_amount", c.amount)
		g.meta(w, id, "individual_use", "no")
		g.meta(w, id, "usage_count", "0")
	}
}

func (g *generator) meta(w *writer, post uint64, key, value string) {
	g.postMeta++
	w.end(w.row(tPostMeta).id(g.postMeta).id(post).str(key).str(value))
}

func (g *generator) post(w *writer, id uint64, made int64, title, slug, content, excerpt, status, kind string, parent uint64, menu int, mime string) {
	t := time.Unix(made, 0)
	b := w.row(tPosts).id(id).num(adminUser).clock(t.In(g.zone))
	if status == "draft" { // WordPress gives a draft no UTC date until it is published
		b.str("0000-00-00 00:00:00")
	} else {
		b.clock(t.UTC())
	}
	guid := g.cfg.URL + "/?post_type=" + kind + "&p=" + strconv.FormatUint(id, 10)
	w.end(b.str(content).str(title).str(excerpt).str(status).str("closed").str("closed").str(slug).str("").str("").
		clock(t.In(g.zone)).clock(t.UTC()).str("").num(int64(parent)).str(guid).num(int64(menu)).str(kind).str(mime))
}

func (g *generator) relate(w *writer, object, term uint64) {
	w.end(w.row(tTermRelationships).id(object).id(taxonomyID(term)))
}

func (g *generator) product(w *writer, d *dice, p *product, made int64) {
	status := "publish"
	if p.place == draft {
		status = "draft"
	}
	g.post(w, p.id, made, p.name, p.slug, p.about, p.about, status, "product", 0, 0, "")
	g.post(w, p.imageID, made, p.name, p.slug+"-picture", "", "", "inherit", "attachment", p.id, 0, "image/png")
	g.meta(w, p.imageID, "_wp_attached_file", p.imageFile())
	g.meta(w, p.imageID, "_wp_attachment_image_alt", p.name)
	g.meta(w, p.id, "_thumbnail_id", strconv.FormatUint(p.imageID, 10))
	kind := uint64(termSimple)
	if len(p.variants) > 0 {
		kind = termVariable
	}
	g.relate(w, p.id, kind)
	g.relate(w, p.id, firstTermID+uint64(p.category))
	if p.place == hidden {
		g.relate(w, p.id, termNotInCatalog)
		g.relate(w, p.id, termNotInSearch)
	}
	state, class := "instock", ""
	if p.place == outOfStock {
		state = "outofstock"
		g.relate(w, p.id, termOutOfStock)
	}
	if p.reduced {
		class = "reduced-rate"
	}
	lookup := func(id uint64, sku string, low, high int64, stock *int64, state string) {
		b := w.row(tProductLookup).id(id).str(sku).cents(low).cents(high).num(0)
		if stock != nil {
			b.num(*stock)
		} else {
			b.null()
		}
		w.end(b.str(state).num(g.sold[id]).str("taxable").str(class))
	}
	common := func(id uint64, sku string, stock *int64, state string) {
		g.meta(w, id, "_sku", sku)
		g.meta(w, id, "_tax_status", "taxable")
		g.meta(w, id, "_tax_class", class)
		g.meta(w, id, "total_sales", strconv.FormatInt(g.sold[id], 10))
		if stock != nil {
			g.meta(w, id, "_manage_stock", "yes")
			g.meta(w, id, "_stock", strconv.FormatInt(*stock, 10))
		} else {
			g.meta(w, id, "_manage_stock", "no")
		}
		g.meta(w, id, "_stock_status", state)
	}
	if len(p.variants) == 0 {
		n := p.stock(d)
		common(p.id, p.sku(), &n, state)
		g.meta(w, p.id, "_regular_price", centsText(p.price))
		g.meta(w, p.id, "_price", centsText(p.price))
		lookup(p.id, p.sku(), p.price, p.price, &n, state)
		return
	}
	common(p.id, p.sku(), nil, state)
	low, high := p.variants[0].price, p.variants[len(p.variants)-1].price
	g.meta(w, p.id, "_price", centsText(low)) // a variable parent has one row for each price
	g.meta(w, p.id, "_price", centsText(high))
	g.meta(w, p.id, "_product_attributes", productAttributes(p))
	lookup(p.id, p.sku(), low, high, nil, state)
	related := map[string]bool{}
	for n, v := range p.variants {
		g.post(w, v.id, made, v.name, p.slug+"-"+strconv.Itoa(n+1), "", "", "publish", "product_variation", p.id, n, "")
		stock := p.stock(d)
		sku := fmt.Sprintf("%s-%d", p.sku(), n+1)
		common(v.id, sku, &stock, state)
		g.meta(w, v.id, "_regular_price", centsText(v.price))
		g.meta(w, v.id, "_price", centsText(v.price))
		g.meta(w, v.id, "attribute_pa_weight", v.weight)
		if v.grind != "" {
			g.meta(w, v.id, "attribute_pa_grind", v.grind)
		}
		lookup(v.id, sku, v.price, v.price, &stock, state)
		for i, t := range attributeTerms() {
			if (t.slug == v.weight || t.slug == v.grind) && !related[t.slug] {
				related[t.slug] = true
				g.relate(w, p.id, attributeTerm+uint64(i))
			}
		}
	}
}

func productAttributes(p *product) string {
	one := func(name string, position int64) *phpArray {
		return (&phpArray{}).key("name").str(name).key("value").str("").key("position").num(position).
			key("is_visible").num(1).key("is_variation").num(1).key("is_taxonomy").num(1)
	}
	a := (&phpArray{}).key("pa_weight").sub(one("pa_weight", 0))
	if p.split == byPackage {
		a.key("pa_grind").sub(one("pa_grind", 1))
	}
	return a.String()
}

// carts writes what is lying in baskets now: of people with an account, of guests who typed their address, of strangers.
func (g *generator) carts(w *writer) {
	n := min(max(g.cfg.Profiles/100, 12), 2000, g.cfg.Profiles)
	stride := g.cfg.Profiles / n
	for i := range n {
		number := uint64(i * stride)
		who := g.people.person(g.d, g.cfg.Seed, number)
		habits := drawTraits(g.d, g.cfg.Seed, number)
		d := g.d.set(g.cfg.Seed, number, 0, streamCart)
		b := basket{all: g.goods, d: d}
		b.fill(&habits, 1, false)
		key, email := "t_"+hexToken(d, 30), ""
		if user := g.users[number]; user != 0 {
			key, email = strconv.FormatUint(uint64(user), 10), who.email
		} else if d.chance(.6) {
			email = who.email
		}
		age := int64(d.between(600, 40*3600))
		value := sessionValue(b.picks, &who, email)
		g.rowID++
		w.end(w.row(tSessions).id(g.rowID).str(key).str(value).num(g.plan.now - age + 48*3600))
	}
}

func hexToken(d *dice, n int) string {
	const letters = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[d.IntN(16)]
	}
	return string(b)
}
