// Package token makes the short signed texts that stand in addresses Kupec sends out: who clicked, who wants to
// unsubscribe, which address confirms a subscription. A token says nothing but numbers, cannot be forged or used for
// another purpose than it was made for, and may end at a time.
//
// Form: base64url of version, expiry and values as varints, then the first 16 bytes of HMAC-SHA256 under a key derived
// from the installation's secret and the purpose (HKDF, RFC 5869).
package token

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"
)

// MinSecret is the fewest bytes a secret may have.
const MinSecret = 32

const (
	version  = 1
	macSize  = 16
	maxText  = 256
	maxCount = 16
)

// ErrInvalid says that a token is not ours, was changed, or was made for something else.
var ErrInvalid = errors.New("the link is damaged or was not made here")

// ErrExpired says that a token is ours and its time is over.
var ErrExpired = errors.New("the link's time is over")

// Signer makes and checks tokens. It is safe for concurrent use.
type Signer struct {
	secret []byte
	keys   sync.Map // purpose -> []byte
}

// NewSigner takes the installation's secret, of at least [MinSecret] bytes.
func NewSigner(secret []byte) (*Signer, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("the secret has %d bytes, at least %d are needed: set KUPEC_SECRET to a long random text", len(secret), MinSecret)
	}
	return &Signer{secret: append([]byte(nil), secret...)}, nil
}

// Sign makes a token of values for the purpose, valid until expires (to the second), or for ever when that is zero.
func (s *Signer) Sign(purpose string, expires time.Time, values ...int64) string {
	if len(values) > maxCount {
		panic(fmt.Sprintf("token: %d values", len(values)))
	}
	body := make([]byte, 0, 32)
	body = append(body, version)
	var until int64
	if !expires.IsZero() {
		until = expires.Unix()
	}
	body = binary.AppendVarint(body, until)
	for _, v := range values {
		body = binary.AppendVarint(body, v)
	}
	return base64.RawURLEncoding.EncodeToString(append(body, s.mac(purpose, body)...))
}

// Verify gives the values of a token that was signed for the purpose, or [ErrInvalid], or [ErrExpired].
func (s *Signer) Verify(purpose, text string, now time.Time) ([]int64, error) {
	if len(text) > maxText {
		return nil, ErrInvalid
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < 2+macSize {
		return nil, ErrInvalid
	}
	body, mac := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if !hmac.Equal(mac, s.mac(purpose, body)) || body[0] != version {
		return nil, ErrInvalid
	}
	var numbers []int64
	for rest := body[1:]; len(rest) > 0; {
		v, n := binary.Varint(rest)
		if n <= 0 {
			return nil, ErrInvalid
		}
		numbers = append(numbers, v)
		rest = rest[n:]
	}
	if until := numbers[0]; until != 0 && now.Unix() > until {
		return nil, ErrExpired
	}
	return numbers[1:], nil
}

func (s *Signer) mac(purpose string, body []byte) []byte {
	key, ok := s.keys.Load(purpose)
	if !ok {
		derived, err := hkdf.Key(sha256.New, s.secret, nil, "kupec token "+purpose, sha256.Size)
		if err != nil {
			panic(fmt.Sprintf("token: %v", err)) // only for lengths HKDF cannot give
		}
		key, _ = s.keys.LoadOrStore(purpose, derived)
	}
	h := hmac.New(sha256.New, key.([]byte))
	h.Write(body)
	return h.Sum(nil)[:macSize]
}
