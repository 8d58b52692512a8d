// Package store is the base under all of Kupec's own tables: the connection pool, transactions that are tried again
// after a deadlock, keyset paging, and named leases.
//
// It owns the table crm_leases. Every other table belongs to exactly one room above; store knows none of them.
// All times that pass through are UTC, in microseconds, as MySQL's DATETIME(6) keeps them.
package store
