package staff

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
)

// Box encrypts secrets that must rest in the database, with AES-256-GCM under a key derived from the installation's
// secret.
type Box struct {
	aead cipher.AEAD
}

// ErrSealed says that a stored secret was sealed under another KUPEC_SECRET, or damaged.
var ErrSealed = errors.New("a stored secret cannot be opened: was KUPEC_SECRET changed?")

// NewBox derives the key for one purpose from the installation's secret.
func NewBox(secret []byte, purpose string) (*Box, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "kupec box "+purpose, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("preparing AES: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("preparing GCM: %w", err)
	}
	return &Box{aead}, nil
}

// Seal encrypts plain so that only the same context, such as the owner's id, opens it.
func (b *Box) Seal(plain, context []byte) []byte { return b.aead.Seal(nil, nil, plain, context) }

// Open gives back what was sealed under the same context, or [ErrSealed].
func (b *Box) Open(sealed, context []byte) ([]byte, error) {
	plain, err := b.aead.Open(nil, nil, sealed, context)
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// newToken is 256 random bits as text.
func newToken() string { return rand.Text() + rand.Text() }
