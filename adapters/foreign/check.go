package foreign

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
)

// Check collects what is wrong with one row while it is being read, so that the reading needs no branch for each field.
type Check struct {
	raw    map[string]string
	reason string // the first thing that is wrong
}

// NewCheck begins with the values that people will want to see if the row is set aside. The map is kept.
func NewCheck(raw map[string]string) *Check { return &Check{raw: raw} }

// Failed says whether something was wrong.
func (c *Check) Failed() bool { return c.reason != "" }

// Row is the row as it is to be set aside.
func (c *Check) Row(key string) adapters.BadRow {
	for name, text := range c.raw {
		if text == "" {
			delete(c.raw, name)
		}
	}
	return adapters.BadRow{Key: key, Reason: c.reason, Raw: c.raw}
}

// Fail keeps the first reason; text is the value that does not fit.
func (c *Check) Fail(field, text string, err error) {
	if c.reason == "" {
		c.reason = fmt.Sprintf("%s: %v.", field, err)
	}
	c.raw[field] = text
}

// Number reads a decimal; see [Decimal].
func (c *Check) Number(field, text string) decimal.Decimal {
	d, err := Decimal(text)
	if err != nil {
		c.Fail(field, text, err)
	}
	return d
}

// Time reads a DATETIME meant in zone, or UTC where that is nil.
func (c *Check) Time(field, text string, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	t, err := Time(text, zone)
	if err != nil {
		c.Fail(field, text, err)
	}
	return t
}

// Unix reads seconds since 1970; see [Unix].
func (c *Check) Unix(field, text string) time.Time {
	t, err := Unix(text)
	if err != nil {
		c.Fail(field, text, err)
	}
	return t
}

// Currency reads a code of ISO 4217.
func (c *Check) Currency(field, text string) string {
	s := strings.ToUpper(strings.TrimSpace(text))
	if len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		c.Fail(field, text, fmt.Errorf("%q is not the code of a currency", Cut(text)))
	}
	return s
}
