package sqlmap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters/foreign"
)

// site is what the shop says of itself.
type site struct {
	name, url, currency, zoneName, locale string
	zone                                  *time.Location // what its dates are in
	withTax                               bool
}

// site reads what the shop says of itself: fixed texts, or the first row of a table.
func (s *Shop) site(ctx context.Context, a *attached) (site, error) {
	pl := a.plans["shop"]
	rec := record{pl: pl, r: &row{texts: make([]sql.NullString, len(pl.slots)), zone: time.UTC}}
	if pl.from != "" {
		err := a.One(ctx, "the shop's settings", pl.statement("TRUE")+" ORDER BY "+pl.key+" LIMIT 1", nil, rec.into()...)
		if errors.Is(err, sql.ErrNoRows) {
			return site{}, s.unfit("a row in table "+pl.sec.from.name, pl.sec.at, "No row of this table fits: the shop's name and address are read from the first one.")
		}
		if err != nil {
			return site{}, err
		}
	}
	rec.r.check = foreign.NewCheck(map[string]string{})
	found := site{
		name: rec.text("name"), url: strings.TrimRight(rec.word("url"), "/"), currency: rec.r.check.Currency("shop.currency", rec.word("currency")),
		zoneName: rec.word("zone"), locale: foreign.Language(rec.word("locale")), withTax: rec.flag("prices_with_tax", true),
	}
	var err error
	if found.zone, err = time.LoadLocation(found.zoneName); err != nil || found.zoneName == "" || found.zoneName == "Local" {
		rec.r.check.Fail("shop.zone", found.zoneName, fmt.Errorf("%q is not the name of a time zone", foreign.Cut(found.zoneName)))
	}
	if rec.r.check.Failed() {
		return site{}, s.unfit("the shop's settings", pl.sec.at, rec.r.check.Row("").Reason)
	}
	if s.file.clock != nil {
		found.zone = s.file.clock
	}
	return found, nil
}

func (s *Shop) unfit(missing string, at place, problem string) error {
	p := &problems{file: s.cfg.File}
	p.add(at, problem).missing = missing
	return p.schemaErr()
}

// address makes an address of the shop's window of a path; one that is whole stays. What was typed into a file's name,
// such as a space, is escaped.
func (s site) address(path string) string {
	switch {
	case path == "":
		return ""
	case strings.HasPrefix(path, "https://"), strings.HasPrefix(path, "http://"):
		return path
	}
	path, query, asked := strings.Cut(path, "?")
	parts := strings.Split(strings.TrimLeft(path, "/"), "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		parts[i] = url.PathEscape(part)
	}
	full := s.url + "/" + strings.Join(parts, "/")
	if asked {
		full += "?" + query
	}
	return full
}
