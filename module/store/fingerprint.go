package store

import (
	"time"

	"github.com/shopspring/decimal"
)

// Fingerprint is a 64-bit digest (FNV-1a) of a row's content. Kept beside the row, it tells whether what a shop delivers
// differs from what is mirrored, without reading the row. It is the same in every process and version; changing what
// goes into one, or in what order, makes each row be written once more. Two contents of the same row that share one by
// chance (1 in 2^64) would hide a change; it is no protection against somebody who wants that.
type Fingerprint uint64

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// NewFingerprint is the digest of nothing. It is never 0, and neither is any other in practice: 0 in a table means that
// the row's content is not known.
func NewFingerprint() Fingerprint { return fnvOffset }

// Text adds s and its end, so that "a", "bc" and "ab", "c" differ.
func (f Fingerprint) Text(s string) Fingerprint {
	for i := range len(s) {
		f = (f ^ Fingerprint(s[i])) * fnvPrime
	}
	return (f ^ 0xff) * fnvPrime // no byte of UTF-8
}

// Int adds n.
func (f Fingerprint) Int(n int64) Fingerprint {
	for shift := 0; shift < 64; shift += 8 {
		f = (f ^ Fingerprint(n>>shift&0xff)) * fnvPrime
	}
	return f
}

// Bool adds b.
func (f Fingerprint) Bool(b bool) Fingerprint {
	if b {
		return (f ^ 1) * fnvPrime
	}
	return f * fnvPrime
}

// Decimal adds d's value: 1.5 and 1.50 are the same.
func (f Fingerprint) Decimal(d decimal.Decimal) Fingerprint { return f.Text(d.String()) }

// Time adds t to the microsecond. The zero time is a value of its own.
func (f Fingerprint) Time(t time.Time) Fingerprint {
	if t.IsZero() {
		return f.Bool(false)
	}
	return f.Bool(true).Int(t.UnixMicro())
}

// Sum is the digest, as it goes into a BIGINT UNSIGNED.
func (f Fingerprint) Sum() uint64 { return uint64(f) }
