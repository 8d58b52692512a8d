package store

import (
	"database/sql"
	"errors"

	"github.com/go-sql-driver/mysql"
)

// ErrNotFound is what every room returns, wrapped, when something asked for by its id does not exist.
var ErrNotFound = errors.New("not found")

// NotFound turns the driver's "no rows" into [ErrNotFound] and leaves every other error as it is.
func NotFound(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// Server error numbers, the same on MySQL and MariaDB.
const (
	errDuplicate = 1062
	errLockWait  = 1205
	errDeadlock  = 1213
)

// IsDuplicate says whether err is the refusal of a second row with the same unique key.
func IsDuplicate(err error) bool { return hasNumber(err, errDuplicate) }

// IsRetryable says whether the same transaction may well succeed when it is run again from its beginning: it was the
// victim of a deadlock (on Galera also: of a conflicting write on another node) or waited too long for a lock.
func IsRetryable(err error) bool { return hasNumber(err, errDeadlock, errLockWait) }

func hasNumber(err error, numbers ...uint16) bool {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return false
	}
	for _, n := range numbers {
		if e.Number == n {
			return true
		}
	}
	return false
}
