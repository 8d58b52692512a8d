package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
)

func orderArea() area {
	return area{
		pages: []page{{"order_list", &ordersPage{}}, {"order", &orderPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/orders", staff.SeePeople, a.orders)
			r.get("/orders.csv", staff.ExportPeople, a.ordersExport)
			r.get("/orders.xlsx", staff.ExportPeople, a.ordersExport)
			r.get("/orders/:id", staff.SeePeople, a.order)
		},
	}
}

// orderStatuses is every state an order can be in, in the order of its life.
var orderStatuses = []adapters.Status{adapters.StatusPending, adapters.StatusPaid, adapters.StatusCompleted, adapters.StatusRefunded, adapters.StatusCancelled, adapters.StatusFailed, adapters.StatusOther}

var statusTones = map[adapters.Status]string{
	adapters.StatusPending: "warn", adapters.StatusPaid: "info", adapters.StatusCompleted: "good", adapters.StatusFailed: "bad",
}

// ordersPage is a list of orders, newest first.
type ordersPage struct {
	frame
	Tabs   []tab
	Status string
	Number string
	Rows   []orderRow
	Pager  *pager
	None   bool         // no order at all is known yet
	Export *exportLinks // nil for those who may not
}

type orderRow struct {
	Number, Href string
	Person       string
	PersonHref   string
	Status       badge
	Items        int
	Net          money.Money
	PlacedAt     time.Time
}

func (v *visit) orderRow(o purchase.Order) orderRow {
	row := orderRow{Number: o.Number, Href: v.a.link(fmt.Sprintf("/orders/%d", o.ID)), Status: v.statusBadge(o), Net: o.Net(), PlacedAt: o.PlacedAt,
		PersonHref: v.a.link(fmt.Sprintf("/customers/%d", o.ProfileID)), Person: o.Name.Display(o.Email)}
	if row.Person == "" {
		row.Person = v.t("orders.somebody")
	}
	row.Items = o.LineCount
	return row
}

func (v *visit) statusBadge(o purchase.Order) badge {
	text := capital(v.t("order.status." + string(o.Status)))
	if o.Status == adapters.StatusOther && o.RawStatus != "" {
		text = o.RawStatus
	}
	return badge{text, statusTones[o.Status]}
}

// totals are the sums over all orders of the chosen shop.
func (v *visit) totals() (purchase.Totals, error) {
	return v.a.totals.get(v.shop.ID, func() (purchase.Totals, error) { return v.a.rooms.Orders.Totals(v.ctx, v.shop.ID) })
}

// orderFilter reads the list's filter from the address.
func (v *visit) orderFilter() purchase.ListFilter {
	f := purchase.ListFilter{ShopID: v.shop.ID, NumberPrefix: strings.TrimPrefix(v.query("number"), "#"), After: v.query("after"), Limit: 50}
	if status := adapters.Status(v.query("status")); slices.Contains(orderStatuses, status) {
		f.Status = status
	}
	return f
}

func (a *Admin) orders(v *visit) error {
	page := &ordersPage{frame: v.frame("orders", v.t("orders.title")), Number: strings.TrimPrefix(v.query("number"), "#")}
	f := v.orderFilter()
	page.Status = string(f.Status)
	orders, next, err := a.rooms.Orders.Recent(v.ctx, f)
	if err != nil {
		return err
	}
	totals, err := v.totals()
	if err != nil {
		return err
	}
	var all int64
	for _, s := range orderStatuses {
		all += totals.ByStatus[s]
	}
	page.None = all == 0
	page.Tabs = append(page.Tabs, tab{v.t("orders.all"), a.link(v.here("status", "")), v.p.Number(all), page.Status == ""})
	for _, s := range orderStatuses {
		if n := totals.ByStatus[s]; n > 0 || page.Status == string(s) {
			page.Tabs = append(page.Tabs, tab{capital(v.t("order.status." + string(s))), a.link(v.here("status", string(s))), v.p.Number(n), page.Status == string(s)})
		}
	}
	for _, o := range orders {
		page.Rows = append(page.Rows, v.orderRow(o))
	}
	page.Pager = v.pager(v.t("orders.shown", "count", int64(len(orders))), next)
	if v.may(staff.ExportPeople) && len(orders) > 0 {
		page.Export = v.exportLinks("/orders")
	}
	return v.render("order_list", page)
}

// capital writes the first letter large, for a word that begins a line.
func capital(s string) string {
	for _, r := range s {
		return strings.ToUpper(string(r)) + s[len(string(r)):]
	}
	return s
}

// orderPage is one order as the shop has it.
type orderPage struct {
	frame
	Number     string
	Status     badge
	Deleted    bool
	PersonHref string
	Person     string
	Contact    []string
	Address    []string
	Lines      []orderLine
	Shipping   string
	Discount   string
	Tax        string
	Total      string
	Refunded   string
	Net        string
	Refunds    []refundRow
	Coupons    string
	PlacedAt   time.Time
	PaidAt     time.Time
	DoneAt     time.Time
}

type orderLine struct {
	Name, SKU, Href, Quantity, Total string
}

type refundRow struct {
	Amount, Reason string
	At             time.Time
}

func (a *Admin) order(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	o, err := a.rooms.Orders.Order(v.ctx, id)
	if err != nil {
		return err
	}
	row := v.orderRow(o)
	page := &orderPage{frame: v.frame("orders", v.t("orders.one", "number", o.Number)), Number: o.Number, Status: row.Status, Deleted: o.Deleted,
		Person: row.Person, PersonHref: row.PersonHref, PlacedAt: o.PlacedAt, PaidAt: o.PaidAt, DoneAt: o.CompletedAt,
		Total: v.p.Money(o.Total), Net: v.p.Money(o.Net()), Coupons: strings.Join(o.Coupons, ", ")}
	page.Back = &backLink{v.t("orders.title"), a.link("/orders")}
	if !o.Tax.IsZero() {
		page.Tax = v.p.Money(o.Tax)
	}
	// Lines are with tax and after discounts, what the shop calls shipping is neither: the row between lines and total is
	// what is missing between them, so that it adds up.
	rest := o.Total
	for _, l := range o.Lines {
		rest = rest.Sub(l.Total)
	}
	if !rest.IsZero() {
		page.Shipping = v.p.Money(rest)
	}
	if !o.Discount.IsZero() {
		page.Discount = v.p.Money(o.Discount)
	}
	if !o.Refunded.IsZero() {
		page.Refunded = v.p.Money(o.Refunded.Neg())
	}
	present := func(parts ...string) []string {
		return slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" })
	}
	page.Contact = present(o.Email, o.Phone)
	page.Address = present(o.Company, o.Address.Line1, o.Address.Line2, o.Address.Postcode+" "+o.Address.City, o.Address.Region, v.p.Country(o.Address.Country))
	for _, l := range o.Lines {
		line := orderLine{Name: l.Name, SKU: l.SKU, Quantity: v.p.Number(l.Quantity), Total: v.p.Money(l.Total)}
		if l.ProductID != 0 {
			line.Href = a.link(fmt.Sprintf("/products/%d", l.ProductID))
		}
		page.Lines = append(page.Lines, line)
	}
	for _, r := range o.Refunds {
		page.Refunds = append(page.Refunds, refundRow{v.p.Money(r.Amount), r.Reason, r.RefundedAt})
	}
	return v.render("order", page)
}

// ordersExport writes the list as it is shown, all its pages.
func (a *Admin) ordersExport(v *visit) error {
	f := v.orderFilter()
	head := []string{v.t("orders.column.order"), v.t("export.customer"), v.t("export.email"), v.t("orders.column.status"), v.t("orders.column.items"), v.t("orders.column.net"),
		v.t("export.currency"), v.t("orders.column.placed")}
	return v.export(v.t("export.orders", "shop", v.shop.Name, "date", v.today()), head, func(ctx context.Context, out *sheet.Writer) error {
		return a.rooms.Orders.Export(ctx, f, func(o purchase.Order) error {
			row := v.orderRow(o)
			return out.Write([]any{row.Number, row.Person, o.Email, row.Status.Text, int64(row.Items), row.Net.Amount(), row.Net.Currency(), v.local(row.PlacedAt)})
		})
	})
}
