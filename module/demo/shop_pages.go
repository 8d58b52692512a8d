package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A shelfItem is a product as the pages show it.
type shelfItem struct {
	Product *product
	SoldOut bool
}

// A listing is a page of products.
type listing struct {
	Heading string
	About   string
	Crumbs  []navItem
	Items   []shelfItem
	Under   []navItem
}

// soldOut reads which products and variations cannot be bought now.
func (s *Storefront) soldOut(ctx context.Context) (map[uint64]bool, error) {
	rows, err := s.till.db.QueryContext(ctx, s.till.sql("SELECT product_id FROM {p}wc_product_meta_lookup WHERE stock_status <> 'instock' OR stock_quantity <= 0"))
	if err != nil {
		return nil, fmt.Errorf("demo: read the stock: %w", err)
	}
	defer rows.Close()
	out := map[uint64]bool{}
	for rows.Next() {
		var id uint64
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("demo: read the stock: %w", err)
		}
		out[id] = true
	}
	return out, rows.Err()
}

// visible lists the products of the category and those under it, or of all; drafts and hidden ones are not for the shelf.
func (s *Storefront) visible(cat int, out map[uint64]bool) []shelfItem {
	all := categories()
	var items []shelfItem
	for _, p := range s.till.goods.products {
		if p.place != onSale && p.place != outOfStock || cat >= 0 && p.category != cat && all[p.category].parent != cat {
			continue
		}
		items = append(items, shelfItem{p, out[p.id]})
	}
	return items
}

func (s *Storefront) front(v *visit) error {
	if id, err := strconv.ParseUint(v.r.URL.Query().Get("p"), 10, 64); err == nil { // WordPress' plain address of a post
		for _, p := range s.till.goods.products {
			if p.id == id {
				return v.redirect("/product/" + p.slug + "/")
			}
		}
	}
	out, err := s.soldOut(v.ctx)
	if err != nil {
		return err
	}
	best := []string{"guji-hambela-natural", "zmaj-espresso-blend", "stozec-dripper-02", "sencha-kagoshima", "lipa-uno-espresso-machine", "tea-pot-lipica-800-ml", "mlincek-hand-grinder", "skodelica-cup-180-ml"}
	page := listing{}
	for _, slug := range best {
		p := s.till.goods.find(slug)
		page.Items = append(page.Items, shelfItem{p, out[p.id]})
	}
	s.render(v, "front", http.StatusOK, "Coffee and tea from Ljubljana", page)
	return nil
}

func (s *Storefront) category(v *visit) error {
	all := categories()
	at := slices.IndexFunc(all[:], func(c category) bool { return c.slug == v.r.PathValue("slug") })
	if at < 0 {
		return s.notFound(v)
	}
	out, err := s.soldOut(v.ctx)
	if err != nil {
		return err
	}
	c := all[at]
	page := listing{Heading: c.name, About: c.about, Items: s.visible(at, out)}
	if c.parent >= 0 {
		page.Crumbs = []navItem{{Name: all[c.parent].name, Href: "/product-category/" + all[c.parent].slug + "/"}}
	}
	for _, n := range s.nav() {
		if n.Name == c.name {
			page.Under = n.Under
		}
	}
	s.render(v, "category", http.StatusOK, c.name, page)
	return nil
}

func (s *Storefront) notFound(v *visit) error {
	return &httpError{http.StatusNotFound, "There is no such page in the shop."}
}

type choice struct {
	ID      uint64
	Label   string
	Price   int64
	SoldOut bool
}

type productPage struct {
	Product *product
	Crumbs  []navItem
	Choices []choice
	SoldOut bool
	Goes    []shelfItem
	Error   string
}

// ProductID is the product's post id.
func (p productPage) ProductID() uint64 { return p.Product.id }

func (s *Storefront) product(v *visit) error {
	p := s.till.goods.by[v.r.PathValue("slug")]
	if p == nil || p.place == draft || p.place == deleted {
		return s.notFound(v)
	}
	return s.showProduct(v, p, http.StatusOK, "")
}

func (s *Storefront) showProduct(v *visit, p *product, status int, problem string) error {
	out, err := s.soldOut(v.ctx)
	if err != nil {
		return err
	}
	all := categories()
	c := all[p.category]
	page := productPage{Product: p, SoldOut: out[p.id], Error: problem}
	if c.parent >= 0 {
		page.Crumbs = append(page.Crumbs, navItem{Name: all[c.parent].name, Href: "/product-category/" + all[c.parent].slug + "/"})
	}
	page.Crumbs = append(page.Crumbs, navItem{Name: c.name, Href: "/product-category/" + c.slug + "/"})
	for _, w := range p.variants {
		_, label, _ := strings.Cut(w.name, " - ")
		page.Choices = append(page.Choices, choice{w.id, label, w.price, out[w.id]})
	}
	for _, i := range s.visible(p.category, out) {
		if i.Product != p && !i.SoldOut && len(page.Goes) < 4 {
			page.Goes = append(page.Goes, i)
		}
	}
	s.render(v, "product", status, html.UnescapeString(p.name), page)
	return nil
}

// A cartLine is one row of the cart.
type cartLine struct {
	Key   string // names the row's fields
	Name  string
	Slug  string
	Image *product
	Qty   int
	Each  int64
	Sum   int64
}

type cartPage struct {
	Lines []cartLine
	Sum   int64
	Error string
}

func lineKey(p pick) string {
	if p.variant >= 0 {
		return strconv.FormatUint(p.product.variants[p.variant].id, 10)
	}
	return strconv.FormatUint(p.product.id, 10)
}

func cartOf(picks []pick) cartPage {
	var page cartPage
	for _, p := range picks {
		l := cartLine{Key: lineKey(p), Name: html.UnescapeString(p.product.name), Slug: p.product.slug, Image: p.product, Qty: p.qty, Each: p.product.price}
		if p.variant >= 0 {
			l.Name, l.Each = html.UnescapeString(p.product.variants[p.variant].name), p.product.variants[p.variant].price
		}
		l.Sum = l.Each * int64(p.qty)
		page.Sum += l.Sum
		page.Lines = append(page.Lines, l)
	}
	return page
}

// maxPieces of one thing is more than anybody drinks.
const maxPieces = 99

func (s *Storefront) addToCart(v *visit) error {
	id, _ := strconv.ParseUint(v.r.PostFormValue("product_id"), 10, 64)
	variation, _ := strconv.ParseUint(v.r.PostFormValue("variation_id"), 10, 64)
	p, variant, ok := s.till.goods.lookUp(id, variation)
	if !ok {
		for _, p := range s.till.goods.products {
			if p.id == id && p.place != draft && p.place != deleted {
				return s.showProduct(v, p, http.StatusUnprocessableEntity, "Choose a size first.")
			}
		}
		return s.notFound(v)
	}
	qty, err := strconv.Atoi(v.r.PostFormValue("quantity"))
	if err != nil || qty < 1 || qty > maxPieces {
		return s.showProduct(v, p, http.StatusUnprocessableEntity, fmt.Sprintf("Quantity: give a whole number from 1 to %d.", maxPieces))
	}
	out, err := s.soldOut(v.ctx)
	if err != nil {
		return err
	}
	if variation == 0 && out[p.id] || variation != 0 && out[variation] {
		return s.showProduct(v, p, http.StatusUnprocessableEntity, "This is sold out for now.")
	}
	picks, err := s.loadCart(v.ctx, v.cartKey())
	if err != nil {
		return err
	}
	picks = merge(picks, pick{p, variant, qty})
	if err := s.saveCart(v, picks, &person{country: "SI"}, ""); err != nil {
		return err
	}
	return v.redirect("/cart/")
}

func merge(picks []pick, add ...pick) []pick {
	for _, a := range add {
		i := slices.IndexFunc(picks, func(p pick) bool { return p.product == a.product && p.variant == a.variant })
		if i < 0 {
			picks = append(picks, a)
			continue
		}
		picks[i].qty = min(picks[i].qty+a.qty, maxPieces)
	}
	return picks
}

func (s *Storefront) cart(v *visit) error {
	picks, err := s.loadCart(v.ctx, v.cartKey())
	if err != nil {
		return err
	}
	s.render(v, "cart", http.StatusOK, "Cart", cartOf(picks))
	return nil
}

func (s *Storefront) updateCart(v *visit) error {
	picks, err := s.loadCart(v.ctx, v.cartKey())
	if err != nil {
		return err
	}
	var kept []pick
	for _, p := range picks {
		text := v.r.PostFormValue("qty_" + lineKey(p))
		if text == "" {
			text = strconv.Itoa(p.qty)
		}
		qty, err := strconv.Atoi(text)
		if err != nil || qty < 0 || qty > maxPieces {
			page := cartOf(picks)
			page.Error = fmt.Sprintf("Quantity of %s: give a whole number from 0 to %d.", html.UnescapeString(p.product.name), maxPieces)
			s.render(v, "cart", http.StatusUnprocessableEntity, "Cart", page)
			return nil
		}
		if v.r.PostFormValue("remove") == lineKey(p) {
			qty = 0
		}
		if p.qty = qty; qty > 0 {
			kept = append(kept, p)
		}
	}
	if err := s.saveCart(v, kept, &person{country: "SI"}, ""); err != nil {
		return err
	}
	return v.redirect("/cart/")
}

func (s *Storefront) newsletter(v *visit) error {
	s.render(v, "newsletter", http.StatusOK, "Newsletter", nil)
	return nil
}

// moveCart brings a guest's cart along to the account that signs in.
func (s *Storefront) moveCart(v *visit, user uint64) error {
	guest, err := s.loadCart(v.ctx, v.visitor)
	if err != nil || len(guest) == 0 {
		return err
	}
	mine, err := s.loadCart(v.ctx, strconv.FormatUint(user, 10))
	if err != nil {
		return err
	}
	if err := s.saveCart(v, merge(mine, guest...), &person{country: "SI"}, ""); err != nil {
		return err
	}
	return s.till.within(v.ctx, func(tx *sql.Tx) error {
		_, err := s.till.exec(v.ctx, tx, "DELETE FROM {p}woocommerce_sessions WHERE session_key = ?", v.visitor)
		return err
	})
}

func asStockError(err error) (*stockError, bool) {
	var e *stockError
	ok := errors.As(err, &e)
	return e, ok
}
