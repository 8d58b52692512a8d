// Package bitrix reads shops that run on 1C-Bitrix (Bitrix Site Manager) with its modules iblock, catalog and sale, out of
// their database.
//
// It is seen to hold on the schemas of sale 14.9 (an order is paid or not), 19.0 (an order has payments of its own) and 20
// (a property may be a shipment's). Which of these a shop is, is told by its tables at every call, because the numbers of
// versions are in files. Text comes as Unicode whatever the tables are kept in: cp1251, utf8mb3 or utf8mb4.
//
// # Reading
//
// A page is a list of ids and then a constant number of statements that fetch all that belongs to them. The files are one
// for each thing: customer.go, product.go with price.go and address.go, category.go, order.go with property.go (who
// ordered), payment.go, line.go and location.go, cart.go, newsletter.go. iblock.go knows how properties are stored, in rows
// or in a table of columns for each iblock; site.go the settings; zone.go in which zone DATETIMEs are meant.
//
// What is easily taken for something else:
//
//   - A buyer is told by properties which each shop makes up; their flags count (IS_EMAIL, IS_PAYER), not their codes.
//   - All guests are one user. Their orders have no customer, nor have those of users who are no accounts or are gone.
//   - Paid, called off and given back are flags beside the status. An order that is called off keeps its status; one that
//     was given back is unpaid again; DATE_PAYED is of the flag's last turn. Only what none of them and no entry of
//     [Config.Statuses] tells is [adapters.StatusOther], under the shop's own word.
//   - A set is a row with the price, its parts are rows beside it. A position names the offer; the product is its parent.
//   - Carts are positions without an order; what is put aside, or waited for, is in none.
//   - Prices are those of the base group, before the reductions that PHP works out for each visitor.
//
// Orders that were moved to the archive are orders still (archive.go): being moved is no change, and nothing is deleted. One
// that was archived before the history was read is read from there. Serialised PHP that cannot be read sets the order aside.
//
// # Following
//
// Each statement is a bounded range of an index that the platform has, or of a primary key; see the sources (productsSource
// and the like) for what is found how. How long a change may take to be delivered:
//
//   - A new account, order, product, offer or position in a cart: the next poll.
//   - A change of an order, its payments, its properties: the next poll where the software or an exchange made it, which
//     moves DATE_UPDATE or leaves a row in b_sale_order_change. A statement past the software: within 40 minutes
//     for the newest 2,000 orders, 50 a minute, else when it is reconciled.
//   - A change of an account: the next poll among the newest 1,000 and where profiles have a history or TIMESTAMP_X an
//     index; else a minute for each 60,000 accounts.
//   - A change of an element, a price or the stock: a minute, and one more for each 48,000 products and offers. Of an article
//     number, a section or a value that offers differ in: within 40 minutes for the newest 2,000 elements, else when it is
//     reconciled. (An offers' iblock that keeps properties apart has no index on the product; there a page of products looks
//     through the offers of that iblock once, 20 ms for 40,000.)
//   - A changed number in a cart, and a subscriber's answer: a minute, and one more for each 60,000 positions or addresses.
//
// With 50,000 orders, 30,000 accounts and 60,000 products and offers a poll without news was measured at 5 ms for orders, 6 ms
// for accounts and 28 ms for products (MariaDB, two busy cores), and a page of 500 of the history between 10 ms and 0.2 s.
package bitrix
