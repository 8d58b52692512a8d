package delivery

import (
	"context"
	"errors"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// wire is one open connection to a mail server. It is used by one goroutine; only cut may be called by others.
//
// One message's way is: offer, accepted, content, finish, outcome. With a server that allows pipelining (RFC 2920),
// finish sends the next message's offer together with the dot, so that a message costs one round trip.
type wire struct {
	client    *smtp.Client
	raw       net.Conn
	timeout   time.Duration
	pipelined bool
	smtputf8  bool
	taken     int // messages the server has accepted on this connection
	forget    func() bool
}

// errNoUTF8 says that the server cannot be told the address.
var errNoUTF8 = &RefusedError{Step: StepRcpt, Code: 553, Enhanced: "5.6.7", Text: "the mail server does not take addresses beyond ASCII (RFC 6531)"}

// connect opens a wire, which is cut when ctx ends.
func (t Transport) connect(ctx context.Context) (*wire, error) {
	client, raw, err := t.dial(ctx)
	if err != nil {
		return nil, err
	}
	w := &wire{client: client, raw: raw, timeout: t.Timeout}
	w.pipelined, _ = client.Extension("PIPELINING")
	w.smtputf8, _ = client.Extension("SMTPUTF8")
	w.forget = context.AfterFunc(ctx, w.cut)
	return w, nil
}

// cut ends the connection at once.
func (w *wire) cut() {
	_ = w.raw.Close()
	w.forget()
}

// close says goodbye and ends the connection.
func (w *wire) close() {
	_ = w.raw.SetDeadline(time.Now().Add(2 * time.Second))
	_ = w.client.Quit()
	w.cut()
}

// canCarry says whether the server can be told the message's addresses.
func (w *wire) canCarry(e *envelope) bool {
	return w.smtputf8 || isASCII(string(e.from)) && isASCII(string(e.to))
}

// offer puts a message's commands into the buffer: all of them where they are pipelined, else the first.
func (w *wire) offer(e *envelope) {
	b := w.client.Text.W // a failed write is remembered by the buffer and returned by its Flush
	_, _ = b.WriteString("MAIL FROM:<")
	_, _ = b.WriteString(string(e.from))
	if isASCII(string(e.from)) && isASCII(string(e.to)) {
		_, _ = b.WriteString(">\r\n")
	} else {
		_, _ = b.WriteString("> SMTPUTF8\r\n")
	}
	if w.pipelined {
		w.offerRest(e)
	}
}

func (w *wire) offerRest(e *envelope) {
	w.rcpt(e)
	_, _ = w.client.Text.W.WriteString("DATA\r\n")
}

func (w *wire) rcpt(e *envelope) {
	b := w.client.Text.W
	_, _ = b.WriteString("RCPT TO:<")
	_, _ = b.WriteString(string(e.to))
	_, _ = b.WriteString(">\r\n")
}

func (w *wire) flush() error {
	if err := w.raw.SetDeadline(time.Now().Add(w.timeout)); err != nil {
		return err
	}
	return w.client.Text.W.Flush()
}

// accepted reads the answers to the offered message, which must have been flushed. It returns nil when the server
// waits for the content, a [*RefusedError] when it refused and the wire can take the next message, and any other error
// when the connection is of no more use; that one may hold a refusal as well, which came before the end.
func (w *wire) accepted(e *envelope) error {
	if !w.pipelined {
		return w.stepByStep(e)
	}
	var refused, data error
	for _, step := range []struct {
		Step
		class int
	}{{StepMail, 2}, {StepRcpt, 2}, {StepData, 3}} {
		data = w.read(step.Step, step.class)
		if data != nil && !isRefusal(data) {
			return lost(data, refused)
		}
		if refused == nil {
			refused = data
		}
	}
	if refused == nil {
		return nil
	}
	if data == nil { // it waits for content although nobody shall get it: RFC 2920, 3.1 wants an empty message
		_, _ = w.client.Text.W.WriteString(".\r\n")
		if err := w.flush(); err != nil {
			return lost(err, refused)
		}
		if err := w.read(StepContent, 2); err != nil && !isRefusal(err) {
			return lost(err, refused)
		}
	}
	return w.afterRefusal(refused)
}

func (w *wire) stepByStep(e *envelope) error {
	if err := w.read(StepMail, 2); err != nil {
		return w.afterRefusal(err)
	}
	w.rcpt(e)
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.read(StepRcpt, 2); err != nil {
		return w.afterRefusal(err)
	}
	_, _ = w.client.Text.W.WriteString("DATA\r\n")
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.read(StepData, 3); err != nil {
		return w.afterRefusal(err)
	}
	return nil
}

// afterRefusal makes the connection ready for the next message and gives the refusal back.
func (w *wire) afterRefusal(err error) error {
	if !isRefusal(err) {
		return err
	}
	_, _ = w.client.Text.W.WriteString("RSET\r\n")
	if ferr := w.flush(); ferr != nil {
		return lost(ferr, err)
	}
	if rerr := w.read(StepMail, 2); rerr != nil {
		return lost(rerr, err)
	}
	return err
}

// errLost marks a refusal after which the connection is of no more use: the server closed it (421), or does not follow.
var errLost = errors.New("the connection ended")

// lost is what a connection that ended leaves: the refusal that came before, if one did.
func lost(err, refused error) error {
	if refused == nil {
		return err
	}
	return errors.Join(errLost, refused)
}

// content writes the message without its final dot. When it fails, the server cannot have the message.
func (w *wire) content(e *envelope) error {
	if err := w.raw.SetDeadline(time.Now().Add(w.timeout)); err != nil {
		return err
	}
	b := w.client.Text.W
	if _, err := b.Write(e.content); err != nil {
		return err
	}
	return b.Flush()
}

// finish writes the final dot, and with it the offer of the next message if there is one. When it fails, the server may
// have the message.
func (w *wire) finish(next *envelope) error {
	_, _ = w.client.Text.W.WriteString(".\r\n") // the content ends with a line's end
	if next != nil {
		w.offer(next)
	}
	return w.flush()
}

// outcome reads the answer to the final dot: nil when the server took the message, a [*RefusedError] when it did not;
// after any other error nobody knows.
func (w *wire) outcome() error {
	err := w.read(StepContent, 2)
	if err == nil {
		w.taken++
	}
	return err
}

// read reads one reply whose first digit should be class.
func (w *wire) read(step Step, class int) error {
	_, _, err := w.client.Text.ReadResponse(class)
	if err == nil {
		return nil
	}
	if e := refusal(step, err); e != nil {
		if e.Code < 400 || e.Code > 599 { // not an answer to what was said
			return textproto.ProtocolError("unexpected reply " + e.Error())
		}
		return e
	}
	return err
}

func isRefusal(err error) bool {
	var refused *RefusedError
	return errors.As(err, &refused)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > '~' }) < 0
}
