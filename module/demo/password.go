package demo

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// WordPress 6.8 (wp_hash_password in wp-includes/pluggable.php): bcrypt over the base64 of an HMAC-SHA384 of the trimmed
// password, marked with $wp. Both directions here agree with it.

const wordPressMark = "$wp"

func preHash(password string) []byte {
	m := hmac.New(sha512.New384, []byte("wp-sha384"))
	m.Write([]byte(strings.TrimSpace(password)))
	return []byte(base64.StdEncoding.EncodeToString(m.Sum(nil)))
}

// hashPassword hashes a password as WordPress would.
func hashPassword(password string) (string, error) {
	h, err := bcrypt.GenerateFromPassword(preHash(password), bcrypt.DefaultCost)
	if err != nil {
		return "", fmt.Errorf("demo: hash a password: %w", err)
	}
	return wordPressMark + strings.Replace(string(h), "$2a$", "$2y$", 1), nil
}

// samePassword tells whether the hash was made from the password. Hashes of other kinds never match.
func samePassword(hash, password string) bool {
	rest, ok := strings.CutPrefix(hash, wordPressMark)
	return ok && bcrypt.CompareHashAndPassword([]byte(rest), preHash(password)) == nil
}

// newKey is a random word for order keys, as long as WooCommerce's.
func newKey() string { return rand.Text()[:13] }
