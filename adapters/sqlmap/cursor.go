package sqlmap

import (
	"fmt"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

// A cursor is package follow's, and behind it the fingerprint of what the file says of the stream. So a corrected file has
// the stream read from its beginning, and no row of the mirror keeps what the mistake made of it.

func (sec *section) seal(c adapters.Cursor) adapters.Cursor {
	return c + adapters.Cursor(fmt.Sprintf("-%08x", sec.print))
}

// open gives what was sealed.
func (sec *section) open(c adapters.Cursor) (adapters.Cursor, error) {
	if c == "" {
		return "", nil
	}
	inner, ok := strings.CutSuffix(string(c), string(sec.seal("")))
	if !ok || inner == "" {
		return "", fmt.Errorf("%s: %w: %q is not one of %s as the file has them now; begin again with an empty one", platform, adapters.ErrCursor, foreign.Cut(string(c)), sec.name)
	}
	return adapters.Cursor(inner), nil
}
