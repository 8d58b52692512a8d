package customer

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// Find gives for each person, in order, the profile they are, by account or else by address; 0 where they are not known.
// Nobody is made or joined.
func (r *Registry) Find(ctx context.Context, db bun.IDB, shopID int64, people []Person) ([]int64, error) {
	found := make([]int64, 0, len(people))
	for chunk := range slices.Chunk(people, linkChunk) {
		b := &batch{r: r, tx: db, shopID: shopID}
		var keys []key
		for _, p := range chunk {
			if p.AccountKey != "" {
				keys = append(keys, b.account(p.AccountKey))
			}
			if p.Email != "" {
				keys = append(keys, email(p.Email))
			}
		}
		rows, err := b.findIdentities(ctx, keys)
		if err != nil {
			return nil, err
		}
		owner := make(map[key]int64, len(rows))
		for _, row := range rows {
			owner[key{row.Kind, row.ShopID, row.Value, row.Slot}] = row.ProfileID
		}
		for _, p := range chunk {
			id := owner[b.account(p.AccountKey)]
			if id == 0 {
				id = owner[email(p.Email)]
			}
			found = append(found, id)
		}
	}
	return found, nil
}
