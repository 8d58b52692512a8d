package insight

import (
	"database/sql/driver"
	"fmt"
	"math"
	"time"
)

// epoch is the day 1970-01-01 as TO_DAYS counts.
const epoch = 719_528

// date is a DATE as days since 1970-01-01, so that rows can be compared.
type date int32

// Value writes the date as SQL does.
func (d date) Value() (driver.Value, error) { return dateOf(int32(d)).Format(time.DateOnly), nil }

// Scan reads what the driver makes of a DATE.
func (d *date) Scan(from any) error {
	t, ok := from.(time.Time)
	if !ok {
		return fmt.Errorf("reading a date from a %T", from)
	}
	*d = date(dayOf(t))
	return nil
}

func (d date) time() time.Time { return dateOf(int32(d)) }

func dayOf(t time.Time) int32    { return int32(t.Unix() / 86400) }
func dateOf(day int32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// dateAfter is the day by whose beginning a moment has come, so that what is due is never due on a day that is known.
func dateAfter(day float64) time.Time { return dateOf(int32(math.Ceil(min(day, lastDay)))) }
