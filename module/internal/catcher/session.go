package catcher

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// A session is one conversation. go-smtp calls its methods one after another.
type session struct {
	catcher *Catcher
	conn    *smtp.Conn
	from    string
	to      []string
	fault   Fault
}

var _ smtp.AuthSession = (*session)(nil)

// AuthMechanisms lists what is offered; any name and password will do.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(string, string, string) error { return nil }), nil
	case sasl.Login:
		return &login{}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// login is the server's side of AUTH LOGIN, which go-sasl no longer has: two questions, any answers.
type login struct{ step int }

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	if l.step == 0 && response != nil { // the name came with the command
		l.step++
	}
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		return []byte("Password:"), false, nil
	}
	return nil, true, nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	n := s.catcher.attempts.Add(1) - 1
	s.wait()
	s.fault = Fault{}
	if f := s.catcher.cfg.Fault; f != nil {
		s.fault = f(int(n))
	}
	if s.fault.At == AtMail {
		return s.fault.err()
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.wait()
	if s.fault.At == AtRcpt {
		return s.fault.err()
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	var store func()
	if s.catcher.cfg.Sink {
		id, err := messageID(r)
		if err != nil {
			return fmt.Errorf("catcher: read a message: %w", err)
		}
		store = func() { s.catcher.receive(Receipt{To: s.to, MessageID: id}) }
	} else {
		raw, err := io.ReadAll(r)
		if err != nil {
			return err // go-smtp's own answer for a message that is too large, or a lost connection
		}
		store = func() { s.catcher.keep(&envelope{from: s.from, to: s.to, at: s.catcher.cfg.Clock(), raw: raw}) }
	}
	s.wait()
	switch {
	case s.fault.At == AtData:
		return s.fault.err()
	case s.fault.At == Hang:
		if s.fault.Accepted {
			store()
		}
		return errors.Join(s.fault.err(), s.conn.Conn().Close())
	}
	store()
	return nil
}

func (s *session) wait() {
	if d := s.catcher.cfg.Delay; d > 0 {
		time.Sleep(d) // the answer's latency is what is asked for
	}
}

// Reset forgets the message begun. The recipients' slice is not used again: what was stored may hold it.
func (s *session) Reset() { s.from, s.to, s.fault = "", nil, Fault{} }

func (s *session) Logout() error { return nil }

// messageID reads the message to its end and returns its Message-ID.
func messageID(r io.Reader) (string, error) {
	b := bufio.NewReaderSize(r, 32<<10)
	id := ""
	for {
		line, err := b.ReadSlice('\n')
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 && err == nil {
			break
		}
		const name = "message-id:"
		if len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			id = string(bytes.TrimSpace(line[len(name):]))
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return id, nil
		}
		if err != nil {
			return "", err
		}
	}
	_, err := io.Copy(io.Discard, b)
	return id, err
}
