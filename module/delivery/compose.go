package delivery

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/contact"
)

// envelope is a message as it goes over the wire: CRLF line ends, no line that begins with a full stop, without the
// final dot.
type envelope struct {
	profileID int64
	from, to  contact.Email
	content   []byte
}

// stamp is what delivery adds to a message.
type stamp struct {
	messageID string // without angle brackets
	date      time.Time
	listID    string // empty: the message belongs to no list
	feedback  string // Feedback-ID, empty: none
}

// own are the headers that delivery writes; a message cannot bring them.
var own = []string{
	"bcc", "cc", "content-transfer-encoding", "content-type", "date", "feedback-id", "from", "list-id", "list-unsubscribe",
	"list-unsubscribe-post", "message-id", "mime-version", "reply-to", "return-path", "sender", "subject", "to",
}

// compose writes the message behind buffer's length, so that a batch's messages share one growing buffer.
func compose(buffer []byte, m Message, s stamp) ([]byte, error) {
	if err := m.check(); err != nil {
		return buffer, err
	}
	b := buffer
	b = append(b, "Date: "...)
	b = s.date.AppendFormat(b, time.RFC1123Z)
	b = append(b, "\r\n"...)
	b = appendPlain(b, "Message-ID", "<"+s.messageID+">")
	b = appendMailbox(b, "From", m.From)
	b = appendMailbox(b, "To", Mailbox{m.ToName, m.To})
	if m.ReplyTo.Email != "" {
		b = appendMailbox(b, "Reply-To", m.ReplyTo)
	}
	b = appendHeader(b, "Subject", m.Subject)
	if m.UnsubscribeURL != "" {
		b = appendPlain(b, "List-Unsubscribe", "<"+m.UnsubscribeURL+">")
		b = appendPlain(b, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	if s.listID != "" {
		b = appendPlain(b, "List-ID", "<"+s.listID+">")
	}
	if s.feedback != "" {
		b = appendPlain(b, "Feedback-ID", s.feedback)
	}
	for _, name := range sortedKeys(m.Headers) {
		b = appendHeader(b, name, m.Headers[name])
	}
	b = append(b, "MIME-Version: 1.0\r\n"...)
	if m.HTML == "" {
		return appendPart(b, "text/plain", m.Text), nil
	}
	boundary := "=_" + strings.Map(func(r rune) rune { // the message's own id keeps it the same at each try
		if r == '@' || r == '<' || r == '>' {
			return '_'
		}
		return r
	}, s.messageID)
	if len(boundary) > 70 { // RFC 2046, 5.1.1
		boundary = boundary[:70]
	}
	b = append(b, "Content-Type: multipart/alternative;\r\n boundary=\""...)
	b = append(b, boundary...)
	b = append(b, "\"\r\n\r\n"...)
	for _, part := range []struct{ kind, text string }{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		b = append(b, "--"...)
		b = append(b, boundary...)
		b = append(b, "\r\n"...)
		b = appendPart(b, part.kind, part.text)
	}
	b = append(b, "--"...)
	b = append(b, boundary...)
	return append(b, "--\r\n"...), nil
}

// appendPart appends a part's headers and body. No body holds our boundary: quoted-printable writes "=" as "=3D".
func appendPart(b []byte, kind, text string) []byte {
	b = append(b, "Content-Type: "...)
	b = append(b, kind...)
	b = append(b, "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"...)
	b = appendQuoted(b, text)
	if !strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\r") {
		b = append(b, "\r\n"...)
	}
	return b
}

// check refuses what could not go out, before anything is promised to a server.
func (m Message) check() error {
	switch {
	case m.From.Email == "":
		return fmt.Errorf("the message has no sender: set the sender's address in the settings")
	case m.To == "":
		return fmt.Errorf("the message has no recipient")
	case m.Text == "" && m.HTML == "":
		return fmt.Errorf("the message is empty")
	}
	for _, box := range []contact.Email{m.From.Email, m.To, m.ReplyTo.Email} {
		if strings.ContainsFunc(string(box), func(r rune) bool { return r <= ' ' || r == '<' || r == '>' || r == 0x7f }) {
			return fmt.Errorf("an address holds a character that it cannot hold")
		}
	}
	if m.UnsubscribeURL != "" {
		u, err := url.Parse(m.UnsubscribeURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ContainsAny(m.UnsubscribeURL, "<> \r\n") {
			return fmt.Errorf("the address to unsubscribe at is not a web address: check KUPEC_BASE_URL")
		}
	}
	for name := range m.Headers {
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }) {
			return fmt.Errorf("%q cannot be the name of a header", name)
		}
		if slices.Contains(own, strings.ToLower(name)) {
			return fmt.Errorf("the header %s is written by delivery itself", name)
		}
	}
	return nil
}

func sortedKeys(m map[string]string) []string {
	if len(m) == 0 {
		return nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// messageID is the same for the same message at each try, so that a receiver can see a repetition, and a bounce or a
// reply says which delivery it is about.
func messageID(mailingID, profileID int64, host string) string {
	return "k." + strconv.FormatInt(mailingID, 36) + "." + strconv.FormatInt(profileID, 36) + "@" + host
}
