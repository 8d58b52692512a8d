package predict

import "fmt"

// TooFewError says what the data lack for an answer.
type TooFewError struct {
	What  string // "customers who bought again"
	Has   int
	Needs int
}

func (e *TooFewError) Error() string {
	return fmt.Sprintf("there are %d %s, and at least %d are needed", e.Has, e.What, e.Needs)
}

// HistoryError says that a history cannot be.
type HistoryError struct {
	Index int
	Err   error
}

func (e *HistoryError) Error() string { return fmt.Sprintf("history %d: %v", e.Index, e.Err) }

// Unwrap gives what is wrong with it.
func (e *HistoryError) Unwrap() error { return e.Err }

// Reason is why a fit is not what was asked for.
type Reason string

// The reasons.
const (
	NoDropout Reason = "no_dropout" // the data fit no better with customers who leave than without
	Diverged  Reason = "diverged"   // the likelihood grows without end: parameters run away
)

// Degenerate says that a fit was replaced, and by what.
type Degenerate struct {
	Reason  Reason `json:"reason"`
	Instead string `json:"instead"` // KindNBD, Limit, Winsorised or Shrunken
}
