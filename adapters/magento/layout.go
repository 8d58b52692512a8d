package magento

import (
	"context"
	"fmt"
	"strings"

	"github.com/kupec/kupec/adapters/follow"
)

// layout is what of the schema differs between versions and editions.
type layout struct {
	staged   bool // Commerce: products and categories have a row for each version of them, known by row_id
	sources  bool // "MSI": stock is kept by source and reserved by orders
	excludes bool // websites may be closed to groups of customers
	statuses bool // each change of an order's status is written down
	dated    bool // quotes have an index on (store_id, updated_at)
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

// loadLayout asks for tables, and for the indexes of two. To ask for columns would have the server make a table on its disk.
func (r *reader) loadLayout(ctx context.Context) error {
	there := map[string]bool{}
	indexes := map[string]string{} // columns by table and index: "store_id updated_at "
	products, quotes := r.Table("catalog_product_entity"), r.Table("quote")
	err := r.Each(ctx, "the list of tables", `SELECT table_name, '', '' FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN (?,?,?,?,?,?,?)
		UNION ALL (SELECT table_name, index_name, LOWER(column_name) FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name IN (?,?)
			ORDER BY table_name, index_name, seq_in_index LIMIT 1000)`,
		[]any{r.Table("inventory_source"), r.Table("inventory_source_item"), r.Table("inventory_source_stock_link"), r.Table("inventory_stock_sales_channel"), r.Table("inventory_reservation"),
			r.Table("sales_order_status_change_history"), r.Table("customer_group_excluded_website"), products, quotes},
		func(scan func(...any) error) error {
			var table, index, column string
			err := scan(&table, &index, &column)
			there[table] = true
			indexes[table+"."+index] += column + " "
			return err
		})
	r.layout = layout{
		staged: strings.HasPrefix(indexes[products+".PRIMARY"], "row_id "),
		sources: there[r.Table("inventory_source")] && there[r.Table("inventory_source_item")] && there[r.Table("inventory_source_stock_link")] &&
			there[r.Table("inventory_stock_sales_channel")] && there[r.Table("inventory_reservation")],
		excludes: there[r.Table("customer_group_excluded_website")],
		statuses: there[r.Table("sales_order_status_change_history")],
	}
	for of, columns := range indexes {
		r.layout.dated = r.layout.dated || strings.HasPrefix(of, quotes+".") && strings.HasPrefix(columns, "store_id updated_at ")
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
