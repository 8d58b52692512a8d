package importer

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net"

	"github.com/go-sql-driver/mysql"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// StopError says why a step stopped on its way, and what to do. Key and Args name the sentence in [Locales]; the cause is
// for logs.
type StopError struct {
	Key  string `json:"key"`
	Args []any  `json:"args,omitempty"`
	Err  error  `json:"-"` // nil: it is not known any more
}

func (e *StopError) Error() string {
	if e.Err == nil {
		return e.Say(english())
	}
	return e.Say(english()) + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *StopError) Unwrap() error { return e.Err }

// Say says it in a reader's language, by a printer whose catalogue has [Locales].
func (e *StopError) Say(p *locale.Printer) string { return p.T(e.Key, inWords(p, e.Args)...) }

// DamagedError is a row of an import that is not stored as it was written.
type DamagedError struct {
	ImportID int64
	Line     int
	Err      error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("line %d of import %d is damaged: %v", e.Line, e.ImportID, e.Err)
}

// Unwrap gives what is wrong with it.
func (e *DamagedError) Unwrap() error { return e.Err }

// stopped says what to tell of an error that ended a step.
func stopped(err error) *StopError {
	var wrong *SettingsError
	var damaged *DamagedError
	var denied *staff.DeniedError
	var unreachable *net.OpError
	switch {
	case errors.As(err, &wrong):
		return &StopError{wrong.Key, wrong.Args, err}
	case errors.As(err, &damaged):
		return &StopError{"importer.stop.damaged", []any{"line", damaged.Line}, err}
	case errors.As(err, &denied):
		return &StopError{"importer.stop.denied", nil, err}
	case errors.Is(err, store.ErrLeaseLost):
		return &StopError{"importer.stop.lease", nil, err}
	case store.IsRetryable(err):
		return &StopError{"importer.stop.locked", nil, err}
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn), errors.As(err, &unreachable):
		return &StopError{"importer.stop.database", nil, err}
	}
	return &StopError{"importer.stop.program", nil, err}
}

// stoppedBefore is what was told of an error, as it is stored.
func stoppedBefore(text string) *StopError {
	stop := new(StopError)
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), stop); err != nil || stop.Key == "" {
		return stopped(errors.New(text))
	}
	return stop
}
