// Package purchase mirrors what was bought: orders with their lines and refunds.
//
// It owns crm_orders, crm_order_lines, crm_refunds, and the open carts in crm_carts and crm_cart_lines; and what follows
// from the orders: crm_bought (which products each person bought) and crm_latest_orders (when a person's second to fifth
// latest orders were), which questions about people ask. Intake writes through [Book.Compare] and [Book.Write]; customer
// moves orders between profiles through [Book.Reassign] when identities are linked or unlinked; everybody else reads.
//
// Promises: totals equal the shop's own, per currency, to the cent, because amounts are stored as the shop has them
// and are never converted; an order that did not change is not written again; an order, its lines and its refunds
// change together, in the caller's transaction, and what follows from them with them; of a history being copied, when all of
// it is there ([Book.Digest]). An order belongs to an identity, and to the profile which that identity belongs to.
//
// Revenue is counted over orders in the states of [Counting], and is net of refunds unless said otherwise. Orders that
// the shop deleted or binned stay in the tables, marked, and count nowhere.
package purchase
