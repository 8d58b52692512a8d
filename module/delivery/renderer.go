package delivery

import "context"

// Renderer makes the messages of one kind of mailing. It is called by many goroutines at once, with batches of some
// dozens of recipients; what is the same for all of a mailing it should keep, by Mailing.ID.
type Renderer interface {
	// Render gives one result for each recipient, in the same order. A result's Err leaves that person out (see
	// [Rendered]); Render's own error, for example a lost database, leaves the whole batch queued and is tried again.
	Render(ctx context.Context, mailing Mailing, batch []Recipient) ([]Rendered, error)
}

// Rendered is one person's message, or why there is none: a [*SkipError] skips the delivery with its reason, any other
// error with [ReasonNotRendered]. When nobody's message in a whole batch could be made, the mailing is paused instead.
type Rendered struct {
	Message Message
	Err     error
}
