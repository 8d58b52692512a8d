package storetest

import (
	"database/sql"
	"fmt"
	"testing"
)

// MakeUser makes a user who has the right, "SELECT ON shop.*", and no other, until the test ends. It fails on a server
// that lets us make none.
//
// The user is made at localhost too: a server as its installer leaves it may have an anonymous user there, who would
// answer in place of one that is at % only.
func MakeUser(t testing.TB, server *sql.DB, name, password, right string) error {
	t.Helper()
	for _, host := range []string{"%", "localhost"} {
		if _, err := server.Exec(fmt.Sprintf("CREATE USER '%s'@'%s' IDENTIFIED BY '%s'", name, host, password)); err != nil {
			return fmt.Errorf("making user %s at %s: %w", name, host, err)
		}
		t.Cleanup(func() { _, _ = server.Exec(fmt.Sprintf("DROP USER '%s'@'%s'", name, host)) })
		if _, err := server.Exec(fmt.Sprintf("GRANT %s TO '%s'@'%s'", right, name, host)); err != nil {
			t.Fatalf("granting %s: %v", right, err)
		}
	}
	return nil
}
