// Package sqlmap attaches a shop that has no adapter, by a YAML file that says which of its tables and columns are what
// package adapters asks for.
//
// examples/example.yaml explains the form of the file on a home-made shop of five tables ([Example] is its text);
// examples/sylius.yaml attaches Sylius 1.13 to 2.0 ([Sylius]). [New] understands a file without any I/O; [Shop.Describe]
// compares it with the live schema. Both tell all that is wrong at once, each with line and column, the path of the key,
// what stands there and the nearest names that exist: see [FileError].
//
// # What a file can say
//
// For each stream a table and its key, joined tables of which one row goes with each row, which rows count, and the
// contract's fields as values. A value is a column or a closed form put together of few words: first, concat, minor, unix,
// time, map, blank, add, subtract, times, when, and lookups (sum, min, max, count, earliest, latest), which make one value
// of another table's rows. It is not SQL, for three reasons:
//
//   - Only columns, lookups and where reach the database, and only as names in back quotes, digits and hexadecimal
//     literals around words of the program: nothing but a SELECT can come of a file, whoever wrote it. Checking SQL that
//     somebody wrote means parsing it as each server and version does.
//   - All else is worked out here, from the text that the columns hold, by the rules that the other adapters have: exact
//     decimals, zero dates, zones, mixed collations. The same file gives the same rows on each server and in each SQL mode.
//   - Each column is known by its place in the file. So a wrong name is told with its line and the nearest right one, a
//     DATETIME where money is wanted is told before the first row is read, and so is a join or a lookup that no index
//     serves. A digest sums up just what is read.
//
// Literals stand in the statements themselves because conditions become part of package follow's, which take no
// arguments; they have no letter that could end them.
//
// Keys must be whole numbers and primary keys. A shop with others, such as Shopware with its binary UUIDs, needs an adapter
// of its own, and is told so with the column.
//
// # Following
//
// Package follow finds changes by what file and schema offer. How long they may take:
//
//   - A new row is found by its key, in the next poll.
//   - A change of the column changed: with an index that begins with it, or that has it behind a column of at most 30
//     different values (Sylius's orders: state, updated_at), in the next poll. Without one, in the next poll among the
//     newest 10,000 rows; others are swept, 5,000 keys a poll, once a minute.
//   - A row added to one of feeds, or to the refunds of orders, in the next poll.
//   - What none of these shows: the newest rows are read again in turn, 50 a minute, as many as recheck says (1,000; of
//     products all). Of 1,000 products a new price in Sylius, which moves no time, arrives within 20 minutes.
//   - The rest, and what was deleted for good, is found by reconciling.
//
// A cursor holds the fingerprint of what the file says of its stream: after a correction the stream is read from its
// beginning, and rows of the mirror which the mistake made are made anew.
package sqlmap
