package daemon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The whole circle, as a shopper and the shop's owner walk it, in a browser, on the program itself.
func TestTheCircle(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	d := startDemo(t, "--profiles", "200")
	const email = "zala.circle@example.com"

	// The shopper registers and orders.
	b.open(d.shop + "/my-account/")
	b.fill("#register-first_name", "Zala", "#register-last_name", "Krog", "#register-email", email, "#register-password", "a long pass phrase")
	b.press("#register", email)
	order(b, d, "first")

	// And subscribes: the mail asks, the page confirms.
	b.open(d.shop + "/")
	b.fill("#subscribe-name", "Zala", "#subscribe-email", email)
	b.press("#subscribe", "mail")
	confirm := d.awaitMail(t, email, "")
	b.open(confirm.link(t, "/s/confirm/"))
	b.press("button.primary", "thank")

	// The owner finds the shopper's profile.
	b.open(d.panel)
	b.fill("#email", d.email, "#password", d.password)
	b.press("form button.btn--primary", "net revenue")
	b.comesTo(d.panel+"/customers?q=Krog", email, 15*time.Second)
	b.open(b.follow("Zala Krog"))
	b.sees("agreed")
	b.comesTo(b.location(), "new", 15*time.Second)

	// Builds a segment.
	b.open(d.panel + "/segments/new")
	b.fill("#name", "Registered lately")
	b.press(`button[value^="add:"]`, "has ordered")
	b.choose(`select[name^="kind."]`, "registered")
	b.sees("registered")
	b.sees("people now")
	b.press(`button[value="save"]`, "Registered lately")
	b.open(d.panel + "/segments")
	b.open(b.follow("Registered lately"))

	// Writes a newsletter with recommendations to it, and sends it.
	b.press(`button[value="write"]`, "draft")
	letter := strings.SplitN(b.location(), "?", 2)[0]
	b.fill("#subject", `{{ profile.first_name | default: "Hello" }}, chosen for you`)
	if _, err := evaluate(b, `String(document.querySelector('details.block').open = true)`); err != nil {
		t.Fatal(err)
	}
	b.fill(`details.block input[name^="text."]`, "What goes with your coffee")
	b.do("adding a block", click(`button[popovertarget="add"]`), click(`button[value="add:recommendations"]`))
	b.sees("chosen for each person")
	b.press(`button[value="save"]`, "the subject is there")
	b.open(letter)
	b.press(`.head a[data-dialog="send"]`, "people")
	b.press(`#send button.btn--primary`, "sent")

	// The shopper reads it in the catcher, clicks, and orders.
	mail := d.awaitMail(t, email, "Zala, chosen for you")
	if !strings.Contains(mail.HTML, "List-Unsubscribe") && mail.header("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("no one-click unsubscribing: %v", mail.Headers)
	}
	time.Sleep(5 * time.Second) // what clicks sooner after the server took the mail is counted as a machine
	b.open(fmt.Sprintf("%s/messages/%d", d.mail, mail.ID))
	b.open(mail.link(t, "/s/c/"))
	if at := b.location(); !strings.HasPrefix(at, d.shop) {
		t.Fatalf("the click led to %s", at)
	}
	total := order(b, d, "second")

	// The owner sees the revenue in the report.
	b.comesTo(letter, total, 30*time.Second)
	b.sees("clicked")

	// The shopper unsubscribes: looking changes nothing, the button does.
	unsubscribe := mail.link(t, "/s/unsubscribe/")
	if got := subscribed(t, d); got == 0 {
		t.Fatal("nobody is subscribed")
	}
	before := subscribed(t, d)
	b.open(unsubscribe)
	if got := subscribed(t, d); got != before {
		t.Errorf("a GET unsubscribed: %d, before %d", got, before)
	}
	b.press("button.primary", "unsubscribed")
	if got := subscribed(t, d); got != before-1 {
		t.Errorf("%d subscribed, before %d", got, before)
	}

	// The owner tries again: the shopper gets nothing more.
	seen := len(d.mails(t, email))
	file := d.write(t, "again.json", `{"name": "Again", "subject": "Again", "segment": {"is": "registered", "within": 30},
		"blocks": [{"kind": "heading", "text": "Again"}]}`)
	out, errs, code := d.run(t, "newsletter", "send", file, "--json")
	var result struct{ Deliveries, Skipped map[string]int64 }
	if err := json.Unmarshal([]byte(out), &result); code == 0 && err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if code == 0 && result.Skipped["withdrawn"] != 1 || code != 0 && !strings.Contains(errs, "nobody") {
		t.Errorf("sending again: %d\n%s%s", code, out, errs)
	}
	if got := len(d.mails(t, email)); got != seen {
		t.Errorf("%d mails after unsubscribing", got-seen)
	}
}

// order puts the first product that can be had into the cart, pays by card, and gives the total that the shop shows.
func order(b *browser, d *demo, which string) string {
	b.t.Helper()
	b.open(d.shop + "/")
	product, err := evaluate(b, `Array.from(document.querySelectorAll('a[href*="/product/"]')).map(a => a.href)[0]`)
	if err != nil || product == "" {
		b.t.Fatalf("no product in the shop window: %v", err)
	}
	b.open(product)
	b.press("#add-to-cart", "cart")
	time.Sleep(500 * time.Millisecond) // with a script the page stays
	b.open(d.shop + "/checkout/")
	if name, _ := evaluate(b, `document.querySelector('#billing_first_name').value`); name == "" {
		b.fill("#billing_first_name", "Zala", "#billing_last_name", "Krog")
	}
	b.fill("#billing_phone", "041 555 012", "#billing_address_1", "Trubarjeva 1", "#billing_postcode", "1000", "#billing_city", "Ljubljana")
	b.do("paying by card", click("#payment-card"))
	b.press("#place_order", "order")
	b.do("the "+which+" order", waitFor("#order-total"))
	total, err := evaluate(b, `document.querySelector('#order-total').textContent.replace(/[^0-9.,]/g, '')`)
	if err != nil || total == "" {
		b.t.Fatalf("the %s order has no total: %v", which, err)
	}
	return total
}

// message is a mail in the catcher.
type message struct {
	ID      int64
	Subject string
	HTML    string
	Links   []string
	Headers []struct{ Name, Value string }
}

func (m message) header(name string) string {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// link gives the first link whose address contains part.
func (m message) link(t *testing.T, part string) string {
	t.Helper()
	for _, l := range m.Links {
		if strings.Contains(l, part) {
			return l
		}
	}
	t.Fatalf("no link with %s among %v", part, m.Links)
	return ""
}

func (d *demo) mails(t *testing.T, to string) []message {
	t.Helper()
	var list []message
	fetch(t, d.mail+"/api/messages?to="+url.QueryEscape(to), &list)
	return list
}

// awaitMail waits for a mail to the address with the subject ("": any).
func (d *demo) awaitMail(t *testing.T, to, subject string) message {
	t.Helper()
	for range 300 {
		for _, m := range d.mails(t, to) {
			if subject == "" || m.Subject == subject {
				fetch(t, fmt.Sprintf("%s/api/messages/%d", d.mail, m.ID), &m)
				return m
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no mail %q came to %s; there are %+v", subject, to, d.mails(t, to))
	return message{}
}

func fetch(t *testing.T, address string, into any) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
}

func subscribed(t *testing.T, d *demo) int64 {
	t.Helper()
	out, errs, code := d.run(t, "status", "--json")
	var st struct{ Subscribed int64 }
	if err := json.Unmarshal([]byte(out), &st); code != 0 || err != nil {
		t.Fatalf("status: %d, %v: %s", code, err, errs)
	}
	return st.Subscribed
}
