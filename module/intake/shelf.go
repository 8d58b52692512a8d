package intake

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/store"
)

// categories reads the whole tree, for there is little of it.
func (w *worker) categories(ctx context.Context) error {
	reader, ok := w.source.Shop.(adapters.CategoryReader)
	if ok && !w.shelves.IsZero() && w.now().Sub(w.shelves) < categoriesEvery {
		return w.stand(ctx, StreamCategories)
	}
	if !ok {
		return w.stand(ctx, StreamCategories)
	}
	found, err := reader.Categories(ctx)
	if err != nil {
		return err
	}
	err = store.InTx(ctx, w.db, func(ctx context.Context, tx bun.Tx) error { return w.writeCategories(ctx, tx, found) })
	if err == nil {
		w.shelves = w.now()
		w.tell(ctx, StreamCategories)
	}
	return err
}

func (w *worker) writeCategories(ctx context.Context, tx bun.IDB, found []adapters.Category) error {
	var all []adapters.Category
	var bad []badRow
	for _, c := range found {
		row, err := categoryOf(c)
		if err != nil {
			bad = append(bad, badRow{c.Key, err.Error(), fields(c)})
			continue
		}
		all = append(all, row)
	}
	at, err := w.loadStream(ctx, w.shop.ID, StreamCategories)
	if err != nil {
		return err
	}
	changed, err := w.rooms.Catalog.ApplyCategories(ctx, tx, w.shop.ID, all)
	if err != nil {
		return err
	}
	if err := w.release(ctx, tx, w.shop.ID, StreamCategories, bad); err != nil { // all came: who is not bad now is well or gone
		return err
	}
	if err := w.setAside(ctx, tx, w.shop.ID, StreamCategories, bad); err != nil {
		return err
	}
	place := adapters.Cursor(at.Place)
	return w.advance(ctx, tx, at, place, step{next: place, read: int64(len(found)), changed: int64(changed), caughtUp: true})
}

// stand notes that a stream is known to have nothing further, without asking the shop.
func (w *worker) stand(ctx context.Context, stream string) error {
	at, err := w.loadStream(ctx, w.shop.ID, stream)
	if err != nil {
		return err
	}
	return w.advance(ctx, w.db, at, adapters.Cursor(at.Place), step{next: adapters.Cursor(at.Place), caughtUp: true})
}

func (w *worker) writeProducts(ctx context.Context, tx bun.IDB, rows []product) (effect, error) {
	keys := map[string]bool{}
	for _, p := range rows {
		for _, k := range p.categories {
			keys[k] = true
		}
	}
	ids, err := w.shelfIDs(ctx, tx, slices.Sorted(maps.Keys(keys)))
	if err != nil {
		return effect{}, err
	}
	products := make([]catalog.Product, len(rows))
	for i, p := range rows {
		products[i] = p.Product
		for _, k := range p.categories {
			if id, ok := ids[k]; ok { // else the shop itself does not know the category any more
				products[i].Categories = append(products[i].Categories, id)
			}
		}
	}
	changed, err := w.rooms.Catalog.Apply(ctx, tx, w.shop.ID, products)
	return effect{changed: int64(changed)}, err
}

// shelfIDs finds categories, and reads the tree again when products stand on one that was not there at the last look.
func (w *worker) shelfIDs(ctx context.Context, tx bun.IDB, keys []string) (map[string]int64, error) {
	ids, err := w.rooms.Catalog.CategoryIDs(ctx, tx, w.shop.ID, keys)
	reader, ok := w.source.Shop.(adapters.CategoryReader)
	if err != nil || len(ids) == len(keys) || !ok || w.now().Sub(w.shelves) < w.cfg.Every {
		return ids, err
	}
	found, err := reader.Categories(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.writeCategories(ctx, tx, found); err != nil {
		return nil, err
	}
	w.shelves = w.now()
	return w.rooms.Catalog.CategoryIDs(ctx, tx, w.shop.ID, keys)
}
