// Package segment turns a question about people ("ordered at least twice in 90 days, bought coffee, never a filter") into
// one SQL condition, counts and lists the people it selects, and keeps such questions under a name.
//
// A question is a [Tree]: groups (all, any, not) over conditions. Each kind of condition is one [Kind]: its fields, its
// SQL and its sentence. [Standard] holds the kinds this package brings; a room above adds its own by giving them to [New],
// without a change here. The compiler, the strict JSON reader, the sentence and the panel's form are all driven by the
// kinds' fields.
//
// What a question means:
//
//   - People are live profiles: neither merged into another nor erased. Orders of every attached shop count.
//   - Orders that count are those of [purchase.Counting], paid, completed or refunded, and not deleted in the shop.
//   - Money is net of refunds, in the one currency the condition names.
//   - "Days" are spans of 24 hours back from the moment of asking. Dates are whole days in the shop's time zone, both ends
//     included. An order without a time is in no time frame.
//   - Whoever lacks what a condition asks for does not meet it; the opposite is asked for with "not".
//   - Conditions without a time frame read insight's facts and so lag a change by the seconds insight does.
//
// Text from a tree reaches the server only as an argument, never as SQL.
//
// The package owns crm_segments. The panel, `kupec segment`, newsletter and flow call it; delivery freezes an audience
// with the [Query] it compiles.
package segment
