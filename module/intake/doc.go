// Package intake drives the adapters: it copies each attached shop into the CRM once, whole, and follows it from there.
//
// It owns crm_shops, crm_streams and crm_quarantine. The daemon starts it ([Intake.Start]); `kupec sync --once` runs
// [Intake.Once]; the panel and `kupec status` read [Intake.Health].
//
// A shop is read as four streams, in this order: categories, products, customers, orders. A batch of rows and the
// stream's new place commit in one transaction, so that a crash at any moment loses nothing and repeats nothing that
// shows: reading the same rows twice gives the same tables. One process of many works on a shop, by a lease; a worker
// that lost its lease without noticing cannot commit, because its batch must find the stream's place as it left it.
//
// Foreign text is believed nowhere. Money, quantities, times, addresses and phones are normalised here, once. What
// identifies a row (keys, numbers, SKUs) must fit; what is only read by people (names, postal addresses, reasons) is
// cleaned and cut to fit. A row that cannot be normalised, or that the database refuses, is set aside in the quarantine
// with a reason that names the field, and leaves it when the shop delivers it in good health; it never blocks the rows
// behind it. An order whose e-mail or phone is no address or number is not set aside: it keeps the text as typed,
// and is linked by what else it has.
package intake
