package bitrix_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/bitrix"
)

// archived are the orders of the story that are in the archive where a version has one: with a coupon and an offer, with
// Cyrillic letters and a property of several values, given back in two ways, and with a set.
var archived = []int64{2001, 2003, 2004, 2016}

// archive moves an order to the archive, serialised as PHP does it: lengths are of the bytes in the table.
func (s seeder) archive(ctx context.Context, db adaptertest.DB, order int64) error {
	run := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, strings.ReplaceAll(statement, "~", s.prefix), args...)
		return err
	}
	properties := []string{"ID", "ORDER_ID", "ORDER_PROPS_ID", "NAME", "?VALUE", "CODE"}
	if s.entities {
		properties = append(properties, "ENTITY_ID", "ENTITY_TYPE")
	}
	parts := []string{
		packedText("ORDER"), packed("o", "ID", "USER_ID", "RUNNING", "STATUS_ID", "=DATE_STATUS", "=DATE_PAYED", "#PRICE_DELIVERY", "#TAX_VALUE", "#DISCOUNT_VALUE", "=DATE_UPDATE", "PS_STATUS"),
		packedText("PROPERTIES"), packedList("v", "sale_order_props_value", properties...),
		packedText("PAYMENT"), packedList("v", "sale_order_payment", "ID", "ORDER_ID", "PAID", "=DATE_PAID", "#SUM", "IS_RETURN", "=PAY_RETURN_DATE", "PAY_RETURN_COMMENT", "PS_STATUS"),
		packedText("DISCOUNT"), "'a:1:{'", packedText("COUPON_LIST"), packedList("v", "sale_order_coupons", "ID", "ORDER_ID", "COUPON"), "'}'",
	}
	for _, statement := range []string{
		`INSERT INTO ~sale_order_archive (ID, LID, ORDER_ID, ACCOUNT_NUMBER, DATE_INSERT, PERSON_TYPE_ID, USER_ID, STATUS_ID, PAYED, CANCELED, PRICE, CURRENCY, VERSION, DATE_ARCHIVED)
			SELECT ID - 1000, LID, ID, COALESCE(ACCOUNT_NUMBER, ID), DATE_INSERT, PERSON_TYPE_ID, USER_ID, STATUS_ID, PAYED, CANCELED, PRICE, CURRENCY, 2, NOW() FROM ~sale_order WHERE ID = ?`,
		"INSERT /*+ SET_VAR(group_concat_max_len = 1000000) */ INTO ~sale_order_archive_packed SELECT o.ID - 1000, CONCAT('a:4:{'," + strings.Join(parts, ",") + ",'}') FROM ~sale_order o WHERE o.ID = ?",
		`INSERT INTO ~sale_basket_archive (ID, ARCHIVE_ID, PRODUCT_ID, NAME, PRICE, CURRENCY, QUANTITY, DATE_INSERT, MODULE, SET_PARENT_ID)
			SELECT ID + 1, ORDER_ID - 1000, PRODUCT_ID, NAME, PRICE, CURRENCY, QUANTITY, DATE_INSERT, MODULE, SET_PARENT_ID FROM ~sale_basket WHERE ORDER_ID = ?`,
		"INSERT INTO ~sale_basket_archive_packed SELECT v.ID + 1, " + packed("v", "ID", "ORDER_ID", "PRODUCT_ID", "MODULE", "NAME", "#PRICE", "#QUANTITY", "CURRENCY", "#VAT_RATE", "VAT_INCLUDED",
			"#DISCOUNT_PRICE", "PRODUCT_XML_ID", "SET_PARENT_ID") + " FROM ~sale_basket v WHERE v.ORDER_ID = ?",
	} {
		if err := run(statement, order); err != nil {
			return fmt.Errorf("archiving order %d: %w", order, err)
		}
	}
	return s.remove(run, order)
}

func packedText(text string) string { return fmt.Sprintf(`'s:%d:"%s";'`, len(text), text) }

// packed makes an expression for a row: "=DATE" is a time, "#PRICE" a float, "?VALUE" is taken apart where it is a list, and
// the others are texts.
func packed(alias string, columns ...string) string {
	parts := []string{fmt.Sprintf("'a:%d:{'", len(columns))}
	for _, c := range columns {
		name := strings.TrimLeft(c, "=#?")
		column := alias + "." + name
		value := `CONCAT('s:',LENGTH(` + column + `),':"',` + column + `,'";')`
		switch c[0] {
		case '=':
			value = `CONCAT('O:25:"Bitrix\\Main\\Type\\DateTime":1:{s:8:"\0*\0value";O:8:"DateTime":3:{s:4:"date";s:26:"',CAST(` + column +
				` AS DATETIME(6)),'";s:13:"timezone_type";i:3;s:8:"timezone";s:16:"Europe/Ljubljana";}}')`
		case '#':
			value = "CONCAT('d:'," + column + ",';')"
		case '?':
			value = "IF(" + column + " LIKE 'a:%'," + column + "," + value + ")"
		}
		parts = append(parts, packedText(name), "COALESCE("+value+",'N;')")
	}
	return "CONCAT(" + strings.Join(append(parts, "'}'"), ",") + ")"
}

// packedList makes an expression for the rows that belong to an order, by their ids.
func packedList(alias, table string, columns ...string) string {
	return "(SELECT CONCAT('a:',COUNT(*),':{',COALESCE(GROUP_CONCAT('i:',v.ID,';'," + packed(alias, columns...) + " ORDER BY v.ID SEPARATOR ''),''),'}') FROM ~" + table + " v WHERE v.ORDER_ID = o.ID)"
}

func TestAnArchivedOrderIsTheOrderThatItWas(t *testing.T) {
	t.Parallel()
	for _, v := range []version{sale19, sale20} {
		b := setup(t, v, asItIs, "b_")
		shop := b.shop(bitrix.Config{})
		sum := func() (adapters.Digest, int64) {
			t.Helper()
			digests, err := shop.Digests(t.Context(), adapters.StreamOrders, 2000, 2099, 100)
			if err != nil || len(digests) != 1 {
				t.Fatal(digests, err)
			}
			counts, err := shop.Count(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return digests[0], counts.Orders
		}
		before, cursor := all(t, shop.Orders, "", orderKey)
		digest, count := sum()
		for _, id := range []int64{2002, 2005, 2011, 2014, 2015} {
			if err := b.seeder.archive(t.Context(), b.owner, id); err != nil {
				t.Fatal(err)
			}
		}
		again, _ := all(t, shop.Orders, shop.Range(adapters.StreamOrders, 2000, 2099), orderKey)
		if diff := cmp.Diff(before, again); diff != "" {
			t.Errorf("%s: (-before +archived):\n%s", v.schema, diff)
		}
		if moved, _ := all(t, shop.Orders, cursor, orderKey); moved["2002"].Key != "" {
			t.Errorf("%s: being archived delivers an order again: %+v", v.schema, moved["2002"])
		}
		now, counted := sum()
		if now.Rows != digest.Rows || counted != count {
			t.Errorf("%s: of %d orders by digest and %d by count, %d and %d are left", v.schema, digest.Rows, count, now.Rows, counted)
		}
		b.run("DELETE FROM b_sale_order_archive WHERE ORDER_ID = 2002")
		if less, _ := sum(); less.Rows != digest.Rows-1 {
			t.Errorf("%s: an order that was deleted from the archive is one still", v.schema)
		}
	}
}

func TestTheOnlyOrdersMayBeArchivedOnes(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	b.run("DELETE FROM b_sale_order")
	shop := b.shop(bitrix.Config{})
	orders, _ := all(t, shop.Orders, "", orderKey)
	if len(orders) != len(archived) {
		t.Errorf("%d orders of %d", len(orders), len(archived))
	}
	if first, last, err := shop.Span(t.Context(), adapters.StreamOrders); err != nil || first != archived[0] || last != archived[len(archived)-1] {
		t.Errorf("from %d to %d, %v", first, last, err)
	}
}

func TestAnArchivedOrderThatCannotBeReadIsSetAsideAndNotTakenForDeleted(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	b.run("UPDATE b_sale_order_archive_packed SET ORDER_DATA = 'a:1:{' WHERE ORDER_ARCHIVE_ID = 1001")
	b.run("DELETE FROM b_sale_order_archive_packed WHERE ORDER_ARCHIVE_ID = 1003")
	b.run("UPDATE b_sale_order_archive_packed SET ORDER_DATA = REPEAT('x', 1048577) WHERE ORDER_ARCHIVE_ID = 1004")
	b.run("UPDATE b_sale_basket_archive_packed SET BASKET_DATA = 'O:1:' WHERE BASKET_ARCHIVE_ID = 30012")
	shop := b.shop(bitrix.Config{})
	page, err := shop.Orders(t.Context(), shop.Range(adapters.StreamOrders, 2001, 2016), 100)
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]bool{}
	for _, bad := range page.Bad {
		reasons[bad.Key] = strings.HasPrefix(bad.Reason, "ORDER_DATA in the archive: ")
	}
	for _, id := range archived {
		if key := fmt.Sprint(id); !reasons[key] {
			t.Errorf("order %s is not set aside for what is in the archive: %v", key, page.Bad)
		}
	}
}

func TestTheArchiveOfACp1251ShopIsReadAsUnicode(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, cp1251, "b_")
	orders, _ := all(t, b.shop(bitrix.Config{}).Orders, "", orderKey)
	o := orders["2003"]
	if diff := cmp.Diff([]string{"Иван", "О'Брайен", "Чай & Ко"}, []string{o.FirstName, o.LastName, o.Company}); diff != "" {
		t.Error(diff)
	}
}

func TestOfTheCouponsInTheArchiveOnlyTheOrdersOwnCount(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	b.run("UPDATE b_sale_order_archive_packed k JOIN b_sale_order_archive_packed c ON c.ORDER_ARCHIVE_ID = 1001 SET k.ORDER_DATA = CONCAT(SUBSTRING_INDEX(k.ORDER_DATA, 's:11:\"COUPON_LIST\"', 1)," +
		" 's:11:\"COUPON_LIST\"', SUBSTRING_INDEX(c.ORDER_DATA, 's:11:\"COUPON_LIST\"', -1)) WHERE k.ORDER_ARCHIVE_ID = 1016")
	orders, _ := all(t, b.shop(bitrix.Config{}).Orders, "", orderKey)
	if len(orders["2001"].Coupons) != 1 || len(orders["2016"].Coupons) != 0 {
		t.Errorf("coupons of 2001: %v, of 2016: %v", orders["2001"].Coupons, orders["2016"].Coupons)
	}
}
