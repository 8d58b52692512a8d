package catcher_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wneessen/go-mail"

	"github.com/kupec/kupec/module/internal/catcher"
)

func started(t testing.TB, cfg catcher.Config) *catcher.Catcher {
	t.Helper()
	c := catcher.New(cfg)
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return c
}

func client(t testing.TB, c *catcher.Catcher, options ...mail.Option) *mail.Client {
	t.Helper()
	host, port, err := net.SplitHostPort(c.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	var p int
	if _, err := fmt.Sscan(port, &p); err != nil {
		t.Fatal(err)
	}
	m, err := mail.NewClient(host, append([]mail.Option{mail.WithPort(p), mail.WithTLSPolicy(mail.NoTLS)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func letter(t testing.TB, to, subject string) *mail.Msg {
	t.Helper()
	m := mail.NewMsg()
	if err := errors.Join(m.FromFormat("Skodelica ☕", "shop@skodelica.example"), m.To(to)); err != nil {
		t.Fatal(err)
	}
	m.Subject(subject)
	m.SetGenHeader("List-Unsubscribe", "<https://crm.example/s/unsubscribe/x>")
	m.SetMessageIDWithValue(subject + "@skodelica.example")
	m.SetBodyString(mail.TypeTextPlain, "Draga Maja, čaj je tu.\nhttps://shop.example/caj\n.\n")
	m.AddAlternativeString(mail.TypeTextHTML, `<html><head><title>x</title></head><body><p>Draga Maja, čaj je tu. <a href="https://crm.example/s/c/1?a=1&amp;b=2">Čaj</a><script>alert(1)</script></p></body></html>`)
	return m
}

func TestCatchesWhatGoMailSends(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	c := started(t, catcher.Config{Clock: func() time.Time { return at }})
	for _, auth := range []mail.Option{
		mail.WithSMTPAuth(mail.SMTPAuthNoAuth), mail.WithSMTPAuth(mail.SMTPAuthPlainNoEnc), mail.WithSMTPAuth(mail.SMTPAuthLoginNoEnc),
	} {
		if err := client(t, c, auth, mail.WithUsername("anybody"), mail.WithPassword("anything")).DialAndSendWithContext(t.Context(), letter(t, "Maja@Posta.Example", "Čaj iz Šanghaja")); err != nil {
			t.Fatal(err)
		}
	}
	if err := client(t, c).DialAndSendWithContext(t.Context(), letter(t, "rok@posta.example", "last")); err != nil {
		t.Fatal(err)
	}
	all := c.Messages("")
	if len(all) != 4 || all[0].Subject != "last" {
		t.Fatalf("%d messages, the newest %q; want 4, \"last\"", len(all), all[0].Subject)
	}
	maja := c.Messages("maja@posta")
	if len(maja) != 3 {
		t.Fatalf("%d messages to Maja, want 3", len(maja))
	}
	m := maja[0]
	if m.Subject != "Čaj iz Šanghaja" || !m.At.Equal(at) || m.Broken != "" || m.From != "shop@skodelica.example" {
		t.Errorf("got %+v", m)
	}
	if !strings.Contains(m.HTML, "čaj je tu") || m.Text != "Draga Maja, čaj je tu.\r\nhttps://shop.example/caj\r\n.\r\n" {
		t.Errorf("text %q, HTML %q", m.Text, m.HTML)
	}
	if diff := cmp.Diff([]string{"https://crm.example/s/c/1?a=1&b=2"}, m.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if got := m.Header("list-unsubscribe"); got != "<https://crm.example/s/unsubscribe/x>" {
		t.Errorf("List-Unsubscribe: %q", got)
	}
	if _, err := c.Message(m.ID + 100); !errors.Is(err, catcher.ErrNotFound) {
		t.Errorf("a message that is not there: %v", err)
	}
}

func raw(t testing.TB, c *catcher.Catcher, to, body string) error {
	t.Helper()
	return smtp.SendMail(c.SMTPAddr(), nil, "shop@skodelica.example", []string{to}, []byte(body))
}

func TestOtherCharsetsAndBrokenMailAreShown(t *testing.T) {
	t.Parallel()
	c := started(t, catcher.Config{})
	for _, body := range []string{
		"Subject: =?windows-1251?B?1+Dp?=\r\nContent-Type: text/html; charset=windows-1251\r\n\r\n<p>\xd7\xe0\xe9</p>\r\n",
		"Subject: odd\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\nnothing here\r\n",
		"no header at all\r\n",
		"Content-Type: text/plain; charset=klingon\r\n\r\nnuqneH\r\n",
	} {
		if err := raw(t, c, "x@posta.example", body); err != nil {
			t.Fatal(err)
		}
	}
	all := c.Messages("")
	if len(all) != 4 {
		t.Fatalf("%d messages, want 4", len(all))
	}
	if russian := all[3]; russian.Subject != "Чай" || !strings.Contains(russian.HTML, "Чай") {
		t.Errorf("windows-1251: subject %q, HTML %q", russian.Subject, russian.HTML)
	}
	if all[1].Broken == "" || all[0].Broken == "" {
		t.Errorf("broken mail is not called broken: %q, %q", all[1].Broken, all[0].Broken)
	}
	h := c.Handler()
	for _, m := range all {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", fmt.Sprintf("/messages/%d", m.ID), nil))
		if rec.Code != 200 {
			t.Errorf("page of message %d: %d", m.ID, rec.Code)
		}
	}
}

func TestOnlyTheNewestAreKept(t *testing.T) {
	t.Parallel()
	c := started(t, catcher.Config{Keep: 3, MaxMessageBytes: 2000})
	for i := range 5 {
		if err := raw(t, c, "x@posta.example", fmt.Sprintf("Subject: %d\r\n\r\nhello\r\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := raw(t, c, "x@posta.example", "Subject: big\r\n\r\n"+strings.Repeat("a long line\r\n", 400)); err == nil {
		t.Error("a message over the limit was accepted")
	}
	var subjects []string
	for _, m := range c.Messages("") {
		subjects = append(subjects, m.Subject)
	}
	if diff := cmp.Diff([]string{"4", "3", "2"}, subjects); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if c.Count() != 5 {
		t.Errorf("count %d, want 5", c.Count())
	}
	c.Clear()
	if len(c.Messages("")) != 0 {
		t.Error("something is left after Clear")
	}
}

func TestFaultsHappenWhereAsked(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fault catcher.Fault
		code  int // 0: the connection is gone
		kept  int64
	}{
		{"none", catcher.Fault{}, 250, 1},
		{"greylisted", catcher.Fault{At: catcher.AtRcpt, Code: 450}, 450, 0},
		{"sender refused", catcher.Fault{At: catcher.AtMail, Code: 550, Message: "no"}, 550, 0},
		{"message refused", catcher.Fault{At: catcher.AtData, Code: 554}, 554, 0},
		{"default code", catcher.Fault{At: catcher.AtData}, 451, 0},
		{"lost answer, mail kept", catcher.Fault{At: catcher.Hang, Accepted: true}, 0, 1},
		{"lost answer, mail lost", catcher.Fault{At: catcher.Hang}, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := started(t, catcher.Config{Sink: true, Fault: func(n int) catcher.Fault {
				if n == 1 {
					return tc.fault
				}
				return catcher.Fault{}
			}})
			if err := raw(t, c, "first@posta.example", "Message-ID: <1@x>\r\n\r\nhello\r\n"); err != nil {
				t.Fatal(err)
			}
			err := raw(t, c, "second@posta.example", "Subject: x\r\nMessage-Id: <2@x>\r\n\r\nhello\r\n")
			var answer *textproto.Error
			switch {
			case tc.code == 250 && err != nil:
				t.Errorf("got %v, want acceptance", err)
			case tc.code == 0 && (err == nil || errors.As(err, &answer)):
				t.Errorf("got %v, want a lost connection", err)
			case tc.code >= 400 && (!errors.As(err, &answer) || answer.Code != tc.code):
				t.Errorf("got %v, want %d", err, tc.code)
			}
			if c.Count() != 1+tc.kept {
				t.Errorf("%d accepted, want %d", c.Count(), 1+tc.kept)
			}
			want := []catcher.Receipt{{To: []string{"first@posta.example"}, MessageID: "<1@x>"}, {To: []string{"second@posta.example"}, MessageID: "<2@x>"}}
			if diff := cmp.Diff(want[:1+tc.kept], c.Receipts()); diff != "" {
				t.Errorf("receipts (-want +got):\n%s", diff)
			}
		})
	}
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func TestPagesShowMailAndRunNothingOfIt(t *testing.T) {
	t.Parallel()
	c := started(t, catcher.Config{})
	site := httptest.NewServer(c.Handler())
	t.Cleanup(site.Close)
	if _, page := get(t, site.URL+"/"); !strings.Contains(page, "No mail yet") || !strings.Contains(page, c.SMTPAddr()) {
		t.Errorf("the empty list does not say where to send: %s", page)
	}
	if err := client(t, c).DialAndSendWithContext(t.Context(), letter(t, "maja@posta.example", `<b>"x"</b>`)); err != nil {
		t.Fatal(err)
	}
	_, page := get(t, site.URL+"/?to=MAJA")
	if !strings.Contains(page, `href="/messages/1"`) || strings.Contains(page, "<b>") {
		t.Errorf("list: %s", page)
	}
	if _, page := get(t, site.URL+"/?to=nobody"); strings.Contains(page, `href="/messages/1"`) {
		t.Error("the search finds what it should not")
	}
	if _, page := get(t, site.URL+"/messages/1"); !strings.Contains(page, "sandbox=") || strings.Contains(page, "<script>alert") {
		t.Errorf("message: %s", page)
	}
	res, frame := get(t, site.URL+"/messages/1/html")
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(frame, `<head><base target="_top">`) || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "img-src http: https:") || strings.Contains(policy, "script-src") || strings.Contains(policy, "allow-scripts") {
		t.Errorf("policy %q, frame %s", policy, frame)
	}
	if res, source := get(t, site.URL+"/messages/1/source"); !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") || !strings.Contains(source, "MIME-Version") {
		t.Errorf("source: %s", source)
	}
	var listed []catcher.Message
	if _, body := get(t, site.URL+"/api/messages?to=maja&limit=1"); json.Unmarshal([]byte(body), &listed) != nil || len(listed) != 1 || listed[0].HTML != "" {
		t.Errorf("API list: %s", body)
	}
	var one catcher.Message
	if _, body := get(t, site.URL+"/api/messages/1"); json.Unmarshal([]byte(body), &one) != nil || len(one.Links) != 1 || one.Text == "" {
		t.Errorf("API message: %s", body)
	}
	for _, bad := range []string{"/messages/77", "/messages/x", "/messages/77/html", "/messages/77/source", "/api/messages/77"} {
		if res, _ := get(t, site.URL+bad); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", bad, res.StatusCode)
		}
	}
	req := httptest.NewRequest("POST", "/delete", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	rec := httptest.NewRecorder()
	c.Handler().ServeHTTP(rec, req)
	if rec.Code != http.StatusForbidden || len(c.Messages("")) != 1 {
		t.Errorf("another site could delete the mail: %d", rec.Code)
	}
	if res, err := http.Post(site.URL+"/delete", "application/x-www-form-urlencoded", nil); err != nil || res.StatusCode != 200 || len(c.Messages("")) != 0 {
		t.Errorf("delete all: %v %v", res, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: =?utf-8?q?x?=\r\nContent-Type: text/html\r\n\r\n<a href=x>"))
	f.Add([]byte("Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--b--"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, b []byte) {
		m := catcher.Parse(b)
		if m.Size != len(b) {
			t.Errorf("size %d of %d bytes", m.Size, len(b))
		}
		_ = m.Header("subject")
	})
}

func BenchmarkSink(b *testing.B) {
	c := started(b, catcher.Config{Sink: true})
	conn, err := smtp.Dial(c.SMTPAddr())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	body := append([]byte("Message-ID: <x@y>\r\n\r\n"), bytes.Repeat([]byte("seventy-six characters of quoted printable text as newsletters have it =\r\n"), 310)...)
	for b.Loop() {
		if err := errors.Join(conn.Mail("a@x.example"), conn.Rcpt("b@x.example")); err != nil {
			b.Fatal(err)
		}
		w, err := conn.Data()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
