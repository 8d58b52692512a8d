// Package bench measures Kupec on a generated shop of any size, beside the least that could do the same work: plain SQL
// over the same tables, and plain go-mail to the same server. What counts is the ratio of the two, taken in one run on
// one machine, in turns; the figures themselves say as much about the machine.
//
// [Run] makes two databases of its own on the server it is given, and drops them at the end, also when it is stopped. It
// goes through the parts of [Parts] in order; each later part needs what the earlier ones made, so Config.Only leaves out
// measuring but not making. Where the two sides answer the same question, a different answer is an error, not a figure.
//
// The mail server that both sides send to runs as a process of its own ([Sink]), so that the processor time it takes is
// nobody's.
//
// It is a tool: it may know any room and go-mail, and SQL is written by hand here only to be compared with. The daemon's
// command bench calls it, and nobody else.
package bench
