package magento

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// stock is what the shop keeps of how much there is of a product, in text. Flags of 1 and 0 may point to the settings.
type stock struct {
	quantity                        string // empty: not known
	available                       bool   // staff, or Magento itself, have not marked it as sold out
	managed, ownManaged             string
	backorders, ownBackorders       string
	lowest, ownLowest               string
	sources                         int // that have it
	inSources, reserved, anySources string
}

// loadStocks reads cataloginventory_stock_item, and with it, where stock is kept by source, the sources of our website's
// stock and what is reserved there. The row of stock 1 has a product's rules in either case.
func (r *reader) loadStocks(ctx context.Context, ids []int64, s *shelf) error {
	columns := "0, NULL, NULL, NULL"
	if r.layout.sources {
		stock := foreign.Str(r.stockID)
		of := "FROM {inventory_source_item} q JOIN {inventory_source_stock_link} k ON k.source_code = q.source_code AND k.stock_id = " + stock +
			" JOIN {inventory_source} o ON o.source_code = q.source_code AND o.enabled = 1 WHERE q.sku = e.sku"
		columns = "(SELECT COUNT(*) " + of + "), (SELECT SUM(IF(q.status = 1, q.quantity, 0)) " + of + "), (SELECT MAX(q.status) " + of + ")," +
			" (SELECT SUM(d.quantity) FROM {inventory_reservation} d WHERE d.stock_id = " + stock + " AND d.sku = e.sku)"
	}
	s.stocks = map[int64]stock{}
	text := `SELECT e.entity_id, i.qty, i.is_in_stock, i.use_config_manage_stock, i.manage_stock, i.use_config_backorders, i.backorders, i.use_config_min_qty, i.min_qty, ` + columns +
		" FROM %s JOIN {cataloginventory_stock_item} i ON i.product_id = e.entity_id AND i.stock_id = 1 WHERE %s"
	return r.Each(ctx, "stock", r.either(text, ids), nil, func(scan func(...any) error) error {
		var id int64
		var t stock
		err := scan(&id, follow.Text(&t.quantity), &t.available, &t.managed, &t.ownManaged, &t.backorders, &t.ownBackorders, &t.lowest, &t.ownLowest,
			&t.sources, follow.Text(&t.inSources), follow.Text(&t.anySources), follow.Text(&t.reserved))
		s.stocks[id] = t
		return err
	})
}

// loadStock finds the stock that our website sells from; the default one where nobody has said so.
func (r *reader) loadStock(ctx context.Context) error {
	return r.One(ctx, "stocks", "SELECT COALESCE((SELECT stock_id FROM {inventory_stock_sales_channel} WHERE type = 'website' AND code = ?), 1)", []any{r.view.websiteCode}, &r.stockID)
}

// rule is a product's own answer, or the setting's.
func (r *reader) rule(useSetting, own, setting string) string {
	if useSetting == "1" {
		return r.setting("cataloginventory/item_options/" + setting)
	}
	return own
}

// stock says whether a product can be had, and how many there are where that is counted. What consists of others has a
// flag, and a number that nobody keeps.
func (r *reader) stock(i item, t stock, errs *foreign.Check) (adapters.Stock, string) {
	composite := i.kind == "configurable" || i.kind == "bundle" || i.kind == "grouped"
	switch {
	case t.managed == "": // no row: it was never taken in
		return adapters.OutOfStock, ""
	case composite && t.available:
		return adapters.InStock, ""
	case composite:
		return adapters.OutOfStock, ""
	case r.rule(t.managed, t.ownManaged, "manage_stock") != "1":
		return adapters.InStock, ""
	}
	known, available := t.quantity, t.available
	if r.layout.sources {
		known = ""
		if t.sources > 0 {
			known, available = t.inSources, t.anySources == "1"
		}
	}
	quantity := errs.Number("quantity", known)
	if r.layout.sources && t.sources > 0 {
		quantity = quantity.Add(errs.Number("reserved", t.reserved)) // reservations are negative
	}
	text := ""
	if known != "" {
		text = quantity.String()
	}
	lowest := errs.Number("min_qty", r.rule(t.lowest, t.ownLowest, "min_qty"))
	orders := r.rule(t.backorders, t.ownBackorders, "backorders")
	switch {
	case !available:
		return adapters.OutOfStock, text
	case quantity.GreaterThan(lowest):
		return adapters.InStock, text
	case orders != "0" && orders != "":
		return adapters.OnBackorder, text
	}
	return adapters.OutOfStock, text
}
