package demo

import (
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/contact"
)

// A form is what was typed, and what is wrong with it, by field name.
type form struct {
	Value map[string]string
	Error map[string]string
	order []string
}

func readForm(r *http.Request, fields ...string) form {
	f := form{Value: map[string]string{}, Error: map[string]string{}, order: fields}
	for _, name := range fields {
		f.Value[name] = strings.TrimSpace(strings.ToValidUTF8(r.PostFormValue(name), ""))
	}
	return f
}

// need checks that a field is filled and not longer than its column takes.
func (f *form) need(name, label string, longest int) {
	switch v := f.Value[name]; {
	case v == "":
		f.Error[name] = label + ": fill this in."
	case len([]rune(v)) > longest:
		f.Error[name] = fmt.Sprintf("%s: at most %d letters.", label, longest)
	}
}

// sentence ends what package contact says with one full stop.
func sentence(err error) string { return strings.TrimSuffix(err.Error(), ".") + "." }

// Problems are the sentences of Error, in the order in which the fields were read.
func (f form) Problems() []string {
	var all []string
	for _, name := range append(f.order, "stock") {
		if text := f.Error[name]; text != "" {
			all = append(all, text)
		}
	}
	return all
}

func (f *form) email(name string) {
	if f.Value[name] == "" {
		f.Error[name] = "E-mail: fill this in."
		return
	}
	e, err := contact.ParseEmail(f.Value[name])
	switch {
	case err != nil:
		f.Error[name] = "E-mail: " + sentence(err)
	case len(e) > 100: // users.user_email
		f.Error[name] = "E-mail: at most 100 letters."
	}
}

func (f *form) password(name string) {
	if n := len([]rune(f.Value[name])); n < 8 {
		f.Error[name] = "Password: at least 8 characters."
	} else if n > 200 {
		f.Error[name] = "Password: at most 200 characters."
	}
}

// An inputField is one input of a form for the templates.
type inputField struct {
	Form                        form
	ID, Name, Label, Type, Auto string
}

// newField describes an input; its id is its name unless another is given, for pages with two forms.
func newField(f form, name, label, kind, auto string, id ...string) inputField {
	field := inputField{Form: f, ID: name, Name: name, Label: label, Type: kind, Auto: auto}
	if len(id) > 0 {
		field.ID = id[0]
	}
	return field
}

type accountPage struct {
	Register form
	LogIn    form
	Orders   []placed
}

func (s *Storefront) account(v *visit) error {
	return s.showAccount(v, http.StatusOK, accountPage{})
}

func (s *Storefront) showAccount(v *visit, status int, page accountPage) error {
	if v.user != nil {
		rows, err := s.till.db.QueryContext(v.ctx, s.till.sql(placedColumns+"o.customer_id = ? AND o.status NOT IN ('trash', 'auto-draft', 'wc-checkout-draft') ORDER BY o.id DESC LIMIT 100"), v.user.ID)
		if err != nil {
			return fmt.Errorf("demo: read the orders: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			p, err := scanPlaced(rows)
			if err != nil {
				return fmt.Errorf("demo: read the orders: %w", err)
			}
			page.Orders = append(page.Orders, p)
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("demo: read the orders: %w", err)
		}
	}
	s.render(v, "account", status, "My account", page)
	return nil
}

func (s *Storefront) register(v *visit) error {
	f := readForm(v.r, "first_name", "last_name", "email", "password")
	f.need("first_name", "First name", 100)
	f.need("last_name", "Last name", 100)
	f.email("email")
	f.password("password")
	if len(f.Error) == 0 {
		who := person{first: f.Value["first_name"], last: f.Value["last_name"], email: f.Value["email"], country: "SI"}
		id, err := s.openAccount(v, &who, f.Value["password"])
		switch {
		case errors.Is(err, errEmailTaken):
			f.Error["email"] = "E-mail: there is an account with this address. Log in instead."
		case err != nil:
			return err
		default:
			return s.welcome(v, id)
		}
	}
	f.Value["password"] = ""
	return s.showAccount(v, http.StatusUnprocessableEntity, accountPage{Register: f})
}

func (s *Storefront) openAccount(v *visit, who *person, password string) (id uint64, err error) {
	err = s.till.within(v.ctx, func(tx *sql.Tx) error {
		id, err = s.till.register(v.ctx, tx, who, password)
		return err
	})
	return id, err
}

// welcome signs the account in.
func (s *Storefront) welcome(v *visit, id uint64) error {
	s.setCookie(v, userCookie, s.ticket(id), signedIn)
	v.user = &user{ID: id}
	if err := s.till.db.QueryRowContext(v.ctx, s.till.sql("SELECT user_email, display_name FROM {p}users WHERE ID = ?"), id).Scan(&v.user.Email, &v.user.First); err != nil {
		return fmt.Errorf("demo: read the account: %w", err)
	}
	if err := s.moveCart(v, id); err != nil {
		return err
	}
	return v.redirect("/my-account/")
}

// dummyHash is compared for addresses nobody has, so that the answer takes as long.
const dummyHash = passwordHash

func (s *Storefront) logIn(v *visit) error {
	f := readForm(v.r, "email", "password")
	f.need("email", "E-mail", 100)
	f.need("password", "Password", 200)
	if len(f.Error) == 0 {
		id, hash := uint64(0), dummyHash
		err := s.till.db.QueryRowContext(v.ctx, s.till.sql("SELECT ID, user_pass FROM {p}users WHERE user_email = ? OR user_login = ? ORDER BY user_email = ? DESC LIMIT 1"),
			f.Value["email"], f.Value["email"], f.Value["email"]).Scan(&id, &hash)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("demo: read the account: %w", err)
		}
		if samePassword(hash, f.Value["password"]) && id != 0 {
			return s.welcome(v, id)
		}
		f.Error["password"] = "E-mail or password: these do not belong together."
	}
	f.Value["password"] = ""
	return s.showAccount(v, http.StatusUnprocessableEntity, accountPage{LogIn: f})
}

func (s *Storefront) logOut(v *visit) error {
	s.setCookie(v, userCookie, "", 0)
	return v.redirect("/")
}

// country is a choice at the checkout.
type country struct{ Code, Name string }

func countries() []country {
	return []country{{"SI", "Slovenia"}, {"AT", "Austria"}, {"DE", "Germany"}, {"HR", "Croatia"}, {"IT", "Italy"}, {"RU", "Russia"}, {"GB", "United Kingdom"}}
}

type checkoutPage struct {
	Form      form
	Cart      cartPage
	Countries []country
	Signed    bool
}

var checkoutFields = [...]string{"billing_first_name", "billing_last_name", "billing_email", "billing_phone", "billing_address_1", "billing_postcode",
	"billing_city", "billing_country", "coupon_code", "order_comments", "payment_method", "createaccount", "account_password"}

func (s *Storefront) checkout(v *visit) error {
	picks, err := s.loadCart(v.ctx, v.cartKey())
	if err != nil {
		return err
	}
	if len(picks) == 0 {
		return v.redirect("/cart/")
	}
	f := form{Value: map[string]string{"billing_country": "SI", "payment_method": "card"}, Error: map[string]string{}}
	if v.user != nil {
		f.Value["billing_email"] = v.user.Email
		rows, err := s.till.db.QueryContext(v.ctx, s.till.sql("SELECT meta_key, meta_value FROM {p}usermeta WHERE user_id = ? AND (meta_key LIKE 'billing\\_%' OR meta_key IN ('first_name', 'last_name'))"), v.user.ID)
		if err != nil {
			return fmt.Errorf("demo: read the address book: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var key, value string
			if err := rows.Scan(&key, &value); err != nil {
				return fmt.Errorf("demo: read the address book: %w", err)
			}
			if key == "first_name" || key == "last_name" {
				key = "billing_" + key
				if f.Value[key] != "" {
					continue
				}
			}
			f.Value[key] = value
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("demo: read the address book: %w", err)
		}
	}
	return s.showCheckout(v, http.StatusOK, f, picks)
}

func (s *Storefront) showCheckout(v *visit, status int, f form, picks []pick) error {
	s.render(v, "checkout", status, "Checkout", checkoutPage{f, cartOf(picks), countries(), v.user != nil})
	return nil
}

func (s *Storefront) coupons() map[string]*coupon {
	return map[string]*coupon{"dobrodosli10": {code: "dobrodosli10", rate: 1000}, "advent15": {code: "advent15", rate: 1500}, "caj5": {code: "caj5", amount: 500}}
}

func (s *Storefront) placeOrder(v *visit) error {
	picks, err := s.loadCart(v.ctx, v.cartKey())
	if err != nil {
		return err
	}
	if len(picks) == 0 {
		return v.redirect("/cart/")
	}
	f := readForm(v.r, checkoutFields[:]...)
	s.checkAddress(v, &f)
	if len(f.Error) > 0 {
		return s.backToCheckout(v, f, picks)
	}
	o := s.orderFrom(v, f)
	o.priced(picks)
	var account uint64
	err = s.till.within(v.ctx, func(tx *sql.Tx) error {
		res, err := s.till.exec(v.ctx, tx, "DELETE FROM {p}woocommerce_sessions WHERE session_key = ?", v.cartKey())
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 { // the other half of a double click was first
			return errEmptyCart
		}
		if f.Value["createaccount"] != "" && v.user == nil {
			if account, err = s.till.register(v.ctx, tx, o.who, f.Value["account_password"]); err != nil {
				return err
			}
			o.customer = account
		}
		return s.till.place(v.ctx, tx, &o)
	})
	if short, ok := asStockError(err); ok {
		f.Error["stock"] = html.UnescapeString(short.Error())
		return s.backToCheckout(v, f, picks)
	}
	switch {
	case errors.Is(err, errEmptyCart):
		return v.redirect("/cart/")
	case errors.Is(err, errEmailTaken):
		f.Error["billing_email"] = "E-mail: there is an account with this address. Log in, or order as a guest."
		return s.backToCheckout(v, f, picks)
	case err != nil:
		return err
	}
	if account != 0 {
		s.setCookie(v, userCookie, s.ticket(account), signedIn)
	}
	return v.redirect(fmt.Sprintf("/order/%d/?key=%s&placed=1", o.id, url.QueryEscape(o.key)))
}

func (s *Storefront) checkAddress(v *visit, f *form) {
	f.need("billing_first_name", "First name", 100)
	f.need("billing_last_name", "Last name", 100)
	f.email("billing_email")
	f.need("billing_address_1", "Street and number", 200)
	f.need("billing_postcode", "Postcode", 20)
	f.need("billing_city", "Town", 100)
	known := false
	for _, c := range countries() {
		known = known || c.Code == f.Value["billing_country"]
	}
	if !known {
		f.Error["billing_country"] = "Country: choose one from the list."
	} else if f.Value["billing_phone"] != "" {
		if _, err := contact.ParsePhone(f.Value["billing_phone"], f.Value["billing_country"]); err != nil {
			f.Error["billing_phone"] = "Phone: " + sentence(err)
		}
	}
	if code := f.Value["coupon_code"]; code != "" && s.coupons()[strings.ToLower(code)] == nil {
		f.Error["coupon_code"] = "Coupon: there is none with this code. Correct it or leave it empty."
	}
	if len(f.Value["order_comments"]) > 2000 {
		f.Error["order_comments"] = "Note: at most 2,000 letters."
	}
	if _, ok := paymentMethods()[f.Value["payment_method"]]; !ok {
		f.Error["payment_method"] = "Payment: choose how to pay."
	}
	if f.Value["createaccount"] != "" && v.user == nil {
		f.password("account_password")
	}
}

func paymentMethods() map[string]string {
	return map[string]string{"card": "Credit card", "bacs": "Bank transfer", "cod": "Cash on delivery"}
}

func (s *Storefront) backToCheckout(v *visit, f form, picks []pick) error {
	f.Value["account_password"] = ""
	if f.Error["billing_email"] == "" && f.Value["billing_email"] != "" { // from here on the cart has an address, as in WooCommerce
		who := &person{first: f.Value["billing_first_name"], last: f.Value["billing_last_name"], phone: f.Value["billing_phone"], street: f.Value["billing_address_1"],
			city: f.Value["billing_city"], postcode: f.Value["billing_postcode"], country: f.Value["billing_country"]}
		if err := s.saveCart(v, picks, who, f.Value["billing_email"]); err != nil {
			return err
		}
	}
	return s.showCheckout(v, http.StatusUnprocessableEntity, f, picks)
}

// orderFrom makes the order of a checkout form that was found right; it has no lines yet.
func (s *Storefront) orderFrom(v *visit, f form) order {
	now := s.cfg.Clock().Unix()
	who := &person{first: f.Value["billing_first_name"], last: f.Value["billing_last_name"], email: f.Value["billing_email"], phone: f.Value["billing_phone"],
		street: f.Value["billing_address_1"], city: f.Value["billing_city"], postcode: f.Value["billing_postcode"], country: f.Value["billing_country"]}
	o := order{who: who, email: who.email, currency: who.currency(), created: now, via: "checkout", method: f.Value["payment_method"],
		methodTitle: paymentMethods()[f.Value["payment_method"]], note: f.Value["order_comments"], key: "wc_order_" + newKey(),
		coupon: s.coupons()[strings.ToLower(f.Value["coupon_code"])]}
	if v.user != nil {
		o.customer = v.user.ID
	}
	o.fate = fate{status: statusProcessing, updatedAt: now}
	switch o.method {
	case "card":
		o.fate.paidAt, o.transaction = now, "demo_"+newKey()
	case "bacs":
		o.fate.status = statusOnHold
	}
	if c, err := v.r.Cookie(sourceCookie); err == nil {
		if raw, err := base64.RawURLEncoding.DecodeString(c.Value); err == nil {
			if q, err := url.ParseQuery(string(raw)); err == nil {
				o.source, o.medium, o.campaign = short(q.Get("source")), short(q.Get("medium")), short(q.Get("campaign"))
			}
		}
	}
	return o
}

type orderPage struct {
	placed
	Just   bool
	Action string // where the refund form posts
	Error  string
}

// Minus is what was given back, as a negative amount; Rest is what could still be.
func (p *placed) Minus() int64 { return -p.Refunded }
func (p *placed) Rest() int64  { return p.Total - p.Refunded }

// What the templates show of a line. Left is how many pieces can come back.
func (l placedLine) Item() uint64  { return l.item }
func (l placedLine) Title() string { return l.name() }
func (l placedLine) Qty() int64    { return l.qty }
func (l placedLine) Gross() int64  { return l.gross }
func (l placedLine) Left() int64   { return l.qty - l.Back }

// mine reads an order that the visitor may see: with its key, or as the account that placed it.
func (s *Storefront) mine(v *visit) (placed, error) {
	id, err := strconv.ParseUint(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return placed{}, s.notFound(v)
	}
	p, err := s.till.order(v.ctx, s.till.db, id, "")
	if errors.Is(err, errNoOrder) {
		return placed{}, s.notFound(v)
	}
	if err != nil {
		return placed{}, err
	}
	if key := v.r.FormValue("key"); key != "" && p.Key != "" && key == p.Key || v.user != nil && p.Customer == v.user.ID {
		return p, nil
	}
	return placed{}, s.notFound(v)
}

func (s *Storefront) order(v *visit) error {
	p, err := s.mine(v)
	if err != nil {
		return err
	}
	return s.showOrder(v, http.StatusOK, p, "")
}

func (s *Storefront) showOrder(v *visit, status int, p placed, problem string) error {
	page := &orderPage{placed: p, Just: v.r.URL.Query().Get("placed") != "", Action: fmt.Sprintf("/order/%d/refund", p.ID), Error: problem}
	s.render(v, "order", status, fmt.Sprintf("Order %d", p.ID), page)
	return nil
}

func (s *Storefront) askRefund(v *visit) error {
	p, err := s.mine(v)
	if err != nil {
		return err
	}
	var pieces map[uint64]int64
	if v.r.PostFormValue("refund") != "whole" {
		pieces = map[uint64]int64{}
		for _, l := range p.Lines {
			text := v.r.PostFormValue("qty_" + strconv.FormatUint(l.item, 10))
			if text == "" {
				continue
			}
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil || n < 0 {
				return s.showOrder(v, http.StatusUnprocessableEntity, p, html.UnescapeString(l.name())+": give a whole number of pieces.")
			}
			pieces[l.item] = n
		}
	}
	reason := strings.ToValidUTF8(v.r.PostFormValue("reason"), "")
	err = s.till.refund(v.ctx, p.ID, pieces, string([]rune(reason)[:min(len([]rune(reason)), 200)]))
	switch {
	case errors.Is(err, errTooManyBack):
		return s.showOrder(v, http.StatusUnprocessableEntity, p, "Pieces: that is more than you bought and have not sent back yet.")
	case errors.Is(err, errNoRefund):
		return s.showOrder(v, http.StatusUnprocessableEntity, p, "Pieces: say how many of which line come back.")
	case err != nil:
		return err
	}
	return v.redirect(fmt.Sprintf("/order/%d/?key=%s", p.ID, url.QueryEscape(p.Key)))
}
