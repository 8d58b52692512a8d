package admin_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// chromium gives a browser tab, or skips the test where no browser is installed. What the console says goes to said.
func chromium(t *testing.T) (ctx context.Context, said func() []string) {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: the screens are not walked in a browser (make test installs one)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	var mu sync.Mutex
	var lines []string
	console := chromedp.Console(ctx)
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			// Browsers also give advice; only what went wrong counts. A transition that a second navigation overtakes is not wrong.
			if kind := string(m.Type); (kind == "error" || kind == "warning" || m.IsException()) && !strings.Contains(m.Text, "Transition was") {
				mu.Lock()
				lines = append(lines, fmt.Sprintf("%s %s: %s (%s)", m.Source, kind, m.Text, m.URL))
				mu.Unlock()
			}
		}
	}()
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := lines
		lines = nil
		return out
	}
}

func TestScreensHoldInABrowser(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 120)
	once, err := p.Segments.Create(staff.WithSystem(t.Context(), "test"), "Once", segment.Tree{Root: segment.Is("orders", segment.Values{"exactly": int64(1)})})
	if err != nil {
		t.Fatal(err)
	}
	ctx, said := chromium(t)
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	eval := func(js string) any {
		t.Helper()
		value, err := chromedp.Run(ctx, chromedp.Evaluate[any](js))
		if err != nil {
			t.Fatalf("%s: %v", js, err)
		}
		return value
	}
	size := func(width, height int64) {
		t.Helper()
		_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500})
		if err != nil {
			t.Fatal(err)
		}
	}
	size(1440, 900)
	do(chromedp.Navigate(p.URL), chromedp.SendKeys(chromedp.ID("email"), string(staff.RoleOwner)+"@example.com"),
		chromedp.SendKeys(chromedp.ID("password"), password), chromedp.Submit(chromedp.ID("password")), chromedp.WaitReady(chromedp.ID("h-rev")))

	if _, err := p.Recommend.Rebuild(ctx, theShop(t, p), nil); err != nil {
		t.Fatal(err)
	}
	customer := firstCustomer(t, p)
	orders, _, err := p.Orders.ByProfile(ctx, customer, "", 1)
	if err != nil || len(orders) == 0 {
		t.Fatalf("orders of the best customer: %v, %v", orders, err)
	}
	screens := []string{"", "?days=7", "?days=365", "/customers", "/customers?sort=net&desc=1", "/customers?q=nobody-at-all", fmt.Sprintf("/customers/%d", customer), "/customers/same", "/customers/rfm", "/customers/predictions", "/customers/rfm?by=nested",
		fmt.Sprintf("/customers/%d/merge", customer), fmt.Sprintf("/customers/%d/merge?find=a", customer), fmt.Sprintf("/customers/%d/merge?with=%d", customer, secondCustomer(t, p)), fmt.Sprintf("/customers/%d/erase", customer),
		"/orders", fmt.Sprintf("/orders/%d", orders[0].ID), "/search?q=a", "/segments", "/segments/new?preset=best", "/segments/new?preset=companion", "/segments/new?preset=deaf", "/newsletters", "/products", "/products/methods", "/products/rules", "/products/preview", fmt.Sprintf("/products/preview?person=%d", buyerOfLittle(t, p)), "/reports", "/reports?in=all", "/reports/buyers?in=12m", "/reports/cohorts?in=all", "/reports/cohorts?view=worth", "/reports/second?in=all", "/reports/products?in=all",
		"/reports/categories?in=all", "/reports/countries?in=all", "/reports/discounts?in=90", "/customers?of=first&from=2001-01-01&to=2099-01-01&again=yes", "/settings", "/settings/mail", "/settings/topics", "/settings/staff", "/settings/imports", "/settings/jobs", "/settings/audit", "/settings/stages", "/account"}
	for _, path := range []string{"", "/history", "/backtest", "/people"} {
		screens = append(screens, fmt.Sprintf("/segments/%d%s", once.ID, path))
	}
	screens = append(screens, "/segments/compare")
	for _, view := range []struct{ width, height int64 }{{1440, 900}, {390, 844}} {
		size(view.width, view.height)
		for _, path := range screens {
			do(chromedp.Navigate(p.URL + path))
			if wide := eval("document.documentElement.scrollWidth - innerWidth"); wide.(float64) > 0 {
				t.Errorf("%s at %d px is %v px too wide", path, view.width, wide)
			}
			if h1 := eval("document.querySelectorAll('main h1').length"); h1.(float64) != 1 {
				t.Errorf("%s has %v headings of the first level", path, h1)
			}
			if twice := eval("[...document.querySelectorAll('[id]')].map(e=>e.id).filter((id,i,all)=>all.indexOf(id)!==i).join(' ')"); twice != "" {
				t.Errorf("%s: these ids stand twice: %v", path, twice)
			}
			if lines := said(); len(lines) > 0 {
				t.Errorf("%s: %s", path, strings.Join(lines, "\n"))
			}
		}
	}

	size(1440, 900)
	do(chromedp.Navigate(p.URL+"/customers"), chromedp.KeyEvent("/"))
	if id := eval("document.activeElement.id"); id != "q" {
		t.Errorf("/ moved the focus to %v", id)
	}
	do(chromedp.Navigate(p.URL), chromedp.WaitReady(chromedp.ID("h-rev")))
	eval("document.querySelector('.pt[tabindex]').focus()")
	do(chromedp.KeyEvent(kb.ArrowLeft))
	if moved := eval("document.activeElement.matches('.pt') && document.activeElement.nextElementSibling !== null"); moved != true {
		t.Error("the arrow key does not walk the chart")
	}
	do(chromedp.Click(chromedp.CSS(".bar button[name=theme]")), chromedp.WaitReady(chromedp.CSS("html[data-theme=dark]")))
	if lines := said(); len(lines) > 0 {
		t.Error(strings.Join(lines, "\n"))
	}
	if p.Log.Len() > 0 {
		t.Errorf("the log has errors:\n%s", p.Log)
	}
}

// firstCustomer is who ordered most.
func firstCustomer(t *testing.T, p *panel) int64 {
	t.Helper()
	var id int64
	if err := p.DB.NewRaw("SELECT profile_id FROM crm_facts ORDER BY orders DESC LIMIT 1").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	return id
}

// secondCustomer is who ordered least.
func secondCustomer(t *testing.T, p *panel) int64 {
	t.Helper()
	var id int64
	if err := p.DB.NewRaw("SELECT profile_id FROM crm_facts ORDER BY orders, profile_id LIMIT 1").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	return id
}
