package magento

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters/follow"
)

// layout is what of the schema differs between versions and editions.
type layout struct {
	staged   bool // Commerce: products and categories have a row for each version of them, known by row_id
	sources  bool // "MSI": stock is kept by source and reserved by orders
	excludes bool // websites may be closed to groups of customers
	statuses bool // each change of an order's status is written down
}

// mode is "open-source", "commerce", "open-source-msi" or "commerce-msi".
func (l layout) mode() string {
	name := "open-source"
	if l.staged {
		name = "commerce"
	}
	if l.sources {
		name += "-msi"
	}
	return name
}

// version is told by the tables: the database does not keep it.
func (l layout) version() string {
	switch {
	case l.statuses:
		return "2.4.8"
	case l.excludes:
		return "2.4"
	}
	return "2.3"
}

// link is the column by which values belong to products and categories.
func (l layout) link() string {
	if l.staged {
		return "row_id"
	}
	return "entity_id"
}

// current is the condition that a product's or category's row is the version of this moment.
func (r *reader) current(alias string) string {
	if !r.layout.staged {
		return "TRUE"
	}
	return fmt.Sprintf("(%[1]s.created_in <= %[2]d AND %[1]s.updated_in > %[2]d)", alias, r.now.Unix())
}

// loadLayout asks for tables, and for the key of one. To ask for columns would have the server make a table on its disk.
func (r *reader) loadLayout(ctx context.Context) error {
	marks := map[string]bool{}
	err := r.Each(ctx, "the list of tables", `SELECT table_name, '' FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN (?,?,?,?,?,?,?)
		UNION ALL SELECT table_name, LOWER(column_name) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND index_name = 'PRIMARY'`,
		[]any{r.Table("inventory_source"), r.Table("inventory_source_item"), r.Table("inventory_source_stock_link"), r.Table("inventory_stock_sales_channel"), r.Table("inventory_reservation"),
			r.Table("sales_order_status_change_history"), r.Table("customer_group_excluded_website"), r.Table("catalog_product_entity")},
		func(scan func(...any) error) error {
			var table, column string
			err := scan(&table, &column)
			marks[table+"."+column] = true
			return err
		})
	has := func(table, key string) bool { return marks[r.Table(table)+"."+key] }
	r.layout = layout{
		staged: has("catalog_product_entity", "row_id"),
		sources: has("inventory_source", "") && has("inventory_source_item", "") && has("inventory_source_stock_link", "") && has("inventory_stock_sales_channel", "") &&
			has("inventory_reservation", ""),
		excludes: has("customer_group_excluded_website", ""),
		statuses: has("sales_order_status_change_history", ""),
	}
	return err
}

// either selects from products' own rows and from those of their variants in one statement. In text, the first %s is where
// the tables go, with the product or variant as e; the second, the condition.
func (r *reader) either(text string, ids []int64) string {
	own := fmt.Sprintf(text, "{catalog_product_entity} e", "e.entity_id "+follow.In(ids)+" AND "+r.current("e"))
	variants := fmt.Sprintf(text, r.variantTables(), "p.entity_id "+follow.In(ids)+" AND "+r.current("p")+" AND "+r.current("e"))
	return own + " UNION ALL " + variants
}

// variantTables joins configurable products p, by their links l, with their variants e.
func (r *reader) variantTables() string {
	return "{catalog_product_entity} p JOIN {catalog_product_super_link} l ON l.parent_id = p." + r.layout.link() +
		" JOIN {catalog_product_entity} e ON e.entity_id = l.product_id"
}
