package intake

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/purchase"
)

// writeOrders compares first: orders that did not change are neither linked nor written.
func (w *worker) writeOrders(ctx context.Context, tx bun.IDB, rows []sale) (effect, error) {
	linked, write, err := w.linkOrders(ctx, tx, rows)
	if err != nil {
		return effect{}, err
	}
	written, err := write(ctx, tx)
	written.profiles = union(written.profiles, linked.profiles)
	return written, err
}

// linkOrders is the first half of writing orders: whose they are, and what products they name.
func (w *worker) linkOrders(ctx context.Context, tx bun.IDB, rows []sale) (effect, second, error) {
	orders := make([]purchase.Order, len(rows))
	shown := make(map[string]sale, len(rows))
	for i, s := range rows {
		orders[i], shown[s.Key] = s.Order, s
	}
	delta, err := w.rooms.Orders.Compare(ctx, tx, w.shop.ID, orders)
	if err != nil {
		return effect{}, nil, err
	}
	delta.History = w.copying
	if len(delta.Orders) == 0 {
		return effect{}, func(context.Context, bun.IDB) (effect, error) { return effect{}, nil }, nil
	}
	people := make([]customer.Person, len(delta.Orders))
	named := map[string]catalog.Mention{}
	for i, o := range delta.Orders {
		s := shown[o.Key]
		people[i] = customer.Person{Evidence: customer.EvidenceOrder, Ref: o.Number, AccountKey: o.AccountKey, OrderKey: o.Key,
			Email: s.email, Phone: s.phone, Name: o.Name, Company: o.Company, Address: o.Address, Language: o.Language,
			At: cmp.Or(o.PlacedAt, o.PaidAt, o.ChangedAt)}
		for _, l := range o.Lines {
			if l.ProductKey == "" {
				continue
			}
			if _, ok := named[l.ProductKey]; !ok {
				named[l.ProductKey] = catalog.Mention{Key: l.ProductKey, SKU: l.SKU, Name: l.Name}
			}
		}
	}
	linked, err := w.rooms.People.Link(ctx, tx, w.shop.ID, people)
	if err != nil {
		return effect{}, nil, err
	}
	products, err := w.rooms.Catalog.Mention(ctx, tx, w.shop.ID, w.shop.Currency, slices.Collect(maps.Values(named)))
	if err != nil {
		return effect{}, nil, err
	}
	for i := range delta.Orders {
		o := &delta.Orders[i]
		o.IdentityID, o.ProfileID = linked[i].IdentityID, linked[i].ProfileID
		switch {
		case linked[i].Erased: // compared as the shop has it, so that it is not written at each look
			o.Forget()
		case linked[i].NoEmail:
			o.Email = ""
		}
		for j := range o.Lines {
			if key := o.Lines[j].ProductKey; key != "" {
				o.Lines[j].ProductID = products[key]
			}
		}
	}
	return effect{profiles: movedIn(linked)}, func(ctx context.Context, tx bun.IDB) (effect, error) { return w.storeOrders(ctx, tx, delta) }, nil
}

// storeOrders is the second half. Whom an identity belongs to is asked here, and held: somebody who was linked may have
// been joined to another since, later in the batch or in the next one.
func (w *worker) storeOrders(ctx context.Context, tx bun.IDB, delta *purchase.Delta) (effect, error) {
	owners, err := w.owners(ctx, tx, delta.Orders)
	if err != nil {
		return effect{}, err
	}
	for i := range delta.Orders {
		o := &delta.Orders[i]
		o.ProfileID = cmp.Or(owners[o.IdentityID], o.ProfileID) // nobody's identity: an order of somebody who was erased
	}
	result, err := w.rooms.Orders.Write(ctx, tx, delta)
	return effect{changed: result.Orders, profiles: result.Profiles}, err
}

// movedIn is the profiles that linking joined others to, with those others, ascending.
func movedIn(linked []customer.Linked) []int64 {
	var joined []customer.Linked
	for _, l := range linked {
		if len(l.Touched) > 0 {
			joined = append(joined, l)
		}
	}
	return profilesOf(joined)
}

func union(a, b []int64) []int64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// owners gives the profiles that the orders' identities belong to, and holds them there until the transaction ends.
func (w *worker) owners(ctx context.Context, tx bun.IDB, orders []purchase.Order) (map[int64]int64, error) {
	owners := make(map[int64]int64, len(orders))
	for _, o := range orders {
		owners[o.IdentityID] = 0
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(owners)), inMax) {
		var rows []struct{ ID, ProfileID int64 }
		// MariaDB does not know FOR SHARE.
		err := tx.NewRaw("SELECT id, profile_id FROM crm_identities WHERE id IN (?) LOCK IN SHARE MODE", bun.List(part)).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("looking up whose identities they are: %w", err)
		}
		for _, row := range rows {
			owners[row.ID] = row.ProfileID
		}
	}
	return owners, nil
}

// sumUp has made, once, what follows from a history of orders, when all of it is there. What changes from then on is
// followed order by order.
func (w *worker) sumUp(ctx context.Context, at streamRow) error {
	if at.Stream != StreamOrders || at.BackfilledAt.IsZero() || !at.DigestedAt.IsZero() {
		return nil
	}
	err := w.rooms.Orders.Digest(ctx, func(done, total int64) {
		if w.progress != nil {
			w.progress(Progress{Shop: w.source.Name, Stream: "order sums", Done: done, Total: total})
		}
	})
	if err != nil {
		return fmt.Errorf("summing up the orders that were copied: %w", err)
	}
	if _, err := w.db.NewUpdate().Model(&at).WherePK().Set("digested_at = ?", w.now()).Exec(ctx); err != nil {
		return fmt.Errorf("noting that the orders are summed up: %w", err)
	}
	return nil
}
