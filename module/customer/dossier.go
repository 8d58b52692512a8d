package customer

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/staff"
)

// Locales is this room's sentences.
//
//go:embed locales
var Locales embed.FS

// Dossier is everything that is known of one person.
type Dossier struct {
	MadeAt   time.Time
	Profile  Profile
	Sections []Section
}

// Section is what one table knows of them. Times are UTC.
type Section struct {
	Key     string // the catalogue has its title under "dossier.section." and the columns' under "dossier.column."
	Columns []string
	Rows    [][]string
}

// Access gives everything that is known of a person, for that person. It needs staff.AnswerPeople and is recorded.
func (r *Registry) Access(ctx context.Context, profileID int64) (Dossier, error) {
	if _, err := staff.Require(ctx, staff.AnswerPeople); err != nil {
		return Dossier{}, err
	}
	p, err := r.Profile(ctx, profileID)
	if err != nil {
		return Dossier{}, err
	}
	w, err := r.whom(ctx, r.db, p.ID)
	if err != nil {
		return Dossier{}, err
	}
	d := Dossier{MadeAt: r.now(), Profile: p}
	if d.Sections, err = r.tell(ctx, w); err != nil {
		return Dossier{}, fmt.Errorf("gathering what is known of profile %d: %w", p.ID, err)
	}
	for _, k := range r.keepers {
		more, err := k.Tell(ctx, r.db, w)
		if err != nil {
			return Dossier{}, fmt.Errorf("gathering what is known of profile %d: %w", p.ID, err)
		}
		d.Sections = append(d.Sections, more...)
	}
	return d, staff.Record(ctx, r.db, "customer.access", "customer", p.ID, nil)
}

// tell is what this room and those below it know. Deleted rows and hashes are no part of it, and neither is what the staff
// did in the panel, which is told of the staff.
func (r *Registry) tell(ctx context.Context, w Whom) ([]Section, error) {
	ids, emails := bun.List(w.ProfileIDs), bun.List(append(slices.Clone(w.Emails), "")) // a list must not be empty
	var list []Section
	for _, q := range []struct {
		key, query string
		args       []any
	}{
		{"profile", `SELECT id, first_name, last_name, company, email, phone, line1, line2, city, postcode, region, country, language, has_account, registered_at, first_seen_at,
			created_at, updated_at, merged_into FROM crm_profiles WHERE id IN (?) ORDER BY id`, []any{ids}},
		{"facts", "SELECT profile_id, orders, currency, net, refunded, average, first_order_at, last_order_at, gap_days, stage, refreshed_at FROM crm_facts WHERE profile_id IN (?)", []any{ids}},
		{"identities", `SELECT i.kind, COALESCE(s.name, '') AS shop, i.value, i.evidence, i.evidence_ref, i.linked_by, i.created_at, i.gone_at FROM crm_identities i
			LEFT JOIN crm_shops s ON s.id = i.shop_id WHERE i.profile_id IN (?) ORDER BY i.id`, []any{ids}},
		{"orders", `SELECT COALESCE(s.name, '') AS shop, o.number, o.status, o.currency, o.total, o.tax, o.shipping, o.discount, o.refunded, o.account_key, o.email, o.phone, o.first_name, o.last_name,
			o.company, o.line1, o.line2, o.city, o.postcode, o.region, o.country, o.language, o.coupons, o.placed_at, o.paid_at, o.completed_at, o.deleted_at FROM crm_orders o
			LEFT JOIN crm_shops s ON s.id = o.shop_id WHERE o.profile_id IN (?) ORDER BY o.placed_at, o.id`, []any{ids}},
		{"lines", `SELECT o.number, l.sku, l.name, l.quantity, l.total, o.currency FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id
			WHERE o.profile_id IN (?) ORDER BY o.placed_at, o.id, l.position`, []any{ids}},
		{"carts", `SELECT COALESCE(s.name, '') AS shop, c.account_key, c.email, c.phone, c.first_name, c.last_name, c.currency, c.created_at, c.changed_at FROM crm_carts c
			LEFT JOIN crm_shops s ON s.id = c.shop_id WHERE c.profile_id IN (?) ORDER BY c.id`, []any{ids}},
		{"refunds", `SELECT o.number, f.amount, o.currency, f.reason, f.refunded_at FROM crm_orders o JOIN crm_refunds f ON f.order_id = o.id WHERE o.profile_id IN (?) ORDER BY f.refunded_at`, []any{ids}},
		{"consents", `SELECT COALESCE(s.name, '') AS shop, c.topic, c.state, c.source, c.wording, c.ip, c.user_agent, c.at FROM crm_consents c
			LEFT JOIN crm_shops s ON s.id = c.shop_id WHERE c.profile_id IN (?) ORDER BY c.at, c.id`, []any{ids}},
		{"opt_ins", "SELECT email, first_name, last_name, topics, language, wording, ip, user_agent, requested_at, mailed_at, confirmed_at FROM crm_opt_ins WHERE email IN (?) ORDER BY id", []any{emails}},
		{"suppressions", "SELECT email, reason, detail, at FROM crm_suppressions WHERE email_hash IN (?)", []any{bun.List(hashesOf(w))}},
		{"notes", "SELECT body, created_at FROM crm_notes WHERE profile_id IN (?) ORDER BY created_at, id", []any{ids}},
		{"regroupings", "SELECT kind, profile_id, other_id, at, undone_at FROM crm_regroupings WHERE profile_id IN (?) UNION SELECT kind, profile_id, other_id, at, undone_at FROM crm_regroupings WHERE other_id IN (?) ORDER BY at", []any{ids, ids}},
		{"suggestions", "SELECT score, reasons, found_at, dismissed_at FROM crm_suggestions WHERE profile_id IN (?) UNION ALL SELECT score, reasons, found_at, dismissed_at FROM crm_suggestions WHERE other_id IN (?)", []any{ids, ids}},
	} {
		s, err := ReadSection(ctx, r.db, q.key, q.query, q.args...)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func hashesOf(w Whom) [][]byte {
	hashes := [][]byte{{}} // a list must not be empty
	for _, e := range w.Emails {
		hash := e.Hash()
		hashes = append(hashes, hash[:])
	}
	return hashes
}

// ReadSection makes a section of a query's rows, all values as texts. Keepers use it.
func ReadSection(ctx context.Context, db bun.IDB, key, query string, args ...any) (Section, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return Section{}, fmt.Errorf("reading %s: %w", key, err)
	}
	defer rows.Close()
	s := Section{Key: key}
	if s.Columns, err = rows.Columns(); err != nil {
		return Section{}, fmt.Errorf("reading %s: %w", key, err)
	}
	for rows.Next() {
		values := make([]any, len(s.Columns))
		places := make([]any, len(values))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return Section{}, fmt.Errorf("reading %s: %w", key, err)
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = text(v)
		}
		s.Rows = append(s.Rows, texts)
	}
	if err := rows.Err(); err != nil {
		return Section{}, fmt.Errorf("reading %s: %w", key, err)
	}
	return s, nil
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []byte:
		return string(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}

// MarshalJSON writes each section as a list of objects under its key.
func (d Dossier) MarshalJSON() ([]byte, error) {
	all := map[string]any{"made_at": d.MadeAt.UTC().Format(time.RFC3339)}
	for _, s := range d.Sections {
		list := make([]map[string]string, len(s.Rows))
		for i, row := range s.Rows {
			list[i] = make(map[string]string, len(row))
			for j, column := range s.Columns {
				list[i][column] = row[j]
			}
		}
		all[s.Key] = list
	}
	return json.Marshal(all)
}

var dossierPage = template.Must(template.New("dossier").Parse(`<!doctype html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.Title}}</title>
<style>
body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}
section{margin:2rem 0}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.25rem 1rem;margin:0 0 1rem;padding:0 0 1rem;border-bottom:1px solid #8884}
dt{opacity:.7}
dd{margin:0;overflow-wrap:anywhere}
@media(max-width:30rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p>{{.Intro}}</p>
{{range .Sections}}<section><h2>{{.Title}}</h2>{{range .Rows}}<dl>{{range .}}<dt>{{.Name}}</dt><dd>{{.Value}}</dd>{{end}}</dl>
{{end}}</section>
{{end}}</body>
</html>
`))

type dossierField struct{ Name, Value string }

type dossierSection struct {
	Title string
	Rows  [][]dossierField
}

// WriteHTML writes the dossier as a page that needs nothing else, in the printer's language. Empty fields and sections are
// left out.
func (d Dossier) WriteHTML(w io.Writer, p *locale.Printer) error {
	page := struct {
		Lang, Title, Intro string
		Sections           []dossierSection
	}{Lang: p.Lang(), Title: p.T("dossier.title", "name", d.Profile.Name.Display(d.Profile.Email.Unicode())), Intro: p.T("dossier.intro", "at", p.DateTime(d.MadeAt))}
	for _, s := range d.Sections {
		section := dossierSection{Title: p.T("dossier.section." + s.Key)}
		for _, row := range s.Rows {
			var fields []dossierField
			for i, column := range s.Columns {
				if row[i] != "" {
					fields = append(fields, dossierField{p.T("dossier.column." + column), row[i]})
				}
			}
			section.Rows = append(section.Rows, fields)
		}
		if len(section.Rows) > 0 {
			page.Sections = append(page.Sections, section)
		}
	}
	var out bytes.Buffer
	if err := dossierPage.Execute(&out, page); err != nil {
		return fmt.Errorf("writing what is known of profile %d: %w", d.Profile.ID, err)
	}
	_, err := out.WriteTo(w)
	return err
}
