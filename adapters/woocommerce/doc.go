// Package woocommerce reads shops that run on WooCommerce, from 3.0 on, out of WordPress's database.
//
// It is seen to hold on the schemas of WooCommerce 6.9.4 (orders are posts), 8.2.2 (own tables, kept in step with posts)
// and 11.0.1 (own tables alone). Which of these a shop is, is asked of its setting
// woocommerce_custom_orders_table_enabled at every call; the tables themselves may be there, empty or stale, in all three.
//
// # Reading
//
// A page is a list of ids and then a constant number of statements that fetch all that belongs to them. The files are one
// for each thing: customer.go, product.go, category.go, order.go with its two stores order_table.go and order_post.go.
// What is read of the settings and how the table prefix is found out, is in site.go; foreign text (numbers, dates, HTML,
// statuses) is understood in text.go, PHP's serialised arrays in php.go.
//
// # Following
//
// stream.go says how changes are found, by stages which every poll walks through; cursor.go what a place among them is.
// A shop must not notice, so each statement is a bounded range of an index that WordPress itself has made:
//
//   - New rows are found by their id, in the primary key.
//   - Orders in wc_orders are followed by (date_updated_gmt, id), which is one index. Each poll goes back over the
//     newest 100 changes of the last five minutes, for what was committed late or is still being written; what has
//     become older than five minutes is delivered once more. So a tool that stamps thousands of orders with one second
//     has them delivered three times, not at every poll.
//   - Posts have no index on the time of their change, and usermeta has none on last_update. There the newest rows are
//     followed, and the others are swept in steps (see customer.go, order_post.go, product.go for how long that takes).
//
// With a million orders, 300,000 accounts and 40,000 products and variations, a poll without news was measured at 0.5 ms
// for orders in wc_orders, 4 ms for orders in posts, 7 ms for accounts and 14 ms for products (MariaDB 10.11, warm), and no
// page of the history took longer than 0.2 s.
//
// Carts are in visitors' sessions (cart.go); who wants the newsletter is kept by plugins (newsletter.go).
//
// What leaves no trace (rows deleted for good, items edited past WooCommerce) is left to reconciling.
package woocommerce
