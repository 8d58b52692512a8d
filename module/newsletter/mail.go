package newsletter

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// content is what a newsletter is made of at this moment.
func (d *Desk) content(ctx context.Context, n Newsletter) (content, error) {
	shop, err := d.shop(ctx, n.ShopID)
	if err != nil {
		return content{}, err
	}
	brand, err := d.Brand(ctx, n.ShopID)
	if err != nil {
		return content{}, err
	}
	return content{Newsletter: n.ID, Subject: n.Subject, Preheader: n.Preheader, Language: n.Language, Blocks: n.Blocks, Brand: brand, Shop: shop.info()}, nil
}

func (d *Desk) printer(language string) *locale.Printer {
	return d.cfg.Catalogue.Printer(language, nil)
}

// compileNow compiles content with the products as they are now.
func (d *Desk) compileNow(ctx context.Context, in content, live bool) (*letter, []Problem, error) {
	var ids []int64
	for _, b := range in.Blocks {
		if b.Kind == KindProduct && b.ProductID != 0 {
			ids = append(ids, b.ProductID)
		}
	}
	printer := d.printer(in.Language)
	items := map[int64]item{}
	if len(ids) > 0 {
		products, err := d.rooms.Catalog.Products(ctx, ids)
		if err != nil {
			return nil, nil, fmt.Errorf("reading products: %w", err)
		}
		for id, p := range products {
			if p.Sellable() && p.ShopID == in.Shop.ID {
				items[id] = newItem(p, printer)
			}
		}
	}
	l, problems := compile(in, items, printer, live)
	return l, problems, nil
}

func newItem(p catalog.Product, printer *locale.Printer) item {
	i := item{id: p.ID, name: p.Name, url: p.URL, image: p.ImageURL, price: printer.Money(p.Price)}
	if u, err := url.Parse(i.image); err != nil || u.Scheme != "http" && u.Scheme != "https" {
		i.image = ""
	}
	if p.RegularPrice.Currency() == p.Price.Currency() && p.RegularPrice.Cmp(p.Price) > 0 {
		i.was = printer.Money(p.RegularPrice)
	}
	return i
}

// cached is a letter for a running mailing. It is made anew after a while, so that a product that was sold out in the
// meantime is not offered to the rest of the audience.
type cached struct {
	sync.Mutex
	letter  *letter
	linkIDs []int64 // of letter.links
	madeAt  time.Time
	usedAt  time.Time // guarded by Desk.mu
}

const (
	letterAge   = time.Minute
	lettersKept = 32
)

// letterFor gives the compiled letter of a mailing with the ids of its links.
func (d *Desk) letterFor(ctx context.Context, m delivery.Mailing) (*letter, []int64, error) {
	d.mu.Lock()
	c := d.letters[m.ID]
	if c == nil {
		c = &cached{}
		if len(d.letters) >= lettersKept {
			oldest := int64(0)
			for id, o := range d.letters {
				if oldest == 0 || o.usedAt.Before(d.letters[oldest].usedAt) {
					oldest = id
				}
			}
			delete(d.letters, oldest)
		}
		d.letters[m.ID] = c
	}
	c.usedAt = d.now()
	d.mu.Unlock()

	c.Lock()
	defer c.Unlock()
	if c.letter != nil && d.now().Sub(c.madeAt) < letterAge {
		return c.letter, c.linkIDs, nil
	}
	var in content
	if err := json.Unmarshal([]byte(m.Content), &in); err != nil {
		return nil, nil, fmt.Errorf("reading the content of mailing %d: %w", m.ID, err)
	}
	l, _, err := d.compileNow(ctx, in, true)
	if err != nil {
		return nil, nil, err
	}
	byURL, err := d.rooms.Links.LinkIDs(ctx, m.ID, l.links)
	if err != nil {
		return nil, nil, fmt.Errorf("numbering the links of mailing %d: %w", m.ID, err)
	}
	ids := make([]int64, len(l.links))
	for i, u := range l.links {
		ids[i] = byURL[u]
	}
	c.letter, c.linkIDs, c.madeAt = l, ids, d.now()
	return l, ids, nil
}

// Render implements [delivery.Renderer]: a batch takes one query for the people, those of the recommendations, and at
// most one for new links, however many it has.
func (d *Desk) Render(ctx context.Context, m delivery.Mailing, batch []delivery.Recipient) ([]delivery.Rendered, error) {
	l, linkIDs, err := d.letterFor(ctx, m)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(batch))
	for i, r := range batch {
		ids[i] = r.ProfileID
	}
	people, err := d.people(ctx, ids)
	if err != nil {
		return nil, err
	}
	picks, err := d.picks(ctx, l, ids)
	if err != nil {
		return nil, err
	}
	var urls []string
	for _, mine := range picks {
		for _, p := range mine {
			urls = append(urls, p.item.url)
		}
	}
	var products map[string]int64
	if len(urls) > 0 {
		if products, err = d.rooms.Links.LinkIDs(ctx, m.ID, urls); err != nil {
			return nil, fmt.Errorf("numbering links: %w", err)
		}
	}
	out := make([]delivery.Rendered, len(batch))
	for i, r := range batch {
		p, ok := people[r.ProfileID]
		if !ok {
			out[i].Err = &delivery.SkipError{Reason: "gone", Detail: "the profile is not there any more"}
			continue
		}
		to := &countedAddresses{desk: d, mailing: m.ID, profile: r.ProfileID, links: linkIDs, products: products, made: make([]string, len(linkIDs))}
		mail := l.render(p, picks[r.ProfileID], to)
		out[i].Message = l.content.message(mail, r.Email, p.name.Display(""))
		out[i].Message.UnsubscribeURL = to.own(fieldUnsubscribe)
	}
	return out, nil
}

var _ delivery.Renderer = (*Desk)(nil)

// message is the envelope around a rendered mail.
func (in content) message(mail Rendered, to contact.Email, toName string) delivery.Message {
	m := delivery.Message{
		From: delivery.Mailbox{Name: in.Brand.SenderName, Email: contact.Email(in.Brand.SenderEmail)},
		To:   to, ToName: toName, Subject: mail.Subject, HTML: mail.HTML, Text: mail.Text,
	}
	if in.Brand.ReplyTo != "" && in.Brand.ReplyTo != in.Brand.SenderEmail {
		m.ReplyTo = delivery.Mailbox{Name: in.Brand.SenderName, Email: contact.Email(in.Brand.ReplyTo)}
	}
	return m
}

type personRow struct {
	ID        int64
	FirstName string
	LastName  string
	Email     string
	Company   string
	City      string
}

// people reads what merge tags can say about profiles that still are there.
func (d *Desk) people(ctx context.Context, ids []int64) (map[int64]person, error) {
	var rows []personRow
	err := d.db.NewRaw(`SELECT id, first_name, last_name, COALESCE(email, '') AS email, company, city FROM crm_profiles
		WHERE id IN (?) AND merged_into IS NULL AND erased_at IS NULL`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading recipients: %w", err)
	}
	people := make(map[int64]person, len(rows))
	for _, r := range rows {
		people[r.ID] = person{id: r.ID, name: contact.Name{First: r.FirstName, Last: r.LastName}, email: contact.Email(r.Email), company: r.Company, city: r.City}
	}
	return people, nil
}

// picks chooses each person's recommendations, of all blocks of one way of picking together, so that no product comes twice.
func (d *Desk) picks(ctx context.Context, l *letter, ids []int64) (map[int64][]pick, error) {
	if l.picksWanted() == 0 || len(ids) == 0 {
		return nil, nil
	}
	items := map[int64]item{} // the same products come up again and again
	picks, offered := map[int64][]pick{}, map[int64][]int64{}
	for _, how := range l.waysOfPicking() {
		places := l.places(how)
		chosen, err := d.rooms.Recommend.For(ctx, l.content.Shop.ID, ids, len(places), recommend.Options{Kind: recommend.Kind(how), Exclude: l.shown, Offered: offered})
		if err != nil {
			return nil, fmt.Errorf("choosing recommendations: %w", err)
		}
		for id, suggestions := range chosen {
			for i, s := range suggestions {
				it, ok := items[s.Product.ID]
				if !ok {
					it = newItem(s.Product, l.printer)
					items[s.Product.ID] = it
				}
				p := pick{item: it, block: places[i]}
				if l.picks[places[i]].reason {
					p.note = l.note(s)
				}
				picks[id], offered[id] = append(picks[id], p), append(offered[id], s.Product.ID)
			}
		}
	}
	return picks, nil
}

// waysOfPicking are those of the letter's blocks, each once.
func (l *letter) waysOfPicking() (ways []string) {
	for _, b := range l.picks {
		if !slices.Contains(ways, b.pick) {
			ways = append(ways, b.pick)
		}
	}
	return ways
}

// places are the blocks in which the recommendations of one way of picking stand, in order, each as often as it shows any.
func (l *letter) places(how string) (blocks []int) {
	for n, b := range l.picks {
		for range b.count {
			if b.pick == how {
				blocks = append(blocks, n)
			}
		}
	}
	return blocks
}

// note says to its reader why a product is in the mail.
func (l *letter) note(s recommend.Suggestion) string {
	switch {
	case s.Kind == recommend.Again:
		return l.printer.T("mail.again")
	case s.Kind == recommend.Newest:
		return l.printer.T("mail.newest")
	case s.Kind == recommend.Upgrade && s.Because != nil:
		return l.printer.T("mail.upgrade", "product", s.Because.Name)
	case s.Because != nil:
		return l.printer.T("mail.because", "product", s.Because.Name)
	}
	return l.printer.T("mail.favourite")
}

// countedAddresses are the links of a mail that goes out.
type countedAddresses struct {
	desk             *Desk
	mailing, profile int64
	links            []int64
	products         map[string]int64
	made             []string          // of links; each is signed once, and stands in HTML and text
	seen             map[string]string // of products
}

func (a *countedAddresses) link(n int) string {
	if a.made[n] == "" {
		a.made[n] = a.desk.rooms.Links.ClickURL(a.mailing, a.profile, a.links[n])
	}
	return a.made[n]
}

func (a *countedAddresses) product(address string) string {
	if u, ok := a.seen[address]; ok {
		return u
	}
	if a.seen == nil {
		a.seen = map[string]string{}
	}
	a.seen[address] = a.desk.rooms.Links.ClickURL(a.mailing, a.profile, a.products[address])
	return a.seen[address]
}

func (a *countedAddresses) own(field string) string {
	return a.desk.ownAddress(field, a.mailing, a.mailing, a.profile)
}

func (a *countedAddresses) pixel() string { return a.desk.rooms.Links.OpenURL(a.mailing, a.profile) }

// ownAddress signs one of a person's own links. view is the mailing to look at in the browser.
func (d *Desk) ownAddress(field string, mailing, view, profile int64) string {
	switch field {
	case fieldUnsubscribe:
		return d.cfg.BaseURL + "/s/unsubscribe/" + d.signer.Sign(PurposeUnsubscribe, time.Time{}, mailing, profile)
	case fieldPreferences:
		return d.cfg.BaseURL + "/s/preferences/" + d.signer.Sign(PurposePreferences, time.Time{}, profile, mailing)
	}
	return d.cfg.BaseURL + "/s/m/" + d.signer.Sign(PurposeBrowser, time.Time{}, view, profile)
}

// plainAddresses are the links of a preview or a test: they lead where they should and count nothing. Those that would
// change something about a person carry mailing 0 and profile 0, which the storefront shows as a test.
type plainAddresses struct {
	desk    *Desk
	letter  *letter
	profile int64
}

func (a plainAddresses) link(n int) string             { return a.letter.links[n] }
func (a plainAddresses) product(address string) string { return address }
func (a plainAddresses) pixel() string                 { return "" }

func (a plainAddresses) own(field string) string {
	if field == fieldBrowser {
		return a.desk.ownAddress(field, 0, -a.letter.content.Newsletter, a.profile)
	}
	return a.desk.ownAddress(field, 0, 0, 0)
}

// Preview shows a newsletter, kept or not, as a profile would get it; profile 0 is somebody of whom nothing is known. It
// needs [staff.SeeSales], and [staff.SeePeople] for a profile.
func (d *Desk) Preview(ctx context.Context, n Newsletter, profileID int64) (Rendered, error) {
	if err := may(ctx, seeing); err != nil {
		return Rendered{}, err
	}
	if profileID != 0 {
		if err := may(ctx, staff.SeePeople); err != nil {
			return Rendered{}, err
		}
	}
	in, err := d.content(ctx, n)
	if err != nil {
		return Rendered{}, err
	}
	return d.example(ctx, in, profileID)
}

// example renders content for one profile without counting anything.
func (d *Desk) example(ctx context.Context, in content, profileID int64) (Rendered, error) {
	l, _, err := d.compileNow(ctx, in, false)
	if err != nil {
		return Rendered{}, err
	}
	var p person
	if profileID != 0 {
		people, err := d.people(ctx, []int64{profileID})
		if err != nil {
			return Rendered{}, err
		}
		p = people[profileID]
	}
	picks, err := d.picks(ctx, l, []int64{profileID})
	if err != nil {
		return Rendered{}, err
	}
	return l.render(p, picks[profileID], plainAddresses{desk: d, letter: l, profile: profileID}), nil
}

// View shows a person's mail in the browser, from the values of a [PurposeBrowser] token. Recommendations are those of
// now. Its links count as those of the mail do; opening it counts nothing. It is for the person, so it asks no permission.
func (d *Desk) View(ctx context.Context, mailingID, profileID int64) (Rendered, error) {
	if mailingID < 0 {
		n, err := d.get(ctx, d.db, -mailingID)
		if err != nil {
			return Rendered{}, err
		}
		in, err := d.content(ctx, n)
		if err != nil {
			return Rendered{}, err
		}
		return d.example(ctx, in, profileID)
	}
	m, err := d.rooms.Post.Mailing(ctx, mailingID)
	if err != nil {
		return Rendered{}, err
	}
	if m.Kind != MailingKind {
		return Rendered{}, fmt.Errorf("mailing %d is not a newsletter: %w", mailingID, store.ErrNotFound)
	}
	mails, err := d.Render(ctx, m, []delivery.Recipient{{ProfileID: profileID}})
	if err != nil {
		return Rendered{}, err
	}
	if mails[0].Err != nil {
		return Rendered{}, fmt.Errorf("showing mailing %d: %w: %w", mailingID, store.ErrNotFound, mails[0].Err)
	}
	got := mails[0].Message
	return Rendered{Subject: got.Subject, HTML: withoutPixel(got.HTML), Text: got.Text, Bytes: len(got.HTML)}, nil
}

// withoutPixel takes the open pixel out: it is the last picture of a mail.
func withoutPixel(html string) string {
	i := strings.LastIndex(html, "<img ")
	if i < 0 {
		return html
	}
	end := strings.IndexByte(html[i:], '>')
	if end < 0 || !strings.Contains(html[i:i+end], `width="1" height="1"`) {
		return html
	}
	return html[:i] + html[i+end+1:]
}
