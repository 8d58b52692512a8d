package delivery_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/delivery"
)

func TestATransportsAddress(t *testing.T) {
	t.Parallel()
	base := delivery.Transport{Conns: 4, Timeout: time.Minute}
	with := func(change func(*delivery.Transport)) delivery.Transport {
		tr := base
		change(&tr)
		return tr
	}
	for _, tt := range []struct {
		text string
		want delivery.Transport
		part string // of the error
	}{
		{"smtp://127.0.0.1:1025", with(func(tr *delivery.Transport) { tr.Host, tr.Port, tr.Security = "127.0.0.1", 1025, delivery.Plain }), ""},
		{"smtp://localhost", with(func(tr *delivery.Transport) { tr.Host, tr.Port, tr.Security = "localhost", 587, delivery.Plain }), ""},
		{"smtp://[::1]:25", with(func(tr *delivery.Transport) { tr.Host, tr.Port, tr.Security = "::1", 25, delivery.Plain }), ""},
		{"smtp://mail.example.com", with(func(tr *delivery.Transport) {
			tr.Host, tr.Port, tr.Security = "mail.example.com", 587, delivery.Mandatory
		}), ""},
		{"smtp://mail.example.com:465", with(func(tr *delivery.Transport) {
			tr.Host, tr.Port, tr.Security = "mail.example.com", 465, delivery.Implicit
		}), ""},
		{"smtps://mail.example.com", with(func(tr *delivery.Transport) {
			tr.Host, tr.Port, tr.Security = "mail.example.com", 465, delivery.Implicit
		}), ""},
		{"smtp://me%40shop.si:a%2Fb%3Ac@mail.example.com:2525?tls=starttls&conns=12&rate=7.5&helo=crm.shop.si&timeout=20s",
			delivery.Transport{Host: "mail.example.com", Port: 2525, User: "me@shop.si", Password: "a/b:c", Security: delivery.Opportunistic,
				Conns: 12, Rate: 7.5, Helo: "crm.shop.si", Timeout: 20 * time.Second}, ""},
		{"", delivery.Transport{}, "scheme"},
		{"mail.example.com:587", delivery.Transport{}, "scheme"},
		{"http://mail.example.com", delivery.Transport{}, "scheme"},
		{"smtp://", delivery.Transport{}, "host"},
		{"smtp://user:se%zzcret@mail.example.com", delivery.Transport{}, "form"},
		{"smtp://mail.example.com:0", delivery.Transport{}, "port"},
		{"smtp://mail.example.com/inbox", delivery.Transport{}, "path"},
		{"smtp://mail.example.com?tls=yes", delivery.Transport{}, "tls"},
		{"smtp://mail.example.com?conns=0", delivery.Transport{}, "conns"},
		{"smtp://mail.example.com?rate=NaN", delivery.Transport{}, "rate"},
		{"smtp://mail.example.com?timeout=1h", delivery.Transport{}, "timeout"},
		{"smtp://mail.example.com?helo=a%0d%0ab", delivery.Transport{}, "helo"},
		{"smtp://mail.example.com?connections=4", delivery.Transport{}, "connections"},
	} {
		got, err := delivery.ParseTransport(tt.text)
		var bad *delivery.TransportError
		if tt.part != "" {
			if !errors.As(err, &bad) || bad.Part != tt.part || strings.Contains(err.Error(), "cret") {
				t.Errorf("%s: %v, want an error about %s", tt.text, err, tt.part)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", tt.text, err, diff)
		}
		if strings.Contains(got.String(), "a/b:c") || strings.Contains(got.String(), "a%2F") {
			t.Errorf("the password shows: %s", got)
		}
	}
}

func FuzzParseTransport(f *testing.F) {
	f.Add("smtp://user:pass@host:587?tls=none&conns=4")
	f.Fuzz(func(t *testing.T, text string) {
		tr, err := delivery.ParseTransport(text)
		if err == nil && (tr.Host == "" || tr.Port < 1 || tr.Conns < 1 || tr.Security == "") {
			t.Errorf("%q gave %+v", text, tr)
		}
	})
}

// server is a real SMTP server with logins and TLS.
type server struct{ refuse string }

func (s server) NewSession(*smtp.Conn) (smtp.Session, error) { return session{s}, nil }

type session struct{ server }

func (s session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "me" || password != "right" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s session) Mail(from string, _ *smtp.MailOptions) error {
	if s.refuse == from {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not your address"}
	}
	return nil
}
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (session) Data(r io.Reader) error               { _, err := io.Copy(io.Discard, r); return err }
func (session) Reset()                               {}
func (session) Logout() error                        { return nil }

// serveTLS starts a server that speaks TLS at once, or after STARTTLS, or never.
func serveTLS(t *testing.T, security delivery.Security) (addr string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(cert)
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr = ln.Addr().String()
	srv := smtp.NewServer(server{refuse: "stranger@shop.example"})
	srv.ErrorLog = log.New(io.Discard, "", 0)
	srv.AllowInsecureAuth = security == delivery.Plain
	switch security {
	case delivery.Implicit:
		ln = tls.NewListener(ln, config)
	case delivery.Mandatory:
		srv.TLSConfig = config
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(ln)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
	return addr, roots
}

func TestCheckSaysInASentenceWhatIsWrongWithTheMailServer(t *testing.T) {
	t.Parallel()
	plain, _ := serveTLS(t, delivery.Plain)
	starttls, roots := serveTLS(t, delivery.Mandatory)
	implicit, roots2 := serveTLS(t, delivery.Implicit)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for _, tt := range []struct {
		name, url string
		roots     *x509.CertPool
		sender    contact.Email
		want      string // empty: nothing is wrong
	}{
		{name: "plain", url: "smtp://" + plain},
		{name: "plain with a login", url: "smtp://me:right@" + plain, sender: "shop@shop.example"},
		{name: "starttls", url: fmt.Sprintf("smtp://me:right@%s?tls=mandatory", starttls), roots: roots},
		{name: "implicit", url: fmt.Sprintf("smtps://me:right@%s", implicit), roots: roots2},
		{name: "wrong password", url: "smtp://me:wrong@" + plain, want: `refuses the login of "me"`},
		{name: "login where it would be readable", url: fmt.Sprintf("smtp://me:right@%s?tls=none", starttls), want: "takes no login over this connection"},
		{name: "unknown authority", url: fmt.Sprintf("smtp://%s?tls=mandatory", starttls), want: "certificate"},
		{name: "no STARTTLS", url: fmt.Sprintf("smtp://%s?tls=mandatory", plain), want: "offers no encryption"},
		{name: "TLS where there is none", url: "smtps://" + plain, want: "does not speak TLS"},
		{name: "nobody listens", url: "smtp://" + closed.Addr().String(), want: "nobody listens at"},
		{name: "nobody answers", url: fmt.Sprintf("smtp://%s?timeout=1s", silent.Addr()), want: "does not answer in time"},
		{name: "no such name", url: "smtp://mail.nowhere.invalid?tls=none", want: "no mail server is known by the name"},
		{name: "a sender it refuses", url: "smtp://me:right@" + plain, sender: "stranger@shop.example", want: "does not let stranger@shop.example send"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tr, err := delivery.ParseTransport(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			tr.RootCAs = tt.roots
			p, err := delivery.New(nil, nil, tr, delivery.Config{Sender: tt.sender})
			if err != nil {
				t.Fatal(err)
			}
			err = p.Check(context.Background())
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
