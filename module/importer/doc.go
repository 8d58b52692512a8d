// Package importer takes in people from a file: a list of customers, the subscribers of another program.
//
// It owns crm_imports, crm_import_rows and crm_import_parts. The panel's wizard and `kupec import` walk an import through
// its states:
//
//	receiving  [Importer.Part] keeps the file as a browser sends it; `kupec import` has it at hand
//	staging    [Importer.Read] copies the file's rows as they are, or could not
//	draft      the rows are there ([Importer.Stage] begins here), and it is guessed what the columns mean
//	checked    [Importer.Check] has told of each row what it would do, and written nothing else
//	done       [Importer.Apply] has done it
//	undone     [Importer.Undo] has taken it back
//
// Settings can be changed, and the check made anew, until it is applied. Each step goes through the rows in batches of one
// transaction, leaves its mark on each row, and so goes on where it was when the process dies; nothing is done twice.
// While the database works on a batch the next one is read, and people whom nobody knew are founded in two batches at a time.
//
// A row is a person by its e-mail address. One whom nobody knows is new; one who is known is updated, part by part: what
// is blank is filled and, where staff want it, what is known replaced, but never what the shop's account says of itself.
// A row that only looks like somebody (the same phone number, the same name and postcode, with another address) is
// doubtful, and left out unless staff say otherwise. A row that cannot be read is bad: [Importer.Rest] gives those back as
// a file with the reason beside each.
//
// Consent comes in only by the word of who imports: with its source, and with its time from a column or for all rows. It
// never speaks against what a person told the shop.
package importer
