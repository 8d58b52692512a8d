package predict

import "fmt"

// Lack names what there can be too little of, for catalogues.
type Lack string

// What there can be too little of.
const (
	FewCustomers Lack = "customers"
	FewRepeaters Lack = "repeaters" // customers who bought again
	FewEarly     Lack = "early"     // customers who bought before the hold-out
	FewReturned  Lack = "returned"  // customers who bought again before the hold-out
	FewValues    Lack = "values"    // customers who bought again for money
	FewDays      Lack = "days"      // of history
	FewGaps      Lack = "gaps"      // purchases after an earlier one
	FewRhythms   Lack = "rhythms"   // gaps of those who came three times
	FewVisits    Lack = "visits"    // purchase days of somebody
	FewReturns   Lack = "returns"   // customers with three purchase days who bought again
)

var lacks = map[Lack]string{
	FewCustomers: "customers",
	FewRepeaters: "customers who bought again",
	FewEarly:     "customers who bought before the last quarter of the history",
	FewReturned:  "customers who bought again before the last quarter of the history",
	FewValues:    "customers who bought again for money",
	FewDays:      "days of history",
	FewGaps:      "purchases after an earlier one",
	FewRhythms:   "gaps between purchases of those who came three times",
	FewVisits:    "purchase days",
	FewReturns:   "customers with three purchase days who bought again",
}

// TooFewError says what the data lack for an answer.
type TooFewError struct {
	Lack  Lack
	Has   int
	Needs int
}

func (e *TooFewError) Error() string {
	return fmt.Sprintf("there are %d %s, and at least %d are needed", e.Has, lacks[e.Lack], e.Needs)
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
