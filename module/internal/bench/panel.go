package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/staff"
)

// pageRequests is how often each page is asked for, one request at a time.
const pageRequests = 60

// panelPage is a page of the control panel. path may hold %d for the n-th of something, so that not one thing alone is asked for.
type panelPage struct {
	name string
	path func(n int) string
}

// pages asks for the panel's pages as a browser would that is signed in.
func (b *bench) pages(ctx context.Context) error {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	b.crm.Mount(app)
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(b.panel) }()
	defer func() {
		_ = app.ShutdownWithTimeout(5 * time.Second)
		<-ended
	}()
	visitor, err := b.signIn(ctx)
	if err != nil {
		return err
	}
	list, err := b.panelPages(ctx)
	if err != nil {
		return err
	}
	floor := sample{}
	for i, page := range list {
		b.Progress("pages", int64(i), int64(len(list)))
		var took sample
		size := 0
		for n := range pageRequests {
			err := took.timed(func() (err error) {
				size, err = visitor.get(ctx, page.path(n))
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", page.name, err)
			}
		}
		m := Measure{Part: PartPanel, Name: page.name, Unit: "ms p95", Better: lower, Kupec: millis(took.quantile(0.95)),
			Settings: map[string]any{"p50_ms": millis(took.median()), "max_ms": millis(took.quantile(1)), "kilobytes": float64(size) / 1000, "requests": pageRequests}}
		if i == 0 {
			floor = took
		} else {
			m.Against, m.Comparison = "a page of no data", millis(floor.quantile(0.95))
		}
		b.add(m)
	}
	return nil
}

// panelPages is what is measured, the page that shows no data but the frame's first.
func (b *bench) panelPages(ctx context.Context) ([]panelPage, error) {
	var people []int64 // spread over all, those who bought
	err := b.db.NewRaw("SELECT f.profile_id FROM crm_facts f WHERE f.orders > 0 ORDER BY CRC32(f.profile_id) LIMIT ?", pageRequests).Scan(ctx, &people)
	if err != nil {
		return nil, err
	}
	var names []string
	if err := b.db.NewRaw("SELECT DISTINCT last_name FROM crm_profiles WHERE last_name <> '' LIMIT ?", pageRequests).Scan(ctx, &names); err != nil {
		return nil, err
	}
	var products []int64
	if err := b.db.NewRaw("SELECT id FROM crm_products WHERE deleted_at IS NULL AND visible").Scan(ctx, &products); err != nil {
		return nil, err
	}
	if len(people) == 0 || len(names) == 0 || len(products) == 0 {
		return nil, errors.New("the shop is empty")
	}
	at := func(path string) func(int) string { return func(int) string { return path } }
	each := func(format string, ids []int64) func(int) string {
		return func(n int) string { return fmt.Sprintf(format, ids[n%len(ids)]) }
	}
	list := []panelPage{
		{"account", at("/account")},
		{"home", at("/")},
		{"customers", at("/customers")},
		{"customers by revenue", at("/customers?sort=net")},
		{"customers, a name", func(n int) string { return "/customers?q=" + url.QueryEscape(names[n%len(names)]) }},
		{"a customer", each("/customers/%d", people)},
		{"products", at("/products")},
		{"a product", each("/products/%d", products)},
		{"settings", at("/settings")},
	}
	segments, err := b.segmentPages(ctx)
	if err != nil {
		return nil, err
	}
	letters, err := b.newsletterPages(ctx)
	return slices.Concat(list, reportPages(products), segments, letters), err
}

// reportPages is each report as it opens, and the long frames of those that read most.
func reportPages(products []int64) (list []panelPage) {
	for _, path := range []string{"", "?in=all", "/buyers?in=12m", "/cohorts", "/cohorts?in=all&view=worth", "/second?in=all", "/products", "/products?in=12m&sort=returned", "/products?in=all", "/categories?in=all", "/countries?in=all", "/discounts?in=12m"} {
		list = append(list, panelPage{"reports" + path, func(int) string { return "/reports" + path }})
	}
	return append(list, panelPage{"reports, a product", func(n int) string { return fmt.Sprintf("/reports/products/%d?in=all", products[n%len(products)]) }})
}

// segmentPages is the list, the builder of a saved segment, and what the builder asks for while somebody types.
func (b *bench) segmentPages(ctx context.Context) ([]panelPage, error) {
	const tree = `{"all":[{"is":"orders","at_least":2,"days":90},{"is":"consent"}]}`
	parsed, err := b.crm.Segments.Parse([]byte(tree))
	if err != nil {
		return nil, err
	}
	saved, err := b.crm.Segments.Create(ctx, "Benchmark", parsed)
	if err != nil {
		return nil, err
	}
	return []panelPage{
		{"segments", func(int) string { return "/segments" }},
		{"a segment with its counts", func(int) string { return fmt.Sprintf("/segments/%d", saved.ID) }},
	}, nil
}

// newsletterPages is the list, and the report of each newsletter that this run has sent.
func (b *bench) newsletterPages(ctx context.Context) ([]panelPage, error) {
	list := []panelPage{{"newsletters", func(int) string { return "/newsletters" }}}
	var sent []int64
	if err := b.db.NewRaw("SELECT id FROM crm_newsletters WHERE mailing_id IS NOT NULL").Scan(ctx, &sent); err != nil {
		return nil, err
	}
	if len(sent) > 0 {
		list = append(list, panelPage{"a report", func(n int) string { return fmt.Sprintf("/newsletters/%d", sent[n%len(sent)]) }})
	}
	return list, nil
}

// visitor is a browser with a session.
type visitor struct {
	base   string
	client *http.Client
}

var formToken = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

func (b *bench) signIn(ctx context.Context) (*visitor, error) {
	const email = "bench@skodelica.example"
	password := rand.Text()
	if _, err := b.crm.Staff.Create(ctx, staff.NewAccount{Email: email, Name: "Bench Mark", Role: staff.RoleOwner, Password: password}); err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &visitor{base: "http://" + b.panel.Addr().String() + "/admin", client: &http.Client{Jar: jar, Timeout: time.Minute}}
	door, err := v.do(ctx, http.MethodGet, "/signin", nil)
	if err != nil {
		return nil, err
	}
	token := formToken.FindSubmatch(door)
	if token == nil {
		return nil, errors.New("the sign-in page has no form")
	}
	_, err = v.do(ctx, http.MethodPost, "/signin", url.Values{"_csrf": {string(token[1])}, "email": {email}, "password": {password}})
	return v, err
}

// get gives the size of a page.
func (v *visitor) get(ctx context.Context, path string) (int, error) {
	body, err := v.do(ctx, http.MethodGet, path, nil)
	return len(body), err
}

func (v *visitor) do(ctx context.Context, method, path string, form url.Values) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK || strings.HasSuffix(res.Request.URL.Path, "/signin") && path != "/signin" {
		return nil, fmt.Errorf("the panel answers %s %s with %s at %s", method, path, res.Status, res.Request.URL.Path)
	}
	return body, nil
}
