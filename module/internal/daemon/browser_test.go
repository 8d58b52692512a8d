package daemon_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser is a tab of a real Chromium.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// agent is a person's browser: clicks of one that says it is headless are counted as a machine's.
const agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

// openBrowser starts Chromium; without one the test is skipped, in words.
func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("skipped: there is no Chromium here; `make test` installs it")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1440, 900), chromedp.UserAgent(agent))...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	// The browser lives as long as the context it is first used under, so not under that of a single step.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return &browser{t, ctx}
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v\nat %s:\n%.2000s", what, err, b.location(), b.page())
	}
}

func (b *browser) location() string {
	at, _ := chromedp.Run(b.ctx, chromedp.Location())
	return at
}

// page is all that stands on the page.
func (b *browser) page() string {
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body ? document.body.innerText : ''"))
	return text
}

// open goes to url. A page that is just being left for another one, as after a form was sent, may abort that; then it is
// tried again.
func (b *browser) open(url string) {
	b.t.Helper()
	for try := 1; ; try++ {
		err := chromedp.Do(b.ctx, chromedp.Navigate(url))
		if err == nil {
			return
		}
		if try == 5 || !strings.Contains(err.Error(), "ERR_ABORTED") {
			b.t.Fatalf("opening %s: %v", url, err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// fill types into fields: pairs of a selector and a value.
func (b *browser) fill(pairs ...string) {
	b.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		b.do("waiting for "+pairs[i], waitFor(pairs[i]))
		if _, err := evaluate(b, `(document.querySelector('`+pairs[i]+`').value = '')`); err != nil {
			b.t.Fatalf("emptying %s: %v", pairs[i], err)
		}
		b.do("filling "+pairs[i], chromedp.SendKeys(pairs[i], pairs[i+1]))
	}
}

// press clicks the first match of selector, wherever on the page it is, and waits for the page that follows to show want.
func (b *browser) press(selector, want string) {
	b.t.Helper()
	b.do("pressing "+selector, chromedp.WaitReady(selector), chromedp.ScrollIntoView(selector), chromedp.Click(selector, chromedp.NodeVisible))
	b.sees(want)
}

// sees waits until the page shows want, whatever the case its style gives it.
func (b *browser) sees(want string) {
	b.t.Helper()
	want = strings.ToLower(want)
	for range 150 {
		if strings.Contains(strings.ToLower(b.page()), want) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.t.Fatalf("%q does not come up at %s:\n%.3000s", want, b.location(), b.page())
}

// comesTo reloads url until the page shows want: what follows by itself within the patience.
func (b *browser) comesTo(url, want string, patience time.Duration) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; {
		b.open(url)
		if strings.Contains(strings.ToLower(b.page()), strings.ToLower(want)) {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%q did not come to %s within %s:\n%.3000s", want, url, patience, b.page())
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// follow gives where the first link with the text leads.
func (b *browser) follow(text string) string {
	b.t.Helper()
	href, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(Array.from(document.querySelectorAll('a')).find(a => a.textContent.trim().toLowerCase().includes('`+strings.ToLower(text)+`')) || {href: ''}).href`))
	if err != nil || href == "" {
		b.t.Fatalf("there is no link %q at %s, %v:\n%.2000s", text, b.location(), err, b.page())
	}
	return href
}

func evaluate(b *browser, script string) (string, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[string](script))
}

func click(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(selector, chromedp.NodeVisible)
}

func waitFor(selector string) chromedp.Action[chromedp.Void] { return chromedp.WaitVisible(selector) }

// choose picks an option of a select as a person does: with the events that follow.
func (b *browser) choose(selector, value string) {
	b.t.Helper()
	b.do("waiting for "+selector, waitFor(selector))
	_, err := evaluate(b, `(() => { const s = document.querySelector('`+selector+`'); s.value = '`+value+`';
		s.dispatchEvent(new Event('input', {bubbles: true})); s.dispatchEvent(new Event('change', {bubbles: true})); return s.value })()`)
	if err != nil {
		b.t.Fatalf("choosing %s in %s: %v", value, selector, err)
	}
}
