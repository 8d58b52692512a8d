package newsletter

import (
	"strings"

	"github.com/osteele/liquid/expressions"

	"github.com/kupec/kupec/module/contact"
)

// person is what merge tags can say about a recipient.
type person struct {
	id            int64
	name          contact.Name
	email         contact.Email
	company, city string
}

func (p person) field(name string) string {
	switch name {
	case "profile.first_name":
		return p.name.First
	case "profile.last_name":
		return p.name.Last
	case "profile.full_name":
		return p.name.Display("")
	case "profile.email":
		return p.email.Unicode()
	case "profile.company":
		return p.company
	case "profile.city":
		return p.city
	}
	return ""
}

// fixedFields is what merge tags can name that is not about the person's profile.
type fixedFields struct {
	shop shopInfo
	own  func(field string) string // may be nil
}

// bindings are the values of every field, for the library.
func bindings(p person, fixed fixedFields) expressions.Context {
	own := func(field string) string {
		if fixed.own == nil {
			return ""
		}
		return fixed.own(field)
	}
	return expressions.NewContext(map[string]any{
		"profile": map[string]any{
			"first_name": clip(p.field("profile.first_name")), "last_name": clip(p.field("profile.last_name")),
			"full_name": clip(p.field("profile.full_name")), "email": clip(p.field("profile.email")),
			"company": clip(p.company), "city": clip(p.city),
		},
		"shop":           map[string]any{"name": fixed.shop.Name, "url": fixed.shop.URL},
		fieldUnsubscribe: own(fieldUnsubscribe),
		fieldPreferences: own(fieldPreferences),
		fieldBrowser:     own(fieldBrowser),
	}, filterConfig())
}

// addresses gives the links of one person's copy.
type addresses interface {
	link(n int) string         // of letter.links[n]
	product(url string) string // of a recommended product
	own(field string) string   // fieldUnsubscribe, fieldPreferences, fieldBrowser
	pixel() string             // of the open pixel
}

// pick is one product that was chosen for the person.
type pick struct {
	block int // which of the letter's blocks of recommendations it stands in
	item  item
	note  string // why; empty: not said
}

// reading is one walk over a letter's programs for one person.
type reading struct {
	letter *letter
	person person
	picks  []pick // of all blocks
	to     addresses
	ctx    expressions.Context // made when a tag needs it
	pick   *pick
}

// Rendered is one person's copy of a newsletter.
type Rendered struct {
	Subject   string
	Preheader string
	HTML      string
	Text      string
	Bytes     int // of the HTML
}

func (l *letter) render(p person, picks []pick, to addresses) Rendered {
	r := &reading{letter: l, person: p, picks: picks, to: to}
	size := l.html.size + l.html.size/2
	html := string(r.run(&l.html, make([]byte, 0, size)))
	return Rendered{
		Subject:   strings.TrimSpace(clip(string(r.run(&l.subject, nil)))),
		Preheader: strings.TrimSpace(clip(string(r.run(&l.preheader, nil)))),
		HTML:      html,
		Text:      string(foldLines(r.run(&l.text, make([]byte, 0, l.text.size+l.text.size/2)))),
		Bytes:     len(html),
	}
}

// foldLines leaves one empty line where a condition or a block with nothing to show has left several. It works in place.
func foldLines(b []byte) []byte {
	out, ends := b[:0], 0
	for _, c := range b {
		if c != '\n' {
			ends = 0
		} else if ends++; ends > 2 {
			continue
		}
		out = append(out, c)
	}
	return out
}

// run appends what a program says about the person.
func (r *reading) run(p *program, dst []byte) []byte {
	put := func(s string) {
		if p.html {
			s = escapeHTML(s)
		}
		dst = append(dst, s...)
	}
	for i := 0; i < len(p.code); i++ {
		in := &p.code[i]
		switch in.op {
		case opText:
			dst = append(dst, in.text...)
		case opValue:
			put(r.value(in))
		case opLink:
			put(r.to.link(in.n))
		case opOwn:
			put(r.to.own(in.name))
		case opPixel:
			put(r.to.pixel())
		case opPick:
			put(r.pickValue(in.name))
		case opPicks:
			dst = r.runPicks(in.n, p.html, dst)
		case opElse, opElsif:
			i = in.end // the branch before was the true one
		case opIf, opUnless:
			// The first branch whose condition holds is walked; to leads from each branch to the next.
			for branch := i; ; {
				b := &p.code[branch]
				if b.op == opEnd || b.op == opElse || r.holds(b) {
					i = branch
					break
				}
				branch = b.to
			}
		}
	}
	return dst
}

func (r *reading) holds(in *instruction) bool {
	if in.expr == nil {
		return r.pick != nil && r.pickValue(in.name) != ""
	}
	v, err := evaluate(in.expr, r.context())
	return (err == nil && truth(v)) != (in.op == opUnless)
}

func (r *reading) value(in *instruction) string {
	if in.name != "" {
		if s := clip(r.person.field(in.name)); s != "" {
			return s
		}
		return in.text
	}
	v, err := evaluate(in.expr, r.context())
	if err != nil {
		return ""
	}
	return valueText(v)
}

func (r *reading) context() expressions.Context {
	if r.ctx == nil {
		r.ctx = bindings(r.person, fixedFields{shop: r.letter.content.Shop, own: r.to.own})
	}
	return r.ctx
}

// runPicks writes the recommendations of block n, with its heading; nothing when there are none.
func (r *reading) runPicks(n int, html bool, dst []byte) []byte {
	block := &r.letter.picks[n]
	shown := 0
	for i := range r.picks {
		if r.picks[i].block != n {
			continue
		}
		r.pick = &r.picks[i]
		if shown++; shown == 1 {
			dst = r.run(block.heading(html), dst)
		}
		if !html {
			if shown > 1 {
				dst = append(dst, '\n', '\n')
			}
			dst = append(dst, cardText(r.pick.item.name, r.pick.note, priceText(r.letter.printer, r.pick.item), r.to.product(r.pick.item.url))...)
			continue
		}
		card := &r.letter.cards[0]
		if r.pick.item.image != "" {
			card = &r.letter.cards[1]
		}
		dst = r.run(card, dst)
	}
	r.pick = nil
	return dst
}

func (b *pickBlock) heading(html bool) *program {
	if html {
		return &b.html
	}
	return &b.text
}

func (r *reading) pickValue(name string) string {
	switch name {
	case "name":
		return clip(r.pick.item.name)
	case "note":
		return clip(r.pick.note)
	case "price":
		return r.pick.item.price
	case "was":
		return r.pick.item.was
	case "image":
		return r.pick.item.image
	}
	return r.to.product(r.pick.item.url)
}
