package woocommerce

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
)

// check collects what is wrong with one row while it is being read, so that the reading needs no branch for each field.
type check struct {
	raw    map[string]string
	reason string // the first thing that is wrong
}

func newCheck(raw map[string]string) *check { return &check{raw: raw} }

func (c *check) failed() bool { return c.reason != "" }

func (c *check) row(key string) adapters.BadRow {
	for name, text := range c.raw {
		if text == "" {
			delete(c.raw, name)
		}
	}
	return adapters.BadRow{Key: key, Reason: c.reason, Raw: c.raw}
}

// fail keeps the first reason; text is the value that does not fit.
func (c *check) fail(field, text string, err error) {
	if c.reason == "" {
		c.reason = fmt.Sprintf("%s: %v.", field, err)
	}
	c.raw[field] = text
}

func (c *check) number(field, text string) decimal.Decimal {
	d, err := parseDecimal(text)
	if err != nil {
		c.fail(field, text, err)
	}
	return d
}

// time reads a DATETIME meant in zone, or UTC where that is nil.
func (c *check) time(field, text string, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	t, err := parseTime(text, zone)
	if err != nil {
		c.fail(field, text, err)
	}
	return t
}

func (c *check) unix(field, text string) time.Time {
	t, err := parseUnix(text)
	if err != nil {
		c.fail(field, text, err)
	}
	return t
}

func (c *check) currency(field, text string) string {
	s := strings.ToUpper(strings.TrimSpace(text))
	if len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		c.fail(field, text, fmt.Errorf("%q is not the code of a currency", cut(text)))
	}
	return s
}
