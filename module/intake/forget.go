package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/store"
)

var _ customer.Keeper = (*Intake)(nil)

// reasonErased stands for the reason and the values of a row whose person was erased.
const reasonErased = "the person of this row was erased: what the shop says of them is not kept"

// withoutErased empties rows on their way into the quarantine that are, or speak, of people who were erased.
func (i *Intake) withoutErased(ctx context.Context, tx bun.IDB, shopID int64, stream string, bad []badRow) error {
	if len(bad) == 0 {
		return nil
	}
	var people []customer.Person
	var of []int // which row each is of
	for n, b := range bad {
		p := customer.Person{}
		switch stream {
		case StreamCustomers:
			p.AccountKey = b.shopKey()
		case StreamOrders:
			p.OrderKey = b.shopKey()
		}
		people, of = append(people, p), append(of, n)
		for _, e := range addressesIn(b.raw) {
			people, of = append(people, customer.Person{Email: e}), append(of, n)
		}
	}
	erased, err := i.rooms.People.Erased(ctx, tx, shopID, people)
	if err != nil {
		return err
	}
	for n, gone := range erased {
		if gone {
			bad[of[n]].reason, bad[of[n]].raw = reasonErased, map[string]string{}
		}
	}
	return nil
}

// present leaves out rows of people who were erased.
func present[T any](ctx context.Context, tx bun.IDB, w *worker, rows []T, who func(T) customer.Person) ([]T, error) {
	people := make([]customer.Person, len(rows))
	for i, row := range rows {
		people[i] = who(row)
	}
	erased, err := w.rooms.People.Erased(ctx, tx, w.shop.ID, people)
	if err != nil {
		return nil, err
	}
	kept := make([]T, 0, len(rows))
	for i, row := range rows {
		if !erased[i] {
			kept = append(kept, row)
		}
	}
	return kept, nil
}

// addressesIn finds e-mail addresses in a row's values, nested ones too.
func addressesIn(raw map[string]string) (found []contact.Email) {
	for _, value := range raw {
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n\",;:<>()[]{}\\", r) }) {
			if !strings.Contains(word, "@") {
				continue
			}
			if e, err := contact.ParseEmail(word); err == nil && !slices.Contains(found, e) {
				found = append(found, e)
			}
		}
	}
	return found
}

// Tell gives the rows of somebody that could not be read, and what the shop's lists say of their addresses.
func (i *Intake) Tell(ctx context.Context, db bun.IDB, w customer.Whom) ([]customer.Section, error) {
	s := customer.Section{Key: "quarantine", Columns: []string{"stream", "shop_key", "reason", "raw", "first_seen_at", "last_seen_at"}}
	err := i.eachAside(ctx, db, w, func(r setAsideRow) error {
		raw, err := json.Marshal(r.Raw)
		s.Rows = append(s.Rows, []string{r.Stream, r.ShopKey, r.Reason, string(raw), r.FirstSeenAt.Format("2006-01-02T15:04:05Z"), r.LastSeenAt.Format("2006-01-02T15:04:05Z")})
		return err
	})
	if err != nil {
		return nil, err
	}
	emails := bun.List(append(slices.Clone(w.Emails), "")) // a list must not be empty
	lists, err := customer.ReadSection(ctx, db, "subscriptions", "SELECT email, answer, list, source, answered_at FROM crm_subscribers WHERE email IN (?) ORDER BY id", emails)
	return []customer.Section{s, lists}, err
}

// Forget empties the rows of somebody that could not be read, when they are erased, and takes out what the shop's lists
// said of their addresses.
func (i *Intake) Forget(ctx context.Context, tx bun.IDB, w customer.Whom) error {
	if len(w.Emails) > 0 {
		if _, err := tx.NewDelete().Table("crm_subscribers").Where("shop_id IN (SELECT id FROM crm_shops)").Where("email IN (?)", bun.List(w.Emails)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting what lists said: %w", err)
		}
	}
	return i.eachAside(ctx, tx, w, func(r setAsideRow) error {
		r.Reason, r.Raw = reasonErased, map[string]string{}
		_, err := tx.NewUpdate().Model(&r).Column("reason", "raw").WherePK().Exec(ctx)
		return err
	})
}

// eachAside goes over the quarantine, which is small where a shop is well, and gives the rows that are, or speak, of somebody.
func (i *Intake) eachAside(ctx context.Context, db bun.IDB, w customer.Whom, each func(setAsideRow) error) error {
	for after := int64(0); ; {
		var rows []setAsideRow
		if err := db.NewSelect().Model(&rows).Where("q.id > ?", after).OrderExpr("q.id").Limit(store.PageMax).Scan(ctx); err != nil {
			return fmt.Errorf("reading the quarantine: %w", err)
		}
		for _, r := range rows {
			if r.speaksOf(w) {
				if err := each(r); err != nil {
					return fmt.Errorf("going over the quarantine: %w", err)
				}
			}
		}
		if len(rows) < store.PageMax {
			return nil
		}
		after = rows[len(rows)-1].ID
	}
}

func (r setAsideRow) speaksOf(w customer.Whom) bool {
	key := customer.ShopKey{ShopID: r.ShopID, Key: r.ShopKey}
	switch r.Stream {
	case StreamCustomers:
		if slices.Contains(w.Accounts, key) {
			return true
		}
	case StreamOrders:
		if slices.Contains(w.Orders, key) {
			return true
		}
	}
	return slices.ContainsFunc(addressesIn(r.Raw), func(e contact.Email) bool { return slices.Contains(w.Emails, e) })
}
