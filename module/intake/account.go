package intake

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/store"
)

// accountRow remembers what an account said of itself last. A profile does not show it: the account's word is one of
// several there.
type accountRow struct {
	bun.BaseModel `bun:"table:crm_accounts"`

	ID          int64     `bun:"id,pk,autoincrement"`
	ShopID      int64     `bun:"shop_id"`
	ShopKey     string    `bun:"shop_key"`
	Fingerprint uint64    `bun:"fingerprint"`
	DeletedAt   time.Time `bun:"deleted_at,nullzero"`
}

const accountUpdate = `DUPLICATE KEY UPDATE fingerprint = VALUES(fingerprint),
	deleted_at = IF(VALUES(deleted_at) IS NULL, NULL, COALESCE(deleted_at, VALUES(deleted_at)))`

const accountsOfInsert = 1000

func accounts() store.Mirror { return store.Mirror{Table: "crm_accounts"} }

func fingerprint(p customer.Person) uint64 {
	return store.NewFingerprint().Text(string(p.Email)).Text(string(p.Phone)).Text(p.Name.First).Text(p.Name.Last).Text(p.Company).
		Text(p.Address.Line1).Text(p.Address.Line2).Text(p.Address.City).Text(p.Address.Postcode).Text(p.Address.Region).Text(p.Address.Country).
		Text(p.Language).Time(p.At).Bool(p.Deleted).Sum()
}

// writeCustomers compares first: accounts that say what they said before are neither linked nor written.
func (w *worker) writeCustomers(ctx context.Context, tx bun.IDB, people []customer.Person) (effect, error) {
	keys := make([]string, len(people))
	for i, p := range people {
		keys[i] = p.AccountKey
	}
	known, err := accounts().Find(ctx, tx, w.shop.ID, keys)
	if err != nil {
		return effect{}, err
	}
	var differ []customer.Person
	rows := map[string]accountRow{}
	for _, p := range people {
		print := fingerprint(p)
		if was, ok := known[p.AccountKey]; ok && was.Fingerprint == print {
			continue
		}
		known[p.AccountKey] = store.Mirrored{Key: p.AccountKey, Fingerprint: print}
		row := accountRow{ShopID: w.shop.ID, ShopKey: p.AccountKey, Fingerprint: print}
		if p.Deleted {
			row.DeletedAt = w.now()
		}
		differ = append(differ, p)
		rows[p.AccountKey] = row
	}
	if len(differ) == 0 {
		return effect{}, nil
	}
	linked, err := w.rooms.People.Link(ctx, tx, w.shop.ID, differ)
	if err != nil {
		return effect{}, err
	}
	var write []accountRow
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		write = append(write, rows[key])
	}
	for part := range slices.Chunk(write, accountsOfInsert) {
		if _, err := tx.NewInsert().Model(&part).On(accountUpdate).Returning("NULL").Exec(ctx); err != nil {
			return effect{}, fmt.Errorf("noting accounts: %w", err)
		}
	}
	return effect{changed: int64(len(rows)), profiles: profilesOf(linked)}, nil
}

// goneCustomers makes guests of accounts that the shop does not have any more.
func (w *worker) goneCustomers(ctx context.Context, tx bun.IDB, keys []string) ([]int64, error) {
	people := make([]customer.Person, len(keys))
	for i, key := range keys {
		people[i] = customer.Person{Evidence: customer.EvidenceAccount, Ref: key, AccountKey: key, Deleted: true}
	}
	linked, err := w.rooms.People.Link(ctx, tx, w.shop.ID, people)
	if err != nil {
		return nil, err
	}
	return profilesOf(linked), accounts().Gone(ctx, tx, w.shop.ID, keys, w.now())
}

// profilesOf is the profiles that linking had to do with, ascending.
func profilesOf(linked []customer.Linked) []int64 {
	touched := map[int64]bool{}
	for _, l := range linked {
		for _, id := range append(l.Touched, l.ProfileID) {
			if id != 0 {
				touched[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(touched))
}
