// Package job runs the program's background work: rows in the database, leased by one of any number of processes, with
// progress that screens can show and a checkpoint from which a crashed run goes on.
//
// It owns crm_jobs. It promises: a job that was enqueued in a committed transaction runs at least once and, while its
// process lives, in one process only; a process that dies loses its lease, and another takes the job up with its last
// checkpoint; a failing job is tried again with growing pauses, up to its limit, and then keeps its error for people to see. Since a job can
// run twice around a crash, a handler's own writes must bear repetition.
//
// Rooms register handlers by kind; the daemon starts the [Queue].
package job
