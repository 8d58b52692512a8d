package report

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/customer"
)

// People is the people behind a figure. It is written into an address by [People.Values] and read by [ParsePeople].
type People struct {
	Of      string    // "first" or "orders": whose first order, or any order, was in the frame
	From    time.Time // of the frame, both ends included
	To      time.Time
	Again   string // of "first": "yes" or "no", whether they ordered a second time; empty: either
	Later   int    // of "first": who ordered so many months after; -1: whenever
	Days    [2]int // of "first": who took so many days to the second order, both ends included; {-1, -1}: whoever
	Product int64  // whose order holds it; 0: whatever
	Place   string // of "orders": "new" for a first order, "repeat" for a later one; empty: either
	Country string // where the order went, "-" where it is not known; empty: wherever
	Reduced string // of "orders": "yes" or "no", whether it had a discount; empty: either
}

// The values of Of.
const (
	OfFirst  = "first"
	OfOrders = "orders"
)

// PeopleFields are the names in an address that [People.Values] writes, and that of a segment, which others may add.
var PeopleFields = []string{"of", "from", "to", "again", "place", "to_country", "reduced", "later", "days", "product", "segment"}

// NewPeople is everybody whose first order, or any order, was in a frame.
func NewPeople(of string, f Frame) People {
	from, to := f.bounds()
	return People{Of: of, From: from, To: to, Later: -1, Days: [2]int{-1, -1}}
}

// InvalidError is a part of an address that does not say whom it means.
type InvalidError struct{ Field, Value string }

func (e *InvalidError) Error() string {
	return fmt.Sprintf("%s %q says nobody: open the list from a report again", e.Field, e.Value)
}

// Values writes the people into an address.
func (p People) Values() url.Values {
	v := url.Values{"of": {p.Of}, "from": {p.From.Format(time.DateOnly)}, "to": {p.To.Format(time.DateOnly)}}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	set("again", p.Again)
	set("place", p.Place)
	set("to_country", p.Country)
	set("reduced", p.Reduced)
	if p.Later >= 0 {
		v.Set("later", strconv.Itoa(p.Later))
	}
	if p.Days[0] >= 0 {
		v.Set("days", fmt.Sprintf("%d-%d", p.Days[0], p.Days[1]))
	}
	if p.Product != 0 {
		v.Set("product", strconv.FormatInt(p.Product, 10))
	}
	return v
}

// ParsePeople reads what Values wrote. there is false where the address names nobody; the error is an [*InvalidError].
func ParsePeople(get func(string) string) (p People, there bool, err error) {
	if get("of") == "" {
		return People{}, false, nil
	}
	p = NewPeople(get("of"), Frame{})
	wrong := func(name string) error {
		value := get(name)
		return &InvalidError{name, value[:min(len(value), 40)]}
	}
	if p.Of != OfFirst && p.Of != OfOrders {
		return p, true, wrong("of")
	}
	for name, day := range map[string]*time.Time{"from": &p.From, "to": &p.To} {
		if *day, err = time.Parse(time.DateOnly, get(name)); err != nil {
			return p, true, wrong(name)
		}
	}
	for name, word := range map[string]struct {
		to   *string
		from []string
	}{"again": {&p.Again, []string{"yes", "no"}}, "place": {&p.Place, []string{"new", "repeat"}}, "reduced": {&p.Reduced, []string{"yes", "no"}}} {
		if *word.to = get(name); *word.to != "" && *word.to != word.from[0] && *word.to != word.from[1] {
			return p, true, wrong(name)
		}
	}
	if p.Country = get("to_country"); p.Country != "" && p.Country != "-" && !isCode(p.Country) {
		return p, true, wrong("to_country")
	}
	if text := get("later"); text != "" {
		if p.Later, err = number(text); err != nil {
			return p, true, wrong("later")
		}
	}
	if text := get("product"); text != "" {
		if p.Product, err = strconv.ParseInt(text, 10, 64); err != nil || p.Product <= 0 {
			return p, true, wrong("product")
		}
	}
	if text := get("days"); text != "" {
		from, to, ok := strings.Cut(text, "-")
		low, err1 := number(from)
		high, err2 := number(to)
		if !ok || err1 != nil || err2 != nil {
			return p, true, wrong("days")
		}
		p.Days = [2]int{low, high}
	}
	return p, true, nil
}

func isCode(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

// number reads a count that a shop can have: no more than a century of days.
func number(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err == nil && (n < 0 || n > 36_525) {
		err = fmt.Errorf("%d is out of range", n)
	}
	return n, err
}

// Frame is the frame of their orders.
func (p People) Frame() Frame { return Frame{p.From, p.To} }

// Where is the condition on crm_profiles, under the alias p, that chooses them by their orders in a shop.
func (p People) Where(shopID int64) customer.Condition {
	var c customer.Condition
	add := func(sql string, args ...any) { c.SQL, c.Args = c.SQL+sql, append(c.Args, args...) }
	add("p.id IN (SELECT r.profile_id FROM crm_report_orders r")
	if p.Product != 0 {
		add(" JOIN crm_order_lines l ON l.order_id = r.order_id AND l.product_id = ?", p.Product)
	}
	add(" WHERE r.shop_id = ?", shopID)
	day := "r.day"
	if p.Of == OfFirst {
		day = "r.first_day"
	}
	add(" AND "+day+" >= ? AND "+day+" <= ?", p.From, p.To)
	switch {
	case p.Of == OfOrders && p.Place == "new":
		add(" AND r.nth = 1")
	case p.Of == OfOrders && p.Place == "repeat":
		add(" AND r.nth > 1")
	case p.Of == OfFirst && p.Later >= 0:
		add(" AND "+laterMonths+" = ?", p.Later)
	case p.Of == OfFirst && p.Days[0] >= 0:
		add(" AND r.nth = 2 AND r.day > '1001-01-01' AND DATEDIFF(r.day, r.first_day) BETWEEN ? AND ?", p.Days[0], p.Days[1])
	case p.Of == OfFirst:
		add(" AND r.nth = 1" + map[string]string{"yes": " AND r.again", "no": " AND NOT r.again"}[p.Again])
	}
	if p.Country != "" {
		add(" AND r.country = ?", strings.TrimPrefix(p.Country, "-"))
	}
	if p.Reduced != "" {
		add(map[string]string{"yes": " AND r.reduced", "no": " AND NOT r.reduced"}[p.Reduced])
	}
	add(")")
	return c
}
