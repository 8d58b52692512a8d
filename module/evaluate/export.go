package evaluate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/sheet"
)

// export is an order export while it is read.
type export struct {
	Orders
	opt                                     Options
	at                                      map[Field]int
	customers, orders, products, categories *register
	held                                    int
	sum                                     float64
	lastDate                                string
	lastAt                                  int64
}

// begin reads the head.
func (e *export) begin(table *sheet.Reader) error {
	head, _, err := table.Next()
	if err != nil {
		return err
	}
	if e.at, err = place(head, e.opt.Columns); err != nil {
		return err
	}
	e.Columns = map[Field]string{}
	for field, i := range e.at {
		e.Columns[field] = head[i]
	}
	e.Currency = strings.ToUpper(e.opt.Currency)
	return nil
}

// line is what a row tells.
type line struct {
	customer, order, product, name, category string
	at                                       int64
	quantity                                 float64
	price, amount                            int64
}

// take takes a row, or counts why it does not.
func (e *export) take(row []string, n int) error {
	l, reason, err := e.parse(row, n)
	var several *CurrencyError // not the line's fault
	switch {
	case err != nil && e.opt.SkipBad && !errors.As(err, &several):
		if e.FirstBad == nil {
			e.FirstBad = err
		}
		reason = Unreadable
	case err != nil:
		return err
	}
	if reason != "" {
		e.Left[reason]++
		return nil
	}
	if e.Lines.Len() >= MaxLines {
		return &SizeError{n, "lines", MaxLines}
	}
	if e.sum += float64(l.amount); e.sum > maxSum {
		return &SizeError{n, "units of the currency", maxSum / Unit}
	}
	e.keep(l)
	if e.held > maxHeld {
		return &SizeError{n, "bytes of names", maxHeld}
	}
	return nil
}

func (e *export) parse(row []string, n int) (l line, reason Reason, err error) {
	cell := func(field Field) string {
		if i, known := e.at[field]; known && i < len(row) {
			return row[i]
		}
		return ""
	}
	fail := func(field Field, problem string) (line, Reason, error) {
		return line{}, "", &CellError{n, e.Columns[field], problem}
	}
	l.customer = cell(Customer)
	if empty(l.customer) {
		l.customer = cell(Email)
	}
	if empty(l.customer) {
		return l, NoCustomer, nil
	}
	if strings.Contains(l.customer, "@") {
		l.customer = strings.ToLower(l.customer)
	}
	l.order, l.product, l.category = cell(Order), strings.ToUpper(cell(Product)), cell(Category)
	for _, key := range []struct {
		field Field
		text  string
	}{{Customer, l.customer}, {Order, l.order}, {Product, l.product}, {Category, l.category}} {
		if len(key.text) > maxKey {
			return fail(key.field, fmt.Sprintf("%q is longer than %d bytes", short(key.text), maxKey))
		}
	}
	if e.opt.Products != nil && !e.opt.Products.MatchString(l.product) {
		return l, OtherProduct, nil
	}
	switch other, err := e.currency(cell(Currency), n); {
	case err != nil:
		return l, "", err
	case other:
		return l, OtherCurrency, nil
	}
	if l.at, err = e.moment(cell(Day)); err != nil {
		return fail(Day, err.Error())
	}
	reason, err = l.count(e, cell, n)
	l.name = cell(Name)
	return l, reason, err
}

// count reads how many of what price.
func (l *line) count(e *export, cell func(Field) string, n int) (Reason, error) {
	quantity, price := 1.0, 0.0
	for _, part := range [...]struct {
		field Field
		most  float64
		value *float64
	}{{Quantity, maxQuantity, &quantity}, {Price, maxPrice, &price}} {
		text := cell(part.field)
		if text == "" {
			continue
		}
		var err error
		if *part.value, err = number(text, part.most); err != nil {
			return "", &CellError{n, e.Columns[part.field], fmt.Sprintf("%q %v", short(text), err)}
		}
	}
	switch {
	case float32(quantity) <= 0 || price < 0:
		return Returned, nil
	case price*quantity > maxPrice:
		return "", &CellError{n, e.Columns[Price], "the line costs too much to be true"}
	}
	l.quantity, l.price, l.amount = quantity, int64(math.Round(price*Unit)), int64(math.Round(price*quantity*Unit))
	if e.opt.Paid && l.amount == 0 {
		return Free, nil
	}
	return "", nil
}

// currency says whether a line is in another currency than the one that is wanted.
func (e *export) currency(cell string, n int) (other bool, err error) {
	cell = strings.ToUpper(cell)
	switch {
	case cell == "" || cell == e.Currency:
		return false, nil
	case e.opt.Currency != "":
		return true, nil
	case e.Currency != "":
		return false, &CurrencyError{n, e.Currency, short(cell)}
	case len(cell) != 3:
		return false, &CellError{n, e.Columns[Currency], fmt.Sprintf("%q is not a currency like EUR", short(cell))}
	}
	e.Currency = cell
	return false, nil
}

// moment reads a date; lines of one order stand together, and have the same.
func (e *export) moment(cell string) (int64, error) {
	if cell == e.lastDate && cell != "" {
		return e.lastAt, nil
	}
	t, err := parse(cell, e.opt.Dates, e.opt.Zone)
	if err != nil {
		return 0, err
	}
	if t.Year() < 1970 || t.Year() > 2200 {
		return 0, fmt.Errorf("%q is not within 1970 to 2200", short(cell))
	}
	_, offset := t.Zone()
	e.lastDate, e.lastAt = strings.Clone(cell), t.Unix()+int64(offset)
	return e.lastAt, nil
}

func parse(cell string, order sheet.Order, zone *time.Location) (time.Time, error) {
	for _, layout := range [...]string{"2006-01-02 15:04:05", "2006-01-02", "20060102"} {
		if len(cell) == len(layout) {
			if t, err := time.ParseInLocation(layout, cell, zone); err == nil {
				return t, nil
			}
		}
	}
	t, err := sheet.ParseTime(cell, order, zone)
	return t.In(zone), err
}

func (e *export) keep(l line) {
	o := &e.Orders
	customer, isNew := e.customers.number(l.customer)
	if isNew {
		e.held += len(l.customer)
	}
	if l.order == "" {
		l.order = "@" + strconv.FormatInt(l.at, 36)
	}
	order, isNew := e.orders.number(strconv.Itoa(int(customer)) + " " + l.order)
	if isNew {
		e.orders.names[order] = "" // only its number is wanted
	}
	product := None
	if l.product != "" {
		if product, isNew = e.products.number(l.product); isNew {
			o.Names, o.CategoryOf = append(o.Names, ""), append(o.CategoryOf, None)
			e.held += len(l.product)
		}
		if o.Names[product] == "" && l.name != "" {
			o.Names[product] = strings.Clone(l.name)
			e.held += len(l.name)
		}
		if o.CategoryOf[product] == None && l.category != "" {
			if o.CategoryOf[product], isNew = e.categories.number(l.category); isNew {
				e.held += len(l.category)
			}
		}
	}
	c := &o.Lines
	c.Customer, c.Order, c.Product = append(c.Customer, customer), append(c.Order, order), append(c.Product, product)
	c.At, c.Quantity = append(c.At, l.at), append(c.Quantity, float32(l.quantity))
	c.Price, c.Amount = append(c.Price, l.price), append(c.Amount, l.amount)
}

// finish numbers customers, products and categories in the order of their names.
func (e *export) finish() (*Orders, error) {
	o := &e.Orders
	o.Count = len(e.orders.names)
	var customers, products, categories []uint32
	o.Customers, customers = e.customers.arranged()
	o.Products, products = e.products.arranged()
	o.Categories, categories = e.categories.arranged()
	names, of := make([]string, len(products)), make([]uint32, len(products))
	for old, now := range products {
		names[now], of[now] = o.Names[old], None
		if c := o.CategoryOf[old]; c != None {
			of[now] = categories[c]
		}
	}
	o.Names, o.CategoryOf = names, of
	for i, old := range o.Lines.Customer {
		o.Lines.Customer[i] = customers[old]
		if p := o.Lines.Product[i]; p != None {
			o.Lines.Product[i] = products[p]
		}
	}
	return o, nil
}
