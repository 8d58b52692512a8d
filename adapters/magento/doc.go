// Package magento reads shops that run on Magento 2: Open Source, Adobe Commerce and Mage-OS, 2.3 and later.
//
// It is seen to hold on the schemas of Open Source 2.3.7, 2.4.4 and 2.4.8, without and with stock that is kept by source
// ("MSI"), and on that of Commerce, where each version of a product or category is a row (row_id). Which of these a shop is,
// is told by its tables and their keys at every call. The version is known only roughly, because the database does not keep it: "2.3",
// "2.4" or, where changes of status are recorded, "2.4.8". Older ones may work, and were not tried.
//
// # Reading
//
// A page is a list of ids and then a constant number of statements that fetch all that belongs to them. The files are one
// for each thing. Values of products and categories that hang on attributes (attribute.go) are those of one store view, or
// else the default: see [Config]. Accounts, orders, carts and subscribers are read of all websites. Settings fall back from
// the store view to its website, to all, to what Magento's modules say themselves (site.go). Settings that a shop keeps in
// env.php or config.php are not in the database: the address of the shop window and the time zone can be set.
//
// What an order is, is told by its state, not by its status, which is a word of the shop's own. Lines are rows without a
// parent; only of a set whose parts have prices of their own are those summed up (order.go). Refunds are credit memos.
//
// Prices are those of the catalogue, with special prices while they hold; of sets, those of the price index. Catalogue price
// rules, and prices of customer groups or for quantities, are not read.
//
// # How long a change takes
//
//   - New accounts, orders, carts and subscribers, and all changes of an order's own row (state, payments, refunds): the next
//     poll, and so are credit memos and invoices that a program writes past the order.
//   - What a sale does to the stock, a new address of an account: the next poll.
//   - Changed products, accounts and carts: the next poll if they are among the newest 5,000, else a minute and a poll more
//     for each 5,000 (carts: 10,000; from 2.4.8 on, in a shop of one store view, always the next poll). A version of a product
//     that begins in Commerce: a minute and a poll more for each 5,000 versions; all changes of products are seen so there.
//   - Answers to the newsletter: the next poll if they are among the newest 5,000 and Magento wrote the time, else a poll for
//     each 300.
//   - An order's address that staff correct, and an order whose account was deleted: with the walk over the newest 1,000
//     orders, 50 a minute; of older ones by reconciling.
//   - Products that an import or another program changed without a time, and special prices that begin or end: with the walk
//     over all products, 50 a minute; found by reconciling in between, except what begins or ends by itself.
//   - What was deleted: by reconciling.
package magento
