package delivery

import (
	"errors"
	"fmt"
	"net/textproto"
	"strings"
)

// Step is a point of the conversation with a mail server.
type Step string

// The steps at which a server may refuse.
const (
	StepMail    Step = "MAIL"    // the sender
	StepRcpt    Step = "RCPT"    // the recipient
	StepData    Step = "DATA"    // before the content
	StepContent Step = "content" // after the final dot
)

// RefusedError is a mail server's refusal.
type RefusedError struct {
	Step     Step
	Code     int    // RFC 5321, 4.2: 400-499 temporary, 500-599 permanent
	Enhanced string // RFC 3463, "5.1.1"; empty when the server gives none
	Text     string // what the server said; it may name the recipient
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the mail server answered %d %s to %s", e.Code, strings.TrimSpace(e.Enhanced+" "+e.Text), e.Step)
}

// Temporary says whether the same message may be taken later.
func (e *RefusedError) Temporary() bool { return e.Code < 500 }

// refusal reads a reply that is not the one hoped for; nil when err is none of the server's words but a lost connection.
func refusal(step Step, err error) *RefusedError {
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return nil
	}
	e := &RefusedError{Step: step, Code: reply.Code, Text: oneLine(reply.Msg)}
	if code, rest, _ := strings.Cut(e.Text, " "); isEnhanced(code) {
		e.Enhanced, e.Text = code, rest
	}
	return e
}

// isEnhanced knows RFC 3463's class.subject.detail.
func isEnhanced(s string) bool {
	class, rest, ok := strings.Cut(s, ".")
	subject, detail, ok2 := strings.Cut(rest, ".")
	return ok && ok2 && (class == "2" || class == "4" || class == "5") && digits(subject) && digits(detail)
}

func digits(s string) bool {
	return s != "" && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// verdict is what a refusal means for a delivery.
type verdict int

const (
	tryLater     verdict = iota
	badAddress           // there is no such address, nor will there be
	refuseOne            // permanent, for this message to this address
	refuseSender         // it is not about this address: stop the mailing
)

// judge sorts a refusal. What a server says to MAIL is about the sender, whoever the recipient is. Policy (5.7.x,
// RFC 3463, 3.8) is about who we are, what we write, or how often. Only the codes that say "no such address" (5.1.0 to
// 5.1.3, 5.1.6, 5.1.10) suppress it: a bare 550 may just as well be a policy.
func judge(e *RefusedError) verdict {
	switch {
	case e.Temporary():
		return tryLater
	case e.Step == StepMail, e.Code == 530, e.Code == 535, e.Code == 538: // no login, or a wrong one (RFC 4954, 6)
		return refuseSender
	case strings.HasPrefix(e.Enhanced, "5.7."), e.Enhanced == "5.1.7", e.Enhanced == "5.1.8":
		return refuseSender
	}
	switch e.Enhanced {
	case "5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10":
		return badAddress
	}
	return refuseOne
}
