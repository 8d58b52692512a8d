package bitrix

import "strings"

// versioned are the tables whose columns, or whose being there, tell versions apart.
var versioned = append([]string{"sale_order", "sale_order_props", "sale_order_props_value", "sale_basket", "user", "iblock_element_property"}, optionalTables...)

// optionalTables are read where a version has them.
var optionalTables = []string{"sale_order_payment", "sale_order_coupons", "sale_loc_name", "sale_location_city_lang", "user_phone_auth", "user_profile_history",
	"iblock_property_feature", "subscription", "subscription_rubric", "list_rubric", "sender_contact", "sender_mailing", "sender_mailing_subscription",
	"sale_order_archive", "sale_order_archive_packed", "sale_basket_archive", "sale_basket_archive_packed"}

func (r *reader) hasTable(table string) bool { return len(r.columns[table]) > 0 }

// indexed stands behind a column's name for an index that begins with it, which Bitrix does not make, but owners and their
// helpers do.
const indexed = " (indexed)"

// region is how many of the newest rows are followed by a time of change: all, 0, where it has an index.
func (r *reader) region(table, column string, newest int64) int64 {
	if r.has(table, strings.ToLower(column)+indexed) {
		return 0
	}
	return newest
}

func (r *reader) has(table, column string) bool { return r.columns[table][column] }

// payments says whether orders have payments of their own, several each; the model that Bitrix calls D7.
func (r *reader) payments() bool { return r.hasTable("sale_order_payment") }

// archives says whether old orders may be in an archive.
func (r *reader) archives() bool {
	return r.hasTable("sale_order_archive_packed") && r.hasTable("sale_basket_archive_packed")
}

// shipmentProperties says whether properties may belong to a shipment instead of the order.
func (r *reader) shipmentProperties() bool { return r.has("sale_order_props_value", "entity_type") }

// version is told by the tables: Bitrix keeps the numbers of its modules in files.
func (r *reader) version() string {
	switch {
	case r.shipmentProperties():
		return "sale 20+"
	case r.payments():
		return "sale 16-19"
	}
	return "sale 14-15"
}

func (r *reader) mode() string {
	switch {
	case r.shipmentProperties():
		return "payments, shipment properties"
	case r.payments():
		return "payments"
	}
	return "one payment an order"
}

// column is the named one of a table, or what stands for it in versions that have none.
func (r *reader) column(alias, table, name, otherwise string) string {
	if r.has(table, strings.ToLower(name)) {
		return alias + "." + name
	}
	return otherwise
}
