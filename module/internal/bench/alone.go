package bench

import (
	"bytes"
	"context"
	"fmt"
	htmltemplate "html/template"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	texttemplate "text/template"

	"github.com/wneessen/go-mail"

	"github.com/kupec/kupec/module/newsletter"
)

// alone is the other side: somebody's own loop over people in memory, html/template and go-mail's kept-open connections. It
// keeps no ledger, asks for no consent, works out no recommendations and signs no links.
type alone struct {
	people  []recipient
	html    *htmltemplate.Template
	text    *texttemplate.Template
	bytes   int // of the HTML
	clients []*mail.Client
}

// recipient is what the templates say of a person: the fields of the newsletter, and two products.
type recipient struct {
	ID                                                   int64
	First, Last, Full, Email, Company, City, Base, Offer string
	Links                                                []int
	Products                                             []product `bun:"-"`
}

type product struct{ Name, URL, Image, Price, Reason string }

// The other side's letter: as many fields, links and products as the newsletter of writeNewsletter has.
const aloneHTML = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.First}}, what goes with your coffee</title></head>
<body style="margin:0;background:#f4f1ec"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="background:#ffffff"><tr><td style="padding:24px;font-family:Arial,sans-serif;font-size:16px;line-height:24px;color:#333333">
<p><a href="{{.Base}}/m/{{.ID}}">View in browser</a></p>
<h1>Twenty-four quiet mornings, {{.First}}</h1>
<p>Dear {{.Full}},</p><p>` + paragraph + `<a href="{{.Base}}/c/{{.ID}}.1">The late harvest</a> is here.</p>
<h2>Chosen for {{.First}}</h2>
{{range .Products}}<table role="presentation" width="100%"><tr><td width="160"><a href="{{.URL}}"><img src="{{.Image}}" width="160" alt="{{.Name}}"></a></td>
<td><a href="{{.URL}}"><b>{{.Name}}</b></a><br>{{.Reason}}<br>{{.Price}}<br><a href="{{.URL}}">Look</a></td></tr></table>
{{end}}<p>How is the weather in {{.City}}? We deliver to {{.City}} on Tuesdays and Fridays.</p>
<p>Coffee for {{.Company}}? <a href="{{.Base}}/c/{{.ID}}.2">Ask us</a>, {{.First}}.</p>
<p><a href="{{.Base}}/c/{{.ID}}.3" style="background:#7a3f22;color:#ffffff;padding:12px 24px">See the beans</a></p>
<p>` + paragraph + `<a href="{{.Base}}/c/{{.ID}}.4">How we roast</a>, <a href="{{.Base}}/c/{{.ID}}.5">how we buy</a>, <a href="{{.Base}}/c/{{.ID}}.6">how we pack</a>.</p><hr>
<p>This went to {{.Email}}, {{.First}} {{.Last}}. <a href="{{.Base}}/c/{{.ID}}.7">Write to us</a>.</p>
<!--filler--><p><a href="{{.Base}}/c/{{.ID}}.8" style="background:#7a3f22;color:#ffffff;padding:12px 24px">To the shop</a></p>
<p>Skodelica d.o.o., Cankarjevo nabrežje 9, 1000 Ljubljana</p>
<p><a href="{{.Base}}/p/{{.ID}}">Choose what you get</a> · <a href="{{.Base}}/u/{{.ID}}">Unsubscribe</a></p><img src="{{.Base}}/o/{{.ID}}.gif" width="1" height="1" alt="">
</td></tr></table></td></tr></table></body></html>
`

const aloneText = `Twenty-four quiet mornings, {{.First}}

Dear {{.Full}},

` + paragraph + `
The late harvest: {{.Base}}/c/{{.ID}}.1

{{range .Products}}{{.Name}}
{{.Reason}}
{{.Price}}
{{.URL}}

{{end}}How is the weather in {{.City}}? We deliver to {{.City}} on Tuesdays and Fridays.
Coffee for {{.Company}}? Ask us, {{.First}}: {{.Base}}/c/{{.ID}}.2
See the beans: {{.Base}}/c/{{.ID}}.3

` + paragraph + `
{{.Base}}/c/{{.ID}}.4 {{.Base}}/c/{{.ID}}.5 {{.Base}}/c/{{.ID}}.6

This went to {{.Email}}, {{.First}} {{.Last}}. {{.Base}}/c/{{.ID}}.7
To the shop: {{.Base}}/c/{{.ID}}.8

Choose what you get: {{.Base}}/p/{{.ID}}
Unsubscribe: {{.Base}}/u/{{.ID}}
`

// newAlone reads the people, makes the templates as large as the newsletter and opens the connections, none of which is measured.
func (b *bench) newAlone(ctx context.Context, letter newsletter.Newsletter, size int) (*alone, error) {
	a := &alone{}
	err := b.db.NewRaw(`SELECT p.id, p.first_name AS first, p.last_name AS last, CONCAT(p.first_name, ' ', p.last_name) AS full, p.email, p.company, p.city
		FROM crm_profiles p JOIN crm_consent_states s ON s.profile_id = p.id AND s.topic = ? AND s.state = 'granted'
		WHERE p.merged_into IS NULL ORDER BY p.id`, letter.Topic).Scan(ctx, &a.people)
	if err != nil {
		return nil, fmt.Errorf("reading the people: %w", err)
	}
	var products []product
	err = b.db.NewRaw("SELECT name, url, image_url AS image, CONCAT(price, ' ', currency) AS price, '38 of 412 buyers took it along' AS reason FROM crm_products WHERE visible AND price IS NOT NULL ORDER BY id LIMIT 2").Scan(ctx, &products)
	if err != nil {
		return nil, fmt.Errorf("reading products: %w", err)
	}
	for i := range a.people {
		a.people[i].Base, a.people[i].Products = "http://"+b.panel.Addr().String()+"/s", products
	}
	if a.text, err = texttemplate.New("text").Parse(aloneText); err != nil {
		return nil, err
	}
	for filler := 0; a.bytes < size; {
		if a.html, err = htmltemplate.New("html").Parse(strings.Replace(aloneHTML, "<!--filler-->", fillerHTML(filler), 1)); err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := a.html.Execute(&out, a.people[0]); err != nil {
			return nil, err
		}
		a.bytes = out.Len()
		filler += size - a.bytes + len(fillerHTML(1<<10))
	}
	host, text, err := net.SplitHostPort(b.sink.addr)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	for range b.Conns {
		client, err := mail.NewClient(host, mail.WithPort(port), mail.WithTLSPolicy(mail.NoTLS), mail.WithoutNoop())
		if err == nil {
			err = client.DialWithContext(ctx)
		}
		if err != nil {
			a.close()
			return nil, fmt.Errorf("connecting to the mail server: %w", err)
		}
		a.clients = append(a.clients, client)
	}
	return a, nil
}

func (a *alone) close() {
	for _, c := range a.clients {
		_ = c.Close()
	}
}

// send sends everybody their letter over all connections and returns when the server has taken the last.
func (a *alone) send(ctx context.Context) error {
	var next atomic.Int64
	var all sync.WaitGroup
	failed := make([]error, len(a.clients))
	for i, client := range a.clients {
		all.Go(func() {
			for n := next.Add(1); n <= int64(len(a.people)) && ctx.Err() == nil; n = next.Add(1) {
				if failed[i] = a.sendOne(client, &a.people[n-1]); failed[i] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (a *alone) sendOne(client *mail.Client, p *recipient) error {
	m := mail.NewMsg()
	if err := m.FromFormat("Skodelica", "novice@skodelica.example"); err != nil {
		return err
	}
	if err := m.AddToFormat(p.Full, p.Email); err != nil {
		return err
	}
	m.Subject(p.First + ", what goes with your coffee")
	m.SetDate()
	m.SetMessageID()
	m.SetGenHeader(mail.HeaderListUnsubscribe, "<"+p.Base+"/u/"+strconv.FormatInt(p.ID, 10)+">")
	m.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	if err := m.SetBodyTextTemplate(a.text, p); err != nil {
		return err
	}
	if err := m.AddAlternativeHTMLTemplate(a.html, p); err != nil {
		return err
	}
	return client.Send(m)
}
