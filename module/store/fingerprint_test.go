package store_test

import (
	"hash/fnv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/store"
)

func TestFingerprintsDifferWhereContentDoes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	seen := map[uint64]string{}
	for name, f := range map[string]store.Fingerprint{
		"nothing":              store.NewFingerprint(),
		"an empty text":        store.NewFingerprint().Text(""),
		"two empty texts":      store.NewFingerprint().Text("").Text(""),
		"a, bc":                store.NewFingerprint().Text("a").Text("bc"),
		"ab, c":                store.NewFingerprint().Text("ab").Text("c"),
		"no time":              store.NewFingerprint().Time(time.Time{}),
		"a time":               store.NewFingerprint().Time(at),
		"a microsecond later":  store.NewFingerprint().Time(at.Add(time.Microsecond)),
		"1.5":                  store.NewFingerprint().Decimal(decimal.RequireFromString("1.5")),
		"-1":                   store.NewFingerprint().Int(-1),
		"the largest of 8 bit": store.NewFingerprint().Int(255),
	} {
		if other, ok := seen[f.Sum()]; ok {
			t.Errorf("%s and %s have the same", name, other)
		}
		seen[f.Sum()] = name
	}
}

func TestFingerprintsAreEqualForEqualValues(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if store.NewFingerprint().Time(at) != store.NewFingerprint().Time(at.In(time.FixedZone("", 3600))) {
		t.Error("the same moment in two zones differs")
	}
	if store.NewFingerprint().Decimal(decimal.RequireFromString("1.50")) != store.NewFingerprint().Decimal(decimal.RequireFromString("1.5")) {
		t.Error("1.50 and 1.5 differ")
	}
	// Stored beside rows: another digest would have every installation write each row once more.
	want := fnv.New64a()
	want.Write([]byte("Kupec\xff\x07\x00\x00\x00\x00\x00\x00\x00\x01"))
	if got := store.NewFingerprint().Text("Kupec").Int(7).Bool(true).Sum(); got != want.Sum64() {
		t.Errorf("the digest itself has changed: %#x", got)
	}
}
