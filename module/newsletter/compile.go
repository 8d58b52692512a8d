package newsletter

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/kupec/kupec/module/locale"
)

//go:embed templates
var templateFiles embed.FS

// templates are the parts of a mail. Blanks at the beginning of lines are only for those who read the file.
var templates = sync.OnceValue(func() *template.Template {
	raw, err := fs.ReadFile(templateFiles, "templates/mail.html")
	if err != nil {
		panic(fmt.Sprintf("newsletter: own template: %v", err))
	}
	return template.Must(template.New("").Parse(regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(string(raw), "")))
})

// divider is a rule in plain text.
const divider = "- - - - - - - - - -"

// GmailClips is from how many bytes of HTML on Gmail shows only the beginning of a mail, and with it no way to
// unsubscribe.
const GmailClips = 102 * 1024

// Brand is how a shop's mails look, and who they say they are from.
type Brand struct {
	ShopID        int64  `json:"-"`
	SenderName    string `json:"sender_name"`
	SenderEmail   string `json:"sender_email"`
	ReplyTo       string `json:"reply_to"`       // empty: the sender
	PostalAddress string `json:"postal_address"` // lines; the law wants it in every mail
	LogoURL       string `json:"logo_url"`       // empty: the shop's name
	Accent        string `json:"accent"`         // #rrggbb
}

// DefaultAccent is the accent of a brand that has chosen none.
const DefaultAccent = "#7a3f22"

// content is all that a mail is made of, as it was when the newsletter was sent: what crm_mailings.content holds.
type content struct {
	Newsletter int64    `json:"newsletter"`
	Subject    string   `json:"subject"`
	Preheader  string   `json:"preheader,omitempty"`
	Language   string   `json:"language"`
	Blocks     []Block  `json:"blocks"`
	Brand      Brand    `json:"brand"`
	Shop       shopInfo `json:"shop"`
}

// shopInfo is what a mail says about its shop.
type shopInfo struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// item is a product as a mail shows it.
type item struct {
	id               int64
	name, url, image string
	price, was       string // in the newsletter's language; was is empty without a reduction
}

// letter is a newsletter compiled for sending: everything that is the same for all its recipients.
type letter struct {
	content   content
	printer   *locale.Printer
	subject   program
	preheader program // for lists; the HTML holds it too
	html      program
	text      program
	picks     []pickBlock
	cards     [2]program // a recommendation, [1] with a picture
	links     []string   // addresses to be counted; instructions name them by index
	shown     []int64    // products that the mail shows to everybody: never recommended besides
}

// pickBlock is one block of recommendations.
type pickBlock struct {
	count  int
	pick   string
	reason bool
	html   program // the heading
	text   program
}

// picksWanted is how many recommendations a person gets.
func (l *letter) picksWanted() (n int) {
	for _, p := range l.picks {
		n += p.count
	}
	return n
}

// compiler turns content into a letter and notes what is wrong on the way.
type compiler struct {
	marks    *marks
	accent   string
	shop     shopInfo
	printer  *locale.Printer
	problems []Problem
	block    int
	blockID  string
	links    []string
	linkMark map[string]string // by address
	nesting  nesting

	loneTags, condition *regexp.Regexp
}

// look is the brand's colours, for templates.
type look struct {
	Accent       string
	AccentCSS    template.CSS
	OnAccent     template.CSS
	AccentDark   template.CSS
	OnAccentDark template.CSS
	Font         template.CSS
}

type words struct{ Browser, Why, Preferences, Unsubscribe, Look string }

// compile makes a letter. Products are those that the blocks name; one that is missing there is not shown. With problems
// of severity [Blocking] the letter can still be looked at, but must not be sent.
func compile(in content, products map[int64]item, printer *locale.Printer, live bool) (*letter, []Problem) {
	texts := []string{in.Subject, in.Preheader, in.Shop.Name, in.Shop.URL, in.Brand.PostalAddress, in.Brand.LogoURL}
	for _, b := range in.Blocks {
		texts = append(texts, b.Text, b.URL, b.Alt, b.Link)
	}
	for _, p := range products {
		texts = append(texts, p.name, p.url, p.image)
	}
	m := newMarks(texts)
	c := &compiler{marks: m, shop: in.Shop, printer: printer, linkMark: map[string]string{},
		loneTags: loneTagPattern(m), condition: conditionPattern(m)}
	lk := c.look(in.Brand.Accent)
	l := &letter{content: in, printer: printer}

	subject := c.line(in.Subject, "subject")
	preheader := c.line(in.Preheader, "preheader")
	say := words{
		Browser: printer.T("mail.browser"), Why: printer.T("mail.why", "shop", in.Shop.Name),
		Preferences: printer.T("mail.preferences"), Unsubscribe: printer.T("mail.unsubscribe"), Look: printer.T("mail.look"),
	}
	var htmlBlocks []template.HTML
	var textBlocks []string
	for i, b := range in.Blocks {
		c.block, c.blockID = i+1, b.ID
		h, t := c.blockParts(l, b, products, lk, say)
		if h != "" {
			htmlBlocks = append(htmlBlocks, h)
		}
		if t != "" {
			textBlocks = append(textBlocks, t)
		}
	}
	c.block, c.blockID = 0, ""

	own := func(field string) string { return m.put(instruction{op: opOwn, name: field}) }
	browser, preferences, unsubscribe := own(fieldBrowser), own(fieldPreferences), own(fieldUnsubscribe)
	pixel := ""
	if live {
		pixel = m.put(instruction{op: opPixel})
	}
	home := ""
	if in.Shop.URL != "" {
		home, _ = c.link(in.Shop.URL, "")
	}
	address := addressLines(in.Brand.PostalAddress)
	page := c.execute("mail", map[string]any{
		"Language": in.Language, "Subject": subject, "Preheader": preheader, "Filler": filler, "MSO": mso, "Look": lk,
		"Logo": in.Brand.LogoURL, "ShopName": in.Shop.Name, "Home": home, "Browser": browser, "Preferences": preferences,
		"Unsubscribe": unsubscribe, "Words": say, "Blocks": htmlBlocks, "Address": address, "Pixel": pixel,
	})
	foot := divider + "\n" + say.Why + "\n" + say.Preferences + ": " + preferences + "\n" + say.Unsubscribe + ": " + unsubscribe
	if len(address) > 0 {
		foot += "\n\n" + strings.Join(address, "\n")
	}
	head := in.Shop.Name + "\n" + say.Browser + ": " + browser
	card := func(image string) program {
		return m.compile(string(c.execute("card", map[string]any{
			"Look": lk, "Words": say, "Link": c.pick("url"), "Image": image, "Name": c.pick("name"),
			"Note": c.pick("note"), "Price": c.pick("price"), "Was": c.pick("was"),
			"IfNote": c.ifPick("note"), "IfWas": c.ifPick("was"), "End": m.put(instruction{op: opEnd}),
		})), true)
	}
	l.cards = [2]program{card(""), card(c.pick("image"))}
	l.subject, l.preheader = m.compile(subject, false), m.compile(preheader, false)
	l.html = m.compile(string(page), true)
	l.text = m.compile(strings.Join(append(append([]string{head}, textBlocks...), foot), "\n\n")+"\n", false)
	l.links = c.links
	return l, c.problems
}

// blockParts gives one block as HTML and as plain text. Both are empty for what has nothing to show.
func (c *compiler) blockParts(l *letter, b Block, products map[int64]item, lk look, say words) (template.HTML, string) {
	switch b.Kind {
	case KindHeading:
		text := c.line(b.Text, "text")
		if strings.TrimSpace(b.Text) == "" {
			c.report(Blocking, "text", 0, "newsletter.problem.empty_block")
			return "", ""
		}
		return c.execute("heading", map[string]any{"Look": lk, "Text": text}), text
	case KindText:
		if strings.TrimSpace(b.Text) == "" {
			c.report(Blocking, "text", 0, "newsletter.problem.empty_block")
			return "", ""
		}
		source := c.merge(b.Text, "text")
		return c.execute("text", map[string]any{"HTML": template.HTML(c.textHTML(source))}), c.textPlain(source)
	case KindImage:
		alt := c.line(b.Alt, "alt")
		if strings.TrimSpace(b.Alt) == "" {
			c.report(Blocking, "alt", 0, "newsletter.problem.no_alt")
		}
		if strings.TrimSpace(b.URL) == "" {
			c.report(Blocking, "url", 0, "newsletter.problem.no_image")
			return "", ""
		}
		link, plain := "", "["+alt+"]"
		if strings.TrimSpace(b.Link) != "" {
			if mark, ok := c.link(c.merge(b.Link, "link"), "link"); ok {
				link, plain = mark, plain+"\n"+mark
			}
		}
		image := c.picture(c.merge(b.URL, "url"), "url")
		if image == "" {
			return "", ""
		}
		return c.execute("image", map[string]any{"Look": lk, "Image": image, "Alt": alt, "Link": link}), plain
	case KindButton:
		label := c.line(b.Text, "text")
		if strings.TrimSpace(b.Text) == "" {
			c.report(Blocking, "text", 0, "newsletter.problem.no_label")
		}
		if strings.TrimSpace(b.URL) == "" {
			c.report(Blocking, "url", 0, "newsletter.problem.no_link")
			return "", ""
		}
		mark, ok := c.link(c.merge(b.URL, "url"), "url")
		if !ok || strings.TrimSpace(b.Text) == "" {
			return "", ""
		}
		return c.execute("button", map[string]any{"Look": lk, "Text": label, "Link": mark}), label + ": " + mark
	case KindProduct:
		return c.product(l, b, products, lk, say)
	case KindRecommendations:
		p := pickBlock{count: b.Count, pick: b.Pick, reason: b.Reason}
		if strings.TrimSpace(b.Text) != "" {
			title := c.line(b.Text, "text")
			p.html = c.marks.compile(string(c.execute("title", map[string]any{"Look": lk, "Text": title})), true)
			p.text = c.marks.compile(title+"\n\n", false)
		}
		l.picks = append(l.picks, p)
		mark := c.marks.put(instruction{op: opPicks, n: len(l.picks) - 1})
		return template.HTML(mark), mark
	case KindDivider:
		return c.execute("divider", map[string]any{}), divider
	}
	return "", ""
}

func (c *compiler) product(l *letter, b Block, products map[int64]item, lk look, say words) (template.HTML, string) {
	note := c.line(b.Text, "text")
	if b.ProductID == 0 {
		c.report(Blocking, "product", 0, "newsletter.problem.no_product")
		return "", ""
	}
	p, ok := products[b.ProductID]
	if !ok {
		c.report(Warning, "product", 0, "newsletter.problem.not_sellable")
		return "", ""
	}
	mark, ok := c.link(p.url, "product")
	if !ok {
		return "", ""
	}
	l.shown = append(l.shown, p.id)
	image := ""
	if p.image != "" {
		image = c.picture(p.image, "")
	}
	h := c.execute("card", map[string]any{
		"Look": lk, "Words": say, "Link": mark, "Image": image, "Name": p.name, "Note": note, "Price": p.price, "Was": p.was,
	})
	return h, cardText(p.name, note, c.priceText(p), mark)
}

func (c *compiler) priceText(p item) string { return priceText(c.printer, p) }

func priceText(printer *locale.Printer, p item) string {
	if p.was == "" {
		return p.price
	}
	return p.price + " (" + printer.T("mail.was", "price", p.was) + ")"
}

// cardText is a product in plain text: name, why, price, address, a line each.
func cardText(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
}

func (c *compiler) pick(name string) string { return c.marks.put(instruction{op: opPick, name: name}) }

func (c *compiler) ifPick(name string) string { return c.marks.put(instruction{op: opIf, name: name}) }

func (c *compiler) execute(name string, data any) template.HTML {
	var b strings.Builder
	if err := templates().ExecuteTemplate(&b, name, data); err != nil {
		panic(fmt.Sprintf("newsletter: template %s: %v", name, err)) // our own, every part of it is tested
	}
	return template.HTML(b.String())
}

// line prepares a text of one line: its merge tags become marks.
func (c *compiler) line(text, field string) string {
	return strings.Join(strings.Fields(c.merge(text, field)), " ")
}

// merge puts marks for the merge tags of a field and reports what is wrong with them.
func (c *compiler) merge(text, field string) string {
	parts, tags, problems := scanTags(text)
	for _, p := range problems {
		p.Field = field
		c.add(p)
	}
	var b strings.Builder
	for i, t := range tags {
		b.WriteString(parts[i])
		switch t.op {
		case opValue, opIf, opUnless, opElsif:
			if t.expr == nil && len(problems) > 0 {
				b.WriteString(literal(t.src)) // broken: shown as it was written
				continue
			}
		}
		b.WriteString(c.marks.put(c.instruction(t, field)))
	}
	b.WriteString(parts[len(tags)])
	return b.String()
}

// literal shows a broken tag as text; Markdown and HTML must not read anything into it.
func literal(src string) string {
	return strings.NewReplacer("*", "", "_", "\\_", "<", "", ">", "", "`", "").Replace(src)
}

func (c *compiler) instruction(t mergeTag, field string) instruction {
	in := instruction{op: t.op, expr: t.expr, line: t.line, src: t.src}
	if t.op != opValue {
		return in
	}
	fixed := true
	for _, name := range t.uses {
		f, _ := findField(name)
		if f.Address && t.field != "" {
			return instruction{op: opOwn, name: name, line: t.line, src: t.src}
		}
		if f.Person || f.Address {
			fixed = false
		}
		if f.Person && f.Name != "profile.email" && t.field != "" {
			c.report(Warning, field, t.line, "newsletter.problem.no_default", "tag", t.src, "better", `{{ `+t.field+` | default: "…" }}`)
		}
	}
	in.name = t.field
	if fixed {
		v, err := evaluate(t.expr, bindings(person{}, fixedFields{shop: c.shop}))
		if err == nil {
			in.fixed, in.text = true, valueText(v)
		}
	} else if m := lone.FindStringSubmatch(t.inner()); m != nil {
		in.name, in.text = m[1], m[2]+m[3]
	}
	return in
}

// lone is the form that nearly every merge tag has: a field, and what to say when it is empty.
var lone = regexp.MustCompile(`^(profile\.\w+)\s*\|\s*default:\s*(?:"([^"]*)"|'([^']*)')$`)

// inner is what stands between a tag's braces.
func (t mergeTag) inner() string {
	return strings.TrimSpace(strings.Trim(strings.TrimSuffix(strings.TrimPrefix(t.src, "{{"), "}}"), "-"))
}

// link takes an address, in which marks may stand, and gives the mark of the counted link, or of the person's own
// address. It says false, and reports why unless field is empty, when it cannot be a link.
func (c *compiler) link(raw, field string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if unescaped, err := url.PathUnescape(raw); err == nil && c.marks.pattern.MatchString(unescaped) && !c.marks.pattern.MatchString(raw) {
		raw = unescaped
	}
	if in, ok := c.marks.at(raw); ok && in.op == opOwn {
		return raw, true
	}
	address, ok := c.withoutMarks(raw, field)
	if !ok {
		return "", false
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > MaxURL || strings.ContainsAny(address, " <>\"\\"):
		c.report(Blocking, field, 0, "newsletter.problem.bad_link", "link", clipTo(address, 80))
		return "", false
	case u.Scheme == "mailto" || u.Scheme == "tel":
		return c.marks.put(instruction{op: opText, text: address}), true
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && c.shop.URL != "":
		address = strings.TrimSuffix(c.shop.URL, "/") + address
	case u.Scheme == "" && u.Host == "":
		c.report(Blocking, field, 0, "newsletter.problem.relative_link", "link", clipTo(address, 80), "example", "https://"+clipTo(address, 60))
		return "", false
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		c.report(Blocking, field, 0, "newsletter.problem.bad_link", "link", clipTo(address, 80))
		return "", false
	}
	if mark, ok := c.linkMark[address]; ok {
		return mark, true
	}
	mark := c.marks.put(instruction{op: opLink, n: len(c.links)})
	c.links = append(c.links, address)
	c.linkMark[address] = mark
	return mark, true
}

// picture takes a picture's address.
func (c *compiler) picture(raw, field string) string {
	address, ok := c.withoutMarks(strings.TrimSpace(raw), field)
	if !ok {
		return ""
	}
	u, err := url.Parse(address)
	if err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && c.shop.URL != "" {
		address = strings.TrimSuffix(c.shop.URL, "/") + address
		u, err = url.Parse(address)
	}
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.report(Blocking, field, 0, "newsletter.problem.bad_image", "link", clipTo(address, 80))
		return ""
	}
	if strings.HasSuffix(strings.ToLower(u.Path), ".svg") {
		c.report(Warning, field, 0, "newsletter.problem.svg")
	}
	return address
}

// withoutMarks fills in what is the same for everybody. A field of a person in an address is refused: every person would
// get a link of their own, which can neither be counted nor checked, and would carry their data to whoever sees it.
func (c *compiler) withoutMarks(raw, field string) (string, bool) {
	ok := true
	address := c.marks.pattern.ReplaceAllStringFunc(raw, func(mark string) string {
		in, _ := c.marks.at(mark)
		if !in.fixed {
			ok = false
		}
		return in.text
	})
	if !ok {
		c.report(Blocking, field, 0, "newsletter.problem.personal_link")
	}
	return address, ok
}

func (c *compiler) report(s Severity, field string, line int, key string, args ...any) {
	c.add(Problem{Severity: s, Field: field, Line: line, Key: key, Args: args})
}

func (c *compiler) warn(field string, line int, key string, args ...any) {
	c.report(Warning, field, line, key, args...)
}

// add keeps a problem once; what has no field was found while going over the same text a second time.
func (c *compiler) add(p Problem) {
	if p.Field == "" {
		return
	}
	p.Block, p.BlockID = c.block, c.blockID
	for _, q := range c.problems {
		if q.Block == p.Block && q.Field == p.Field && q.Line == p.Line && q.Key == p.Key && fmt.Sprint(q.Args) == fmt.Sprint(p.Args) {
			return
		}
	}
	c.problems = append(c.problems, p)
}

// look works out the brand's colours: text on the accent and the accent on the dark ground must be readable.
func (c *compiler) look(accent string) look {
	rgb, ok := parseColour(accent)
	if !ok {
		accent = DefaultAccent
		rgb, _ = parseColour(accent)
	}
	c.accent = accent
	hue, saturation, light := hsl(rgb)
	dark := rgb
	for luminance(dark) < 0.5 && light < 0.95 {
		light += 0.02
		dark = fromHSL(hue, saturation, light)
	}
	onAccent, onDark := "#ffffff", "#211610"
	if luminance(rgb) > 0.36 {
		onAccent = "#211610"
	}
	return look{Accent: accent, AccentCSS: template.CSS(accent), OnAccent: template.CSS(onAccent), AccentDark: template.CSS(hexColour(dark)),
		OnAccentDark: template.CSS(onDark), Font: template.CSS("font-family:" + fontStack + ";")}
}

func parseColour(s string) (rgb [3]float64, ok bool) {
	if !colour.MatchString(s) {
		return rgb, false
	}
	var r, g, b int
	if _, err := fmt.Sscanf(s, "#%02x%02x%02x", &r, &g, &b); err != nil {
		return rgb, false
	}
	return [3]float64{float64(r), float64(g), float64(b)}, true
}

var colour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

func hexColour(rgb [3]float64) string {
	return fmt.Sprintf("#%02x%02x%02x", int(rgb[0]+0.5), int(rgb[1]+0.5), int(rgb[2]+0.5))
}

// hsl gives hue in sixths of a turn, saturation and lightness from 0 to 1.
func hsl(rgb [3]float64) (h, s, l float64) {
	r, g, b := rgb[0]/255, rgb[1]/255, rgb[2]/255
	high, low := max(r, g, b), min(r, g, b)
	l = (high + low) / 2
	d := high - low
	if d == 0 {
		return 0, 0, l
	}
	s = d / (1 - math.Abs(2*l-1))
	switch high {
	case r:
		h = math.Mod((g-b)/d+6, 6)
	case g:
		h = (b-r)/d + 2
	default:
		h = (r-g)/d + 4
	}
	return h, s, l
}

func fromHSL(h, s, l float64) [3]float64 {
	c := (1 - math.Abs(2*l-1)) * s
	x := c * (1 - math.Abs(math.Mod(h, 2)-1))
	low := l - c/2
	rgb := [][3]float64{{c, x, 0}, {x, c, 0}, {0, c, x}, {0, x, c}, {x, 0, c}, {c, 0, x}}[int(h)%6]
	for i := range rgb {
		rgb[i] = (rgb[i] + low) * 255
	}
	return rgb
}

// luminance is about that of WCAG 2: enough to choose between black and white.
func luminance(rgb [3]float64) float64 {
	l := 0.0
	for i, weight := range [3]float64{0.2126, 0.7152, 0.0722} {
		v := rgb[i] / 255
		l += weight * v * v
	}
	return l
}

func addressLines(text string) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// mso is what only Outlook's Word engine reads: html/template takes comments out unless they come as values.
var mso = map[string]template.HTML{
	"Head":  `<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->`,
	"Open":  `<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`,
	"Close": `<!--[if mso]></td></tr></table><![endif]-->`,
}

// filler keeps the beginning of the mail out of the line that mail programs show under the subject.
var filler = template.HTML(strings.Repeat("&#847;&zwnj;&nbsp;", 60))
