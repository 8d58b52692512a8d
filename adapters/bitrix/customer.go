package bitrix

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// accounts is the condition for a row of b_user, with or without an alias, to be somebody's account. Bitrix itself keeps robots and correspondents
// there, and one user whom all buyers without an account share. Buyers that a checkout has registered ("shop") and those
// that came with an exchange ("sale") are accounts.
func (r *reader) accounts(alias string) string {
	if alias != "" {
		alias += "."
	}
	return "COALESCE(" + alias + "EXTERNAL_AUTH_ID, '') NOT IN ('bot','email','controller','replica','imconnector','saleanonymous') AND " + alias + "ID <> " +
		foreign.Str(foreign.ID(r.options["sale.anonymous_user_id"]))
}

// account is an expression for a user who is somebody's account; NULL where it is none, or was deleted.
func (r *reader) account(user string) string {
	return "(SELECT u.ID FROM {user} u WHERE u.ID = " + user + " AND " + r.accounts("u") + ")"
}

// usersSource follows accounts. TIMESTAMP_X, which the software moves at changes and not at logins, has no index: it is
// looked at among the newest 1,000 accounts, and the others are swept, 5,000 a poll: a change is found within a minute in a
// shop of 5,000 accounts, within eight in one of 400,000. Newer versions can keep a history of profiles; where that is
// switched on, or the time has got an index, a change is in the next poll.
func (r *reader) usersSource() follow.Source {
	src := follow.Source{
		Letter: 'u', What: "customers", Table: "{user}", ID: "ID", Own: r.accounts(""),
		Time: "TIMESTAMP_X", Region: r.region("user", "TIMESTAMP_X", 1000),
		Parts: []follow.Part{
			{Table: "{user} u", Key: "u.ID", Where: r.accounts("u"), Columns: []string{"u.ID", "u.EMAIL", "u.NAME", "u.LAST_NAME", "u.WORK_COMPANY", "u.PERSONAL_PHONE", "u.PERSONAL_MOBILE", "u.WORK_PHONE",
				"u.PERSONAL_STREET", "u.PERSONAL_CITY", "u.PERSONAL_ZIP", "u.PERSONAL_STATE", "u.PERSONAL_COUNTRY", "u.LID", "u.DATE_REGISTER", "u.TIMESTAMP_X"}},
		},
	}
	if r.hasTable("user_phone_auth") {
		src.Parts = append(src.Parts, follow.Part{Table: "{user_phone_auth} a", Key: "a.USER_ID", Columns: []string{"a.PHONE_NUMBER"}})
	}
	if r.hasTable("user_profile_history") {
		src.Feeds = []follow.Feed{{Table: "{user_profile_history}", ID: "ID", Target: "f.USER_ID"}}
	}
	if src.Region > 0 {
		src.Sweep = src.SweepByTime(5_000)
	}
	return src
}

// Customers reads the accounts of all sites. One that is switched off is one still: it may be waiting for its address to be
// confirmed.
func (s *Shop) Customers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Customer], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Customer]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), r.usersSource(), after, limit, r.customers)
}

// user is a row of b_user in text.
type user struct {
	id                                                int64
	email, name, lastName, company                    string
	phone, mobile, work, confirmed                    string
	street, city, zip, state, country, site, language string
	registered, changed                               string
}

func (r *reader) customers(ctx context.Context, ids []int64) ([]adapters.Customer, []adapters.BadRow, error) {
	phone, language := "NULL", r.column("u", "user", "LANGUAGE_ID", "NULL")
	if r.hasTable("user_phone_auth") {
		phone = "(SELECT a.PHONE_NUMBER FROM {user_phone_auth} a WHERE a.USER_ID = u.ID)"
	}
	var rows []adapters.Customer
	var bad []adapters.BadRow
	err := r.Each(ctx, "customers", `SELECT u.ID, u.EMAIL, u.NAME, u.LAST_NAME, u.WORK_COMPANY, u.PERSONAL_PHONE, u.PERSONAL_MOBILE, u.WORK_PHONE, `+phone+`,
			u.PERSONAL_STREET, u.PERSONAL_CITY, u.PERSONAL_ZIP, u.PERSONAL_STATE, u.PERSONAL_COUNTRY, u.LID, `+language+`, u.DATE_REGISTER, u.TIMESTAMP_X
		FROM {user} u WHERE u.ID `+follow.In(ids)+" AND "+r.accounts("u")+" ORDER BY u.ID", nil, func(scan func(...any) error) error {
		var u user
		err := scan(&u.id, follow.Text(&u.email), follow.Text(&u.name), follow.Text(&u.lastName), follow.Text(&u.company), follow.Text(&u.phone), follow.Text(&u.mobile), follow.Text(&u.work),
			follow.Text(&u.confirmed), follow.Text(&u.street), follow.Text(&u.city), follow.Text(&u.zip), follow.Text(&u.state), follow.Text(&u.country), follow.Text(&u.site),
			follow.Text(&u.language), follow.Text(&u.registered), follow.Text(&u.changed))
		if err != nil {
			return err
		}
		c, errs := r.customer(u)
		if errs.Failed() {
			bad = append(bad, errs.Row(foreign.Str(u.id)))
		} else {
			rows = append(rows, c)
		}
		return nil
	})
	return rows, bad, err
}

func (r *reader) customer(u user) (adapters.Customer, *foreign.Check) {
	errs := foreign.NewCheck(map[string]string{"EMAIL": u.email, "DATE_REGISTER": u.registered, "TIMESTAMP_X": u.changed})
	line1, line2 := lines(u.street)
	return adapters.Customer{
		Key: foreign.Str(u.id), Email: strings.TrimSpace(u.email), FirstName: foreign.Plain(u.name), LastName: foreign.Plain(u.lastName), Company: foreign.Plain(u.company),
		Phone: foreign.Plain(foreign.First(u.phone, u.mobile, u.confirmed, u.work)),
		Address: adapters.Address{Line1: line1, Line2: line2, City: foreign.Plain(u.city), Postcode: foreign.Plain(u.zip), Region: foreign.Plain(u.state),
			Country: countryNumber(u.country)},
		Language:     foreign.Language(foreign.First(u.language, r.sites[u.site].language)),
		RegisteredAt: errs.Time("DATE_REGISTER", u.registered, r.zone),
		ChangedAt:    errs.Time("TIMESTAMP_X", u.changed, nil), // a TIMESTAMP, which comes in the zone of the connection
	}, errs
}

// lines takes a field of several lines apart.
func lines(text string) (first, rest string) {
	var all []string
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		if line = foreign.Plain(line); line != "" {
			all = append(all, line)
		}
	}
	if len(all) == 0 {
		return "", ""
	}
	return all[0], strings.Join(all[1:], ", ")
}
