// Package demo is a shop to try Kupec on: "Skodelica", coffee and tea from Ljubljana. It owns no table of the CRM; what it
// writes is a WooCommerce database with high-performance order storage, column for column, in a database of its own.
//
//   - Generate writes the shop with three years of trade, of any size. It promises that the same Config gives the same rows.
//     Every account's password is Password.
//   - Live goes on placing orders and registrations, so that the panel moves.
//   - NewStorefront is the shop's face: server-rendered pages that write what WooCommerce would.
//
// The program's demo command calls all three; benchmarks and tests call Generate. No other room may import this one.
//
// # What there is to find in the trade
//
// Five kinds of buyers (espresso, filter, moka, tea, presents) with a rhythm each: beans come back every three to six weeks.
// Machines go with descaler and water filters, each dripper with its own paper, pots with tea, and some buyers come back for
// a grinder (basket.go). Everybody lapses once, most of them early (plan.go). Dead ends are there too: products that are
// drafts, hidden, sold out, or deleted while old lines still name them; guests whose address belongs to an account, in other
// letters; refunds, a status from a plugin, the bin, checkouts never finished.
//
// # The storefront's pages and identifiers, for browser tests
//
// Element ids are the names of the fields, where not said otherwise. Every POST form carries a hidden csrf field from its page.
//
//	/                           front; #home #my-account #cart-link #cart-count on every page
//	/product-category/{slug}/   #products
//	/product/{slug}/            #product-name #price; form #cart-form: variation_id (radio, #variation-{id}), quantity, button #add-to-cart;
//	                            with JavaScript the page stays and #in-cart appears, without it /cart/ follows
//	/cart/                      #cart-lines #cart-sum; fields qty_{id}, buttons remove={id} and #update-cart, link #checkout
//	/checkout/                  form #checkout-form: billing_first_name billing_last_name billing_email billing_phone billing_address_1
//	                            billing_postcode billing_city billing_country order_comments coupon_code payment_method (#payment-card
//	                            #payment-bacs #payment-cod) createaccount account_password; button #place_order; errors in #problem and #{field}-error
//	/order/{id}/?key=           #order-placed (just after the checkout) #order-id #order-status #order-total #order-refunded #order-lines;
//	                            form #refund-form: qty_{item} reason, buttons #refund-part #refund-whole
//	/my-account/                form #register-form: first_name last_name email password (#register-first_name and so on), button #register;
//	                            form #login-form: email password (#login-email #login-password), button #login;
//	                            signed in: #account-email #orders #logout
//	the foot of every page      form to <KupecURL>/s/subscribe: first_name (#subscribe-name) email (#subscribe-email) topic lang, the empty
//	                            trap website; button #subscribe
//	/wp-content/uploads/…       product pictures: .png as in _wp_attached_file, and the same as .svg
//
// A paid checkout (#payment-card) makes an order in wc-processing with date_paid, a bank transfer wc-on-hold, cash on delivery
// wc-processing without. utm_source, utm_medium and utm_campaign of a visit go into the order's attribution meta.
package demo
