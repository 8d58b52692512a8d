package delivery

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"
)

var testStamp = stamp{messageID: messageID(12, 34, "crm.example"), date: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
	listID: "newsletter.1.crm.example", feedback: "12:newsletter:1:kupec"}

func TestAMessageReadsBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	m := Message{
		From: Mailbox{"Kava & čaj", "shop@shop.example"}, ReplyTo: Mailbox{"", "help@shop.example"},
		To: "ana@example.com", ToName: `Ana "Žužek", d.o.o.`,
		Subject: "Sveža kava, " + strings.Repeat("zelo dolg naslov z ščž ", 12),
		Text:    "Dober dan\n.\n..dots\nFrom here \ttrailing \t\n" + strings.Repeat("ž", 200),
		HTML:    "<p>= čšž =3D</p>\r\n.<p>" + strings.Repeat("a", 300) + "</p>",
		Headers: map[string]string{"X-Campaign": "pomlad č"}, UnsubscribeURL: "https://crm.example/s/unsubscribe/" + strings.Repeat("t", 120),
	}
	raw, err := compose(nil, m, testStamp)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, raw)
	got, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	decoder := new(mime.WordDecoder)
	for name, want := range map[string]string{
		"Subject": strings.TrimSpace(m.Subject), "X-Campaign": "pomlad č",
		"Message-Id": "<" + testStamp.messageID + ">", "List-Id": "<newsletter.1.crm.example>",
		"List-Unsubscribe": "<" + m.UnsubscribeURL + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Feedback-Id": "12:newsletter:1:kupec", "Date": "Tue, 24 Nov 2026 09:00:00 +0000", "Mime-Version": "1.0",
	} {
		if value, err := decoder.DecodeHeader(got.Header.Get(name)); err != nil || value != want {
			t.Errorf("%s is %q (%v), want %q", name, value, err, want)
		}
	}
	for name, want := range map[string]Mailbox{"From": m.From, "To": {m.ToName, m.To}, "Reply-To": m.ReplyTo} {
		list, err := got.Header.AddressList(name)
		if err != nil || len(list) != 1 || list[0].Name != want.Name || list[0].Address != string(want.Email) {
			t.Errorf("%s is %v (%v)", name, list, err)
		}
	}
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %s %v", kind, err)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	for _, want := range []struct{ kind, text string }{{"text/plain; charset=utf-8", m.Text}, {"text/html; charset=utf-8", m.HTML}} {
		part, err := parts.NextPart() // decodes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil || part.Header.Get("Content-Type") != want.kind || lines(string(text)) != lines(want.text) {
			t.Errorf("%s %v:\n%q\nwant\n%q", part.Header.Get("Content-Type"), err, text, want.text)
		}
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("a third part: %v", err)
	}
}

// lines is text with one kind of line ends.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// wellFormed checks what the wire relies on: 7-bit lines ended by CRLF, short, none of which begins with a full stop.
func wellFormed(t *testing.T, raw []byte) {
	t.Helper()
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		t.Error("the message does not end with a line's end")
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
		if strings.ContainsAny(line, "\r\n") || strings.HasPrefix(line, ".") || len(line) > 998 {
			t.Errorf("line %d is not fit for the wire: %q", i+1, line)
		}
		for _, c := range []byte(line) {
			if c >= 0x80 || c == 0 {
				t.Errorf("line %d is not 7-bit: %q", i+1, line)
				break
			}
		}
	}
}

func TestNothingForeignCanAddAHeader(t *testing.T) {
	t.Parallel()
	const evil = "x\r\nBcc: victim@example.com\r\n\r\nhello\u2028y\x00\x1b"
	m := Message{From: Mailbox{evil, "a@shop.example"}, ReplyTo: Mailbox{evil, "b@shop.example"}, To: "c@example.com", ToName: evil, Subject: evil,
		Text: evil, Headers: map[string]string{"X-Shop": evil}}
	raw, err := compose(nil, m, testStamp)
	if err != nil {
		t.Fatal(err)
	}
	wellFormed(t, raw)
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for _, line := range strings.Split(head, "\r\n") {
		if strings.HasPrefix(strings.ToLower(line), "bcc") || strings.Contains(line, "hello") && strings.HasPrefix(line, "hello") {
			t.Errorf("a foreign header: %q", line)
		}
	}
	for name, change := range map[string]func(*Message){
		"a header's name":      func(m *Message) { m.Headers = map[string]string{"X\r\nBcc": "v@example.com"} },
		"one of our headers":   func(m *Message) { m.Headers = map[string]string{"BCC": "v@example.com"} },
		"the recipient":        func(m *Message) { m.To = "a@example.com>\r\nRCPT TO:<v@example.com" },
		"the sender":           func(m *Message) { m.From.Email = "a@example.com\r\nDATA" },
		"the unsubscribe link": func(m *Message) { m.UnsubscribeURL = "https://x/\r\nBcc: v@example.com" },
		"a mailto link":        func(m *Message) { m.UnsubscribeURL = "javascript:alert(1)" },
		"no sender":            func(m *Message) { m.From.Email = "" },
		"no recipient":         func(m *Message) { m.To = "" },
		"no content":           func(m *Message) { m.Text, m.HTML = "", "" },
	} {
		bad := m
		change(&bad)
		if raw, err := compose([]byte("before"), bad, testStamp); err == nil || string(raw) != "before" {
			t.Errorf("%s was accepted, or left something behind: %v", name, err)
		}
	}
}

func FuzzQuotedPrintableReadsBackAndNeedsNoStuffing(f *testing.F) {
	for _, s := range []string{"", ".", "a\n.b\r\n..\r.", strings.Repeat("x", 75) + ".", strings.Repeat("x", 74) + " \n", "ž \t", "=\xff\x00",
		strings.Repeat("x", 76), strings.Repeat("x", 75), strings.Repeat("ž", 40), strings.Repeat(" ", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		raw := appendQuoted(nil, text)
		for line := range strings.SplitSeq(string(raw), "\r\n") {
			if len(line) > 76 || strings.HasPrefix(line, ".") || strings.HasSuffix(line, " ") || strings.HasSuffix(line, "\t") || strings.ContainsAny(line, "\r\n") {
				t.Fatalf("the line %q", line)
			}
		}
		got, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(raw)))
		want := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n", "\r\n")
		if err != nil || string(got) != want {
			t.Fatalf("%q became %q (%v)", want, got, err)
		}
	})
}

func FuzzAHeaderStaysOneHeader(f *testing.F) {
	f.Add("a", "b")
	f.Add("x\r\nBcc: y", strings.Repeat("č ", 90))
	f.Fuzz(func(t *testing.T, name, subject string) {
		raw := appendHeader(appendMailbox(nil, "From", Mailbox{name, "a@example.com"}), "Subject", subject)
		got, err := mail.ReadMessage(bytes.NewReader(append(raw, "\r\n"...)))
		if err != nil || len(got.Header) != 2 {
			t.Fatalf("%v: %q", err, raw)
		}
		if list, err := got.Header.AddressList("From"); err != nil || len(list) != 1 || list[0].Address != "a@example.com" {
			t.Fatalf("%v: %q", err, raw)
		}
	})
}

func FuzzEnhancedStatusCode(f *testing.F) {
	f.Add("5.1.1")
	f.Add("..")
	f.Fuzz(func(t *testing.T, s string) {
		if isEnhanced(s) && (len(s) > 9 || strings.Count(s, ".") != 2) {
			t.Errorf("%q", s)
		}
	})
}
