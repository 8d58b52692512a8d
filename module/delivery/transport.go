package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// Security is how a connection to the mail server is encrypted.
type Security string

// The securities a transport's address may ask for with ?tls=.
const (
	Implicit      Security = "implicit"  // TLS from the first byte, as on port 465
	Mandatory     Security = "mandatory" // STARTTLS, or no mail at all
	Opportunistic Security = "starttls"  // STARTTLS where the server offers it
	Plain         Security = "none"
)

// Transport is a mail server and how to use it. [ParseTransport] makes one.
type Transport struct {
	Host     string
	Port     int
	User     string // empty: no login
	Password string
	Security Security
	Conns    int            // connections at once; default 4
	Rate     float64        // messages a second at most, of this process; 0: as fast as the server takes them
	Helo     string         // the name to greet with; default: this machine's
	Timeout  time.Duration  // for a connection to be made, and for each answer; default 60 s
	RootCAs  *x509.CertPool // who may vouch for the server; default: the system's
}

const (
	defaultConns   = 4
	maxConns       = 100
	defaultTimeout = time.Minute
)

// TransportError says which part of a transport's address cannot be used. It never shows the password.
type TransportError struct {
	Part    string // "scheme", "host", "port", "tls", "conns", "rate", "timeout", "helo" or a parameter that does not exist
	Problem string
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("the mail server's address: %s: %s", e.Part, e.Problem)
}

// ParseTransport reads smtp://user:password@host:587?tls=mandatory&conns=4&rate=20&helo=name&timeout=60s, or smtps://
// for implicit TLS. Without ?tls= a server on this machine is talked to in the clear, port 465 and smtps:// with
// implicit TLS, and any other only with STARTTLS. The port is 587, with smtps:// 465. Errors are [*TransportError].
func ParseTransport(text string) (Transport, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return Transport{}, &TransportError{"form", "cannot be read: want smtp://user:password@host:587, with special characters of the password percent-encoded"}
	}
	t := Transport{Host: u.Hostname(), Conns: defaultConns, Timeout: defaultTimeout}
	switch u.Scheme {
	case "smtp":
		t.Port = 587
	case "smtps":
		t.Port, t.Security = 465, Implicit
	default:
		return Transport{}, &TransportError{"scheme", fmt.Sprintf("%q: want smtp:// or smtps://", u.Scheme)}
	}
	if t.Host == "" {
		return Transport{}, &TransportError{"host", "is missing: want smtp://host:587"}
	}
	if u.Path != "" && u.Path != "/" {
		return Transport{}, &TransportError{"path", fmt.Sprintf("%q: there is none in a mail server's address", u.Path)}
	}
	if p := u.Port(); p != "" {
		if t.Port, err = strconv.Atoi(p); err != nil || t.Port < 1 || t.Port > 65535 {
			return Transport{}, &TransportError{"port", fmt.Sprintf("%q: want a number from 1 to 65535", p)}
		}
	}
	if u.User != nil {
		t.User = u.User.Username()
		t.Password, _ = u.User.Password()
	}
	if err := t.options(u.Query()); err != nil {
		return Transport{}, err
	}
	if t.Security == "" {
		t.Security = t.defaultSecurity()
	}
	return t, nil
}

func (t *Transport) options(values url.Values) error {
	for name, v := range values {
		value := v[len(v)-1]
		var err error
		switch name {
		case "tls":
			switch s := Security(value); s {
			case Implicit, Mandatory, Opportunistic, Plain:
				t.Security = s
			default:
				return &TransportError{"tls", fmt.Sprintf("%q: want implicit, mandatory, starttls or none", value)}
			}
		case "conns":
			if t.Conns, err = strconv.Atoi(value); err != nil || t.Conns < 1 || t.Conns > maxConns {
				return &TransportError{"conns", fmt.Sprintf("%q: want a number from 1 to %d", value, maxConns)}
			}
		case "rate":
			if t.Rate, err = strconv.ParseFloat(value, 64); err != nil || !(t.Rate >= 0 && t.Rate <= 1e6) {
				return &TransportError{"rate", fmt.Sprintf("%q: want messages a second, 0 for no limit", value)}
			}
		case "timeout":
			if t.Timeout, err = time.ParseDuration(value); err != nil || t.Timeout < time.Second || t.Timeout > 10*time.Minute {
				return &TransportError{"timeout", fmt.Sprintf("%q: want 1s to 10m", value)}
			}
		case "helo":
			if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
				return &TransportError{"helo", fmt.Sprintf("%q: want a host's name", value)}
			}
			t.Helo = value
		default:
			return &TransportError{name, "there is no such setting: want tls, conns, rate, timeout or helo"}
		}
	}
	return nil
}

func (t *Transport) defaultSecurity() Security {
	ip := net.ParseIP(t.Host)
	switch {
	case t.Host == "localhost" || ip != nil && ip.IsLoopback():
		return Plain
	case t.Port == 465:
		return Implicit
	default:
		return Mandatory
	}
}

// String is the address without the password, for people.
func (t Transport) String() string {
	u := url.URL{Scheme: "smtp", Host: t.addr(), RawQuery: "tls=" + string(t.Security)}
	if t.User != "" {
		u.User = url.User(t.User)
	}
	return u.String()
}

func (t Transport) addr() string { return net.JoinHostPort(t.Host, strconv.Itoa(t.Port)) }

// withDefaults fills in what a Transport made by hand leaves out.
func (t Transport) withDefaults() Transport {
	if t.Conns == 0 {
		t.Conns = defaultConns
	}
	if t.Timeout == 0 {
		t.Timeout = defaultTimeout
	}
	if t.Security == "" {
		t.Security = t.defaultSecurity()
	}
	return t
}

// dial opens, secures and authenticates one connection through go-mail. The raw connection is for deadlines, and for
// ending everything at once.
func (t Transport) dial(ctx context.Context) (*smtp.Client, net.Conn, error) {
	config := &tls.Config{ServerName: t.Host, MinVersion: tls.VersionTLS12, RootCAs: t.RootCAs}
	var raw net.Conn
	cut := func() bool { return true } // go-mail minds the context only until the connection stands
	defer func() { cut() }()
	end := ctx
	dialer := &net.Dialer{Timeout: t.Timeout}
	options := []mail.Option{
		mail.WithPort(t.Port), mail.WithTimeout(t.Timeout), mail.WithTLSConfig(config), mail.WithoutNoop(),
		mail.WithDialContextFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			raw = conn
			cut = context.AfterFunc(end, func() { _ = conn.Close() })
			if t.Security == Implicit {
				return tls.Client(conn, config), nil // the handshake comes with the first read
			}
			return conn, nil
		}),
	}
	switch t.Security {
	case Mandatory:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case Opportunistic:
		options = append(options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if t.Helo != "" {
		options = append(options, mail.WithHELO(t.Helo))
	}
	if t.User != "" {
		options = append(options, mail.WithUsername(t.User), mail.WithPassword(t.Password),
			mail.WithOpportunisticSMTPAuth(t.logins()...))
	}
	client, err := mail.NewClient(t.Host, options...)
	if err != nil {
		return nil, nil, fmt.Errorf("preparing a connection to %s: %w", t.addr(), err)
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if raw != nil {
			_ = raw.Close() // go-mail leaves it open when a later step fails
		}
		return nil, nil, err
	}
	return conn, raw, nil
}

// logins are the ways to log in, best first. In the clear they are only taken where the address asks for that.
func (t Transport) logins() []mail.SMTPAuthType {
	list := []mail.SMTPAuthType{mail.SMTPAuthSCRAMSHA256, mail.SMTPAuthSCRAMSHA1, mail.SMTPAuthPlain, mail.SMTPAuthLogin, mail.SMTPAuthCramMD5}
	if t.Security == Plain {
		list[2], list[3] = mail.SMTPAuthPlainNoEnc, mail.SMTPAuthLoginNoEnc
	}
	return list
}
