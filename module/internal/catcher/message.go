package catcher

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // teaches go-message the charsets beyond UTF-8
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A Message is one received mail, parsed.
type Message struct {
	ID      int64     `json:"id"`   // grows with each message, from 1
	From    string    `json:"from"` // envelope sender
	To      []string  `json:"to"`   // envelope recipients
	At      time.Time `json:"at"`   // when it was received
	Size    int       `json:"size"` // bytes as received
	Subject string    `json:"subject"`
	Headers []Header  `json:"headers,omitempty"` // in the order received, decoded
	Text    string    `json:"text,omitempty"`    // the first plain-text part
	HTML    string    `json:"html,omitempty"`    // the first HTML part
	Links   []string  `json:"links,omitempty"`   // addresses of the HTML part's links in order, or of the text's when there is no HTML
	// Broken says what could not be read, as the parser put it; empty for a well-formed message.
	Broken string `json:"broken,omitempty"`
}

// A Header is one header field.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Header returns the first value of the header with that name in any case, or the empty string.
func (m Message) Header(name string) string {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// An envelope is a message as it is kept: its bytes, and what the list shows.
type envelope struct {
	id      int64
	from    string
	to      []string
	at      time.Time
	subject string
	raw     []byte
}

func (e *envelope) addressed(to string) bool {
	return slices.ContainsFunc(e.to, func(a string) bool { return strings.Contains(strings.ToLower(a), to) })
}

// summary is the message without its bodies.
func (e *envelope) summary() Message {
	return Message{ID: e.id, From: e.from, To: slices.Clone(e.to), At: e.at, Size: len(e.raw), Subject: e.subject}
}

// parse reads the whole message. What cannot be read is named in Broken; the rest is given.
func (e *envelope) parse() Message {
	m := e.summary()
	entity, err := message.Read(bytes.NewReader(e.raw))
	if entity == nil {
		m.Broken, m.Text = err.Error(), string(e.raw)
		return m
	}
	m.note(err)
	for f := entity.Header.Fields(); f.Next(); {
		v, err := f.Text()
		if err != nil {
			v = f.Value()
		}
		m.Headers = append(m.Headers, Header{f.Key(), v})
	}
	m.Subject = m.Header("Subject")
	m.note(entity.Walk(func(_ []int, part *message.Entity, err error) error {
		m.note(err)
		if part == nil {
			return nil
		}
		if d, _, err := part.Header.ContentDisposition(); err == nil && d == "attachment" {
			return nil
		}
		kind, _, err := part.Header.ContentType()
		if err != nil {
			kind = "text/plain"
		}
		into := map[string]*string{"text/plain": &m.Text, "text/html": &m.HTML}[kind]
		if into == nil || *into != "" {
			return nil
		}
		body, err := io.ReadAll(part.Body)
		m.note(err)
		*into = strings.ToValidUTF8(string(body), "\uFFFD")
		return nil
	}))
	m.Links = links(m.HTML)
	if m.HTML == "" {
		m.Links = bareLink.FindAllString(m.Text, -1)
	}
	return m
}

func (m *Message) note(err error) {
	if err != nil && !errors.Is(err, io.EOF) && m.Broken == "" {
		m.Broken = err.Error()
	}
}

var bareLink = regexp.MustCompile(`https?://[^\s<>"]+`)

// links returns the addresses of <a href> and <area href>, in order.
func links(page string) []string {
	var found []string
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return found
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.DataAtom != atom.A && t.DataAtom != atom.Area {
				continue
			}
			for _, a := range t.Attr {
				if a.Key == "href" && a.Val != "" {
					found = append(found, a.Val)
				}
			}
		}
	}
}

// headerOf reads one header field without parsing the body.
func headerOf(raw []byte, name string) string {
	entity, _ := message.Read(bytes.NewReader(raw))
	if entity == nil {
		return ""
	}
	v, err := entity.Header.Text(name)
	if err != nil {
		return entity.Header.Get(name)
	}
	return v
}
