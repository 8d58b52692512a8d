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
package demo
