// Package intake drives the adapters: it copies each attached shop into the CRM once, whole, and follows it from there.
//
// It owns crm_shops, crm_streams, crm_lags, crm_quarantine, crm_accounts (what each account said last),
// crm_subscribers (what the shop's newsletter said last of each address), crm_audits and crm_reconciles. The daemon starts it
// ([Intake.Start]); `kupec sync --once` runs [Intake.Once], `kupec reconcile` [Intake.Reconcile]; the panel and `kupec status`
// read [Intake.Health], the panel [Intake.Lags] too.
//
// A shop is read as streams, in this order: categories, products, customers, orders, and where it has them carts and
// subscribers. Open carts are read from the beginning now and then, and those that did not come are forgotten. What a shop
// says of a subscriber becomes an entry of the consent ledger when it is new, never when it is repeated, and never
// against a later withdrawal or a suppression; one address on several lists is subscribed as long as one of them says so,
// and a flag that is off is a withdrawal only where it was on before. A batch of rows and the
// stream's new place commit in one transaction, so that a crash at any moment loses nothing and repeats nothing that
// shows: reading the same rows twice gives the same tables. One process of many works on a shop, by a lease; a worker
// that lost its lease without noticing cannot commit, because its batch must find the stream's place as it left it.
//
// A history is copied stream after stream, for each finds there what it refers to, but in stages that work side by side:
// pages are read ahead and normalised; people are linked, batch after batch, so that who is who depends on the shop's
// order of rows alone; and orders are stored while those of the next batch are linked. It comes out as if one row were
// taken after another. Ranges of keys are not read side by side: a history that is read by ranges has no place from which
// its changes could be followed, and would have to be read a second time.
//
// What no feed of changes shows (rows deleted without a trace, edits that leave no date, rows that were overlooked) is
// found by reconciling, each night and on demand. The shop sums its rows up by ranges of keys, and a range is read again
// where its sum, or the sum of its mirrored rows, is not what it was when both were last known to be equal. The shop's
// sum that is kept is the one from before the reading, so that a change in the meantime is found the next time. Whoever
// holds the shop's lease does it, between two looks for changes; what was asked for is a row, and goes on after a crash
// where it was. An order that is gone leaves revenue and keeps its lines; a person whose account is gone is a guest.
//
// A stream that fails holds up nobody else. Where the shop's tables are not what they were, its [Stream] shows
// [FailureDrift], and it is tried again every ten minutes, for somebody must do something first. A place that an adapter
// does not know any more begins its stream again; what is mirrored already is compared, not written. Rows in the
// quarantine are read again when the program's version changed, and when staff ask for it ([Intake.Retry]). What the
// shop's word for a status means can be overridden ([Source]); orders mirrored before follow when that changes.
//
// The shop comes first: while many threads run on its server, or it answers much slower than it used to, pages get smaller
// and pauses longer ([Load]), and its [Shop] says why. A history can be read from a replica.
//
// Foreign text is believed nowhere. Money, quantities, times, addresses and phones are normalised here, once. What
// identifies a row (keys, numbers, SKUs) must fit; what is only read by people (names, postal addresses, reasons) is
// cleaned and cut to fit. A row that cannot be normalised, or that the database refuses, is set aside in the quarantine
// with a reason that names the field, and leaves it when the shop delivers it in good health; it never blocks the rows
// behind it. An order whose e-mail or phone is no address or number is not set aside: it keeps the text as typed,
// and is linked by what else it has.
package intake
