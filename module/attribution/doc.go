// Package attribution knows what people did with the mail they got, and which orders followed from it.
//
// It owns the tables crm_links (the addresses that a mailing links to), crm_touches (each click and each opening, as it
// came in, with a verdict) and crm_credits (which order is owed to which mailing). newsletter asks it for the addresses
// to put into messages, storefront resolves and records what comes back, admin reads [Tracker.Results].
//
// What it promises:
//
//   - An address in a message is a signed token: nobody can make one that leads elsewhere, for the target stands in
//     crm_links and the token only names it.
//   - A click counts as a person's unless it looks like a machine's: a scanner's name or no name at all, a click within
//     five seconds after the message was accepted, three different links of one message within three seconds. HEAD
//     requests are no clicks. Touches are kept as they came, with verdict and rule, so that rules can change later.
//   - An order that counts (paid, completed, refunded; not deleted), placed within five days after its person's latest
//     human click, is credited to that click's mailing: each order once at most. Credits follow merges and undone links
//     of profiles, and money is taken from the orders when it is asked for, so that a later refund or deletion shows.
//   - An opening is unverified: mail programs load pictures by themselves. Nothing is decided by openings.
package attribution
