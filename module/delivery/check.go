package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/wneessen/go-mail"
)

// Check connects to the mail server, secures the connection, logs in, and asks whether Config.Sender may send. Nothing
// is sent. The error is a sentence for people, which names what to change.
func (p *Post) Check(ctx context.Context) error {
	w, err := p.transport.connect(ctx)
	if err != nil {
		return p.transport.explain(err)
	}
	defer w.close()
	if p.cfg.Sender == "" {
		return nil
	}
	if err := w.raw.SetDeadline(time.Now().Add(p.transport.Timeout)); err != nil {
		return p.transport.explain(err)
	}
	if err := w.client.Mail("<" + string(p.cfg.Sender) + ">"); err != nil {
		if refused := refusal(StepMail, err); refused != nil {
			return fmt.Errorf("the mail server %s does not let %s send: set KUPEC_MAIL_FROM to an address that it knows, or give it a login in KUPEC_SMTP_URL: %w",
				p.transport.addr(), p.cfg.Sender, refused)
		}
		return p.transport.explain(err)
	}
	return nil
}

// explain puts what went wrong with a connection into a sentence.
func (t Transport) explain(err error) error {
	var (
		dns     *net.DNSError
		unknown x509.UnknownAuthorityError
		other   x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		reply   *textproto.Error
		timeout net.Error
	)
	addr := t.addr()
	switch {
	case errors.As(err, &dns):
		return fmt.Errorf("no mail server is known by the name %q: check the host in KUPEC_SMTP_URL: %w", t.Host, err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nobody listens at %s: check host and port in KUPEC_SMTP_URL, and that the mail server runs: %w", addr, err)
	case errors.As(err, &unknown), errors.As(err, &other), errors.As(err, &invalid):
		return fmt.Errorf("the certificate of the mail server %s cannot be trusted: use the name it was issued for, or have a valid one installed there: %w", addr, err)
	case errors.As(err, &record):
		return fmt.Errorf("the mail server %s does not speak TLS here: port 465 usually wants smtps://, port 587 smtp:// with ?tls=mandatory: %w", addr, err)
	case strings.Contains(err.Error(), "STARTTLS"): // go-mail has no value for it
		return fmt.Errorf("the mail server %s offers no encryption: set ?tls=none in KUPEC_SMTP_URL if it is in your own network: %w", addr, err)
	case errors.Is(err, mail.ErrNoSupportedAuthDiscovered), errors.Is(err, mail.ErrPlainAuthNotSupported), strings.Contains(err.Error(), "does not support SMTP AUTH"):
		return fmt.Errorf("the mail server %s takes no login over this connection: check ?tls= and the port in KUPEC_SMTP_URL, or leave user and password out: %w", addr, err)
	case errors.As(err, &reply):
		if reply.Code == 535 || reply.Code == 534 || reply.Code == 530 || reply.Code == 538 {
			return fmt.Errorf("the mail server %s refuses the login of %q: check user and password in KUPEC_SMTP_URL (percent-encoded where they hold :, @, / or %%): %w", addr, t.User, err)
		}
		return fmt.Errorf("the mail server %s refuses us: %d %s: ask its operator to let this machine send, or give another server in KUPEC_SMTP_URL: %w", addr, reply.Code, oneLine(reply.Msg), err)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the mail server %s does not answer in time: check host and port in KUPEC_SMTP_URL, and that no firewall is between: %w", addr, err)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the mail server %s ended the connection: check the port and ?tls= in KUPEC_SMTP_URL: %w", addr, err)
	}
	return fmt.Errorf("the mail server %s cannot be used: %w", addr, err)
}
