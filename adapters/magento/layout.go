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

func (r *reader) loadLayout(ctx context.Context) error {
	marks := map[string]bool{}
	err := r.Each(ctx, "the columns of tables", `SELECT table_name, LOWER(column_name) FROM information_schema.columns WHERE table_schema = DATABASE()
		AND table_name IN (?,?,?,?,?,?,?) AND column_name IN ('row_id', 'sku', 'stock_id', 'enabled', 'order_id', 'customer_group_id')`,
		[]any{r.Table("catalog_product_entity"), r.Table("inventory_source_item"), r.Table("inventory_source_stock_link"), r.Table("inventory_source"),
			r.Table("inventory_stock_sales_channel"), r.Table("sales_order_status_change_history"), r.Table("customer_group_excluded_website")},
		func(scan func(...any) error) error {
			var table, column string
			err := scan(&table, &column)
			marks[table+"."+column] = true
			return err
		})
	has := func(table, column string) bool { return marks[r.Table(table)+"."+column] }
	r.layout = layout{
		staged: has("catalog_product_entity", "row_id"),
		sources: has("inventory_source_item", "sku") && has("inventory_source_stock_link", "stock_id") && has("inventory_source", "enabled") &&
			has("inventory_stock_sales_channel", "stock_id"),
		excludes: has("customer_group_excluded_website", "customer_group_id"),
		statuses: has("sales_order_status_change_history", "order_id"),
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
