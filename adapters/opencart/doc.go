// Package opencart reads shops that run on OpenCart 3.0, 4.0 and 4.1.
//
// It is seen to hold on the schemas of OpenCart 3.0.3.8, 3.0.5.1, 4.0.2.3 and 4.1.0.4. The version is nowhere in the
// database; what differs is found out by the columns there are, at every call, so that a shop which was upgraded from an
// older one is read by what it has now.
//
// # Reading
//
// A page is a list of ids and then a bounded number of statements that fetch all that belongs to them. The files are one
// for each thing. What may surprise:
//
//   - An order is written when the checkout shows its last step, with status 0, and gets another one when it is placed. One
//     with status 0 is delivered as deleted: it was never finished, or the shop has voided it.
//   - Amounts are in the shop's main currency. The buyer's are these times the rate written with the order: totals rounded to
//     the places of the currency, lines to the four places that the shop keeps.
//   - Lines are kept before coupons and reward points, which are rows of the order's totals. They are taken off all lines in
//     proportion, also where a coupon was for some products only: which ones is not kept. Gift vouchers and store credit are
//     means of payment, and no discount.
//   - Prices are kept without tax, and are shown with it where config_tax says so. Then they are delivered as a guest in the
//     shop's own country sees them.
//   - Up to 3.0 a product comes in variants by its options, from 4.0 on also by products of their own (see option.go and
//     variant.go).
//   - Times are the shop's wall clock. The zone is config_timezone or, in shops without that setting, [Config.Zone].
//   - There are no refunds but a status that says so; see status.go. Nor is there a date of payment, but the order's history
//     tells when a status came; it has no index on the order, and is read where the shop's owner has added one:
//     ALTER TABLE oc_order_history ADD INDEX (order_id).
//
// # Following
//
// A poll is a few bounded ranges of primary keys; OpenCart has hardly any other index. So long may a change take:
//
//   - A new order, account, product or cart, and any change of an order's status: the next poll. Statuses are heard from
//     order_history, which only grows; from 4.1 on nothing else tells of them.
//   - An edited order: the next poll, for OpenCart writes history with each edit. An edit that moves only date_modified: a
//     minute, in a shop of 5,000 orders, and a minute more for each 60,000. One that leaves no trace at all: 20 minutes among
//     the newest 1,000 orders, else the night.
//   - The price of a product: a minute in a shop of 5,000. Its stock: the next poll after a sale. What is left to a date, such
//     as a reduction that begins today: 20 minutes for each 1,000 products.
//   - An account or its consent has no time of change. A new address, and what the shop records as activity, is in the next
//     poll; else all accounts are walked over, 200 a poll: 2,000 take a minute, 100,000 three quarters of an hour. Carts are
//     walked over the same way.
//
// What was deleted for good is left to reconciling, as are edits past OpenCart to what is old.
package opencart
