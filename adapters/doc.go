// Package adapters says what Kupec needs to know about a shop, and nothing about how a shop stores it.
//
// A platform is attached by implementing [Shop] in a package of its own (adapters/woocommerce is the model) and
// running adapters/adaptertest against it. Further abilities are further small interfaces, found by type assertion:
// [CategoryReader], [Counter], [CartReader], [SubscriberReader], [Auditor]. What adapters share is here: [Open] makes the
// pool they read from, [Privileges] tells
// kupec doctor whether its user has more rights than it should, [QueryError] puts a database's complaint into words that
// people can act on. Two packages do what is the same everywhere: adapters/follow finds the tables' prefix, new and changed
// rows, sums ranges up and keeps cursors; adapters/foreign reads the numbers, dates, HTML and serialised lists of PHP shops. With them an
// adapter is its tables, its meaning of them, and little else.
//
// Package intake is who calls adapters, every few seconds; nobody else should.
//
// # Contract
//
// The rules below hold for every method; intake relies on each of them.
//
//  1. An adapter only ever SELECTs. It is handed a pool opened by [Open], which refuses writes.
//  2. Methods are safe for concurrent use, hold no state between calls but what a [Cursor] says (what never changes, such
//     as a table prefix that was found out, may be remembered), and return when ctx ends, with its error.
//  3. Paging: the empty [Cursor] starts at the very beginning. While the history is being read, rows come in ascending
//     order of the shop's own key. [Page.Next] is kept by the caller, also over restarts and upgrades, and handed back
//     word for word. When [Page.More] is false the caller has everything there is now and asks again later, with the
//     same Next; from then on pages deliver what was added or changed since, in order of change, reaching back by an
//     overlap so that rows which were committed late are not missed. The watermark for that is taken before the first
//     row of the history is read. A row may be delivered more than once; it must then be the whole row. A poll without
//     news is cheap and delivers hundreds of rows at most, also when a tool has stamped thousands with one second: the
//     place among changes is (time, id), never time alone. A new order or account is in the next poll. A change that the
//     platform keeps no indexed time for may take longer; the adapter's package comment says how long.
//  4. A page holds at most limit rows, good and bad together, and fewer where the adapter has a lower limit of its own. A
//     page may be empty and still have More (all its rows were bad or not orders). The same cursor of a shop that has not
//     changed gives the same page.
//  5. Times are UTC. A zero time means the shop does not know ("0000-00-00" is such a one).
//  6. Money is decimal text with a dot, as exact as the shop keeps it, without needless zeros ("12.5"), in the currency of
//     the row. Order totals include tax and shipping; a line's total is after discounts, with tax. Refund amounts are
//     positive. What went back is no line of the order.
//  7. Text is what a person would read: entities and serialised forms are decoded, tags are removed.
//  8. A guest's order has no CustomerKey, but has the address and phone that were typed in. An account that was deleted
//     is none: its orders are a guest's.
//  9. A status nobody knows is [StatusOther]; RawStatus always holds the shop's own word.
//  10. What the shop has deleted, binned, or never finished placing (drafts of a checkout) is delivered with Deleted set
//     where the shop still shows it, so that a mirror made earlier can follow. What vanished without a trace is found by
//     reconciling, not by following.
//  11. A row that cannot be read goes to [Page.Bad] with its key, the reason in words and its raw values; the rest of the
//     page is delivered. Only what stops the whole page (lost connection, missing table) is an error.
//  12. What is a set is one line, priced once: the parts that a platform lists beside it are no lines.
//  13. Keys are integers where an [Auditor] is to compare them; cursors of another adapter, stream or version fail with
//     [ErrCursor].
package adapters
