// Package follow finds the rows of a shop's tables for the adapters: all of them once, then what is new or has changed,
// in statements that are each a bounded range of an index the shop has. Before that it finds out what the names of the
// tables begin with ([Prefix]). An adapter says in a [Source] where its rows are and which traces the platform leaves of a
// change, and turns ids into rows; [Read] does the rest of the contract of package adapters: paging, watermarks, overlaps,
// and what a cursor says.
//
// A source is read in stages. The history is read by id. Then every poll walks through these:
//
//   - New rows are found by their id, in the primary key, whatever their times.
//   - Changed rows are found by (time of change, id). Each poll goes back over the newest 100 changes of the last five
//     minutes, for what was committed late or is still being written; what has become older than five minutes is
//     delivered once more. So a tool that stamps thousands of rows with one second has them delivered three times, not
//     at every poll. Where the time has no index, only the newest ids are followed by it, and the others are swept.
//   - Feeds are tables that only grow and name rows which changed; they are read by their own key.
//   - A sweep walks over all rows, a step a poll, for changes that no index finds, at most once a minute.
//   - A roll gives a few of the newest rows again each minute, whatever they are, for changes that leave no trace.
//
// What leaves no trace and is not among the newest is found by reconciling: [Source.Digests] sums ranges of ids up in the
// shop's own database, and [Source.Range] reads such a range again.
//
// Where a shop moves old rows to an archive ([Source.Archive]), they stay rows of the stream: they are in its history, its
// digests and its ranges. That they were moved is no change.
//
// Times are compared as the column holds them, so a column in the shop's local time is as good as one in UTC, but for the
// hour that a change of the clocks repeats: what changes in it may wait for a sweep, a roll or the night. Only a sweep
// compares them with the clock, and must be told the zone.
package follow
