// Package segment turns a question about people ("ordered at least twice in 90 days, bought coffee, never a filter") into
// one SQL condition, counts and lists the people it selects, and keeps such questions under a name.
//
// A question is a [Tree]: groups (all, any, not) over conditions. Each kind of condition is one [Kind]: its fields, its
// SQL and its sentence. [Standard] holds the kinds this package brings; a room above adds its own by giving them to [New],
// without a change here, most simply as an [Event]: something that happens to people at moments and is counted. The
// compiler, the strict JSON reader, the sentence and the panel's form are all driven by the kinds' fields.
//
// What a question means:
//
//   - People are live profiles: neither merged into another nor erased. Orders of every attached shop count.
//   - Orders that count are those of [purchase.Counting], paid, completed or refunded, and not deleted in the shop.
//   - Money is net of refunds, in the one currency the condition names.
//   - "Days" are spans of 24 hours back from the moment of asking. Dates are whole days in the shop's time zone, both ends
//     included. An order without a time is in no time frame.
//   - Whoever lacks what a condition asks for does not meet it; the opposite is asked for with "not".
//   - What insight works out, every few seconds or each night, is as old as that: how often and when somebody ordered,
//     habits, stage, rank, group, outlook, what is used up. What was bought, and the sums of a time frame, are of the moment.
//   - A condition may rest on another segment, as that is when this one is asked. Segments that rest on each other in a
//     circle are refused.
//
// Text from a tree reaches the server only as an argument, never as SQL.
//
// Speed comes from asking narrow tables first: facts hold one row a person, purchase keeps which products each person bought
// and when their latest orders were. Where those cannot answer, orders are read by person from an index that has all sums.
// MariaDB and MySQL run "p.id IN (SELECT …)" as one pass over the inner table or as look-ups, as their statistics say; a
// new kind does best in that form.
//
// Who is in a saved segment is kept, with who entered, who left and how many there were on each day ([Segments.Follow]):
//
//   - All segments are followed each night; those that a room above says it uses ([User]: newsletters that are being written
//     or planned) each hour; one that is new or was edited at once. One that is put away and not used is not followed.
//   - An edit begins a new edition, whose first people entered nothing: the question changed, and not the people.
//   - A profile that went into another hands its place on. Whom the staff merged or parted since the last look neither enters
//     nor leaves. Whoever is erased is taken out, and what they did stays as nobody's.
//   - [Listener] is told of each entry exactly once, in the transaction that writes it down.
//   - Membership is asked for all shops: any shop's consent counts, and dates are in the first shop's zone.
//
// Two or three saved segments are compared as they are now ([Segments.Compare]). A backtest ([Segments.Backtest]) asks who
// would have been in one on the first of each month, and what they bought in the 30 days after: [Vocabulary.AsOf] turns
// the question into one about dates before that day. Only what orders and registrations tell can be asked of the past;
// any other condition is named by a [*PastError] instead of a false number.
//
// The package owns crm_segments, crm_segment_editions, crm_segment_members, crm_segment_moves, crm_segment_sizes and
// crm_segment_backtests. The panel, `kupec segment`, newsletter and flow call it; delivery freezes an audience
// with the [Query] it compiles.
package segment
