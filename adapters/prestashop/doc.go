// Package prestashop reads shops that run on PrestaShop 1.6, 1.7 and 8.
//
// It is seen to hold on the schemas of 1.6.1.24, 1.7.2.4, 1.7.8.11 and 8.2.1. What differs between them is asked of the
// tables' columns once for each version that the shop has had (see shape); [adapters.Info.Mode] says which of them it is:
// "1.6", "1.7", "1.7.7 and later".
//
// # Meaning
//
//   - An account is a row of customer that is no guest's. Each order without an account adds a guest's row, with the same
//     address again and again; those are read with their orders and never as accounts. Of who was deleted, the row may stay
//     (deleted) or go; either way the orders are a guest's from then on. The row that the module psgdpr gives the carts of
//     forgotten people to is nobody.
//   - What a state of orders means is said by the shop's settings (PS_OS_CANCELED, PS_OS_REFUND, PS_OS_ERROR and those that
//     wait for money) and else by its own flags: paid and shipped is completed, paid is paid, logable is pending. A state
//     without flags that no setting names is StatusOther. An order without a state was never finished.
//   - PaidAt and CompletedAt are when order_history first has a state that is paid, and one that is shipped as well. What was
//     "really" paid (total_paid_real, order_payment) is a multiple in many shops and is not looked at.
//   - Amounts are in the order's currency. Vouchers are kept with the order alone, so they are taken off its lines in
//     proportion. A credit slip is a refund; it has no reason.
//   - Prices are kept without tax. They are given as a visitor sees them: with the tax of the shop's country where the
//     visitors' group sees it, and with the reductions that anybody has for one piece now. Ecotax, and reductions for a whole
//     group of customers, are not in them.
//   - All is named in the shop's main language and for its default shop or, where that is missing or empty, as it is called
//     elsewhere.
//   - Times are the shop's zone's (PS_TIMEZONE), but for what the newsletter's module writes, which are the database server's.
//   - Who wants the newsletter is a flag of accounts and guests, and a table of the module's (emailsubscription, in 1.6
//     newsletter). A flag that is off, with a date, was withdrawn. The flag optin is for partners' offers, and is not read.
//   - A cart is open for [Config.CartAge] after it was touched last, unless it became an order.
//
// # Following
//
// PrestaShop has hardly an index on a time of change. Each file says at its source what is followed how; see package follow
// for what the words mean. How long a change takes, with a poll each five seconds:
//
//	new account, order, product, cart or subscriber      the next poll
//	an order's state, credit slip or added line          the next poll, however old the order
//	other edits of an order                              the next poll among the newest 5,000, else a sweep: a minute for each 60,000 orders
//	edits without a trace, of the newest 2,000 orders    the roll: 40 minutes for all
//	an account's data                                    the next poll among the newest 2,000, else a sweep: a minute for each 120,000 rows
//	an account's new address                             the next poll; one edited in place: a sweep
//	a product's data or price                            the next poll from 1.7.0 on; in 1.6 among the newest 1,000, else a sweep: a minute for each 24,000
//	what only one of several shops says of it            a sweep
//	stock by sales, new reductions                       the next poll; from 1.7.0 on stock by staff, too
//	other stock, reductions by the clock, taxes          the roll: a minute for each 50 products
//	carts                                                the next poll; with several shops among the newest 5,000, else a sweep
//	the newsletter's flag, by the account or staff       as an account's data
//	the flag, or the module's table, by the module       a minute for each 1,200 subscribers
//
// Rows that were deleted for good leave nothing: of orders, products and accounts, reconciling finds them; of the module's
// subscribers, reading from the beginning.
package prestashop
