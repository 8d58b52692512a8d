package token_test

import (
	"bytes"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/token"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func signer(t testing.TB, fill byte) *token.Signer {
	t.Helper()
	s, err := token.NewSigner(bytes.Repeat([]byte{fill}, token.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestATokenGivesItsValuesBack(t *testing.T) {
	t.Parallel()
	s := signer(t, 1)
	for _, values := range [][]int64{{1}, {12, 345678, 0}, {math.MaxInt64, math.MinInt64}} {
		got, err := s.Verify("click", s.Sign("click", time.Time{}, values...), now)
		if err != nil || !cmp.Equal(values, got) {
			t.Errorf("%v came back as %v, %v", values, got, err)
		}
	}
}

func TestATokenIsRefused(t *testing.T) {
	t.Parallel()
	s := signer(t, 1)
	good := s.Sign("click", now, 7)
	for _, tt := range []struct {
		name, purpose, text string
		by                  *token.Signer
		at                  time.Time
		want                error
	}{
		{"for another purpose", "unsubscribe", good, s, now, token.ErrInvalid},
		{"under another secret", "click", good, signer(t, 2), now, token.ErrInvalid},
		{"with a changed letter", "click", "B" + good[1:], s, now, token.ErrInvalid},
		{"cut short", "click", good[:len(good)-1], s, now, token.ErrInvalid},
		{"empty", "click", "", s, now, token.ErrInvalid},
		{"after its time", "click", good, s, now.Add(time.Second), token.ErrExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := tt.by.Verify(tt.purpose, tt.text, tt.at); !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestAShortSecretIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := token.NewSigner([]byte("short")); err == nil {
		t.Error("taken")
	}
}

func FuzzVerifyRefusesForeignText(f *testing.F) {
	s := signer(f, 1)
	f.Add("AQAO")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := s.Verify("click", text, now); err == nil {
			t.Errorf("%q gave %v", text, got)
		}
	})
}
