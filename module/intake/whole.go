package intake

import (
	"context"
	"hash/fnv"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store"
)

// compareWhole compares a stream whose rows the shop cannot sum up: it reads all of them, and what of the mirror did not
// come is gone. It begins again after a crash. Of each key that came it remembers 8 bytes.
func (w *worker) compareWhole(ctx context.Context, a *audit, stream string) error {
	highest, err := w.mirror(stream).Highest(ctx, w.db) // rows that are newer need not have come
	if err != nil {
		return err
	}
	begun := a.row.clone()
	if begun.StartedAt.IsZero() {
		begun.StartedAt = w.now()
	}
	if err := begun.save(ctx, w.db, a.row.Place); err != nil {
		return err
	}
	a.row, a.stream = begun, ""
	found := StreamFindings{Stream: stream, Compared: 1, Reread: 1}
	var came []uint64
	var batch []string
	var before map[string]store.Mirrored
	settle := func() error { // what the batch before this one did
		after, err := w.mirror(stream).Find(ctx, w.db, w.shop.ID, batch)
		found.compare(before, after)
		return err
	}
	err = w.flow(stream).renew(ctx, w, "", w.auditHold(a), func(keys []string) error {
		if err := settle(); err != nil {
			return err
		}
		for _, key := range keys {
			came = append(came, hashed(key))
		}
		batch = keys
		before, err = w.mirror(stream).Find(ctx, w.db, w.shop.ID, keys)
		return err
	})
	if err == nil {
		err = settle()
	}
	if err != nil {
		return err
	}
	slices.Sort(came)
	err = w.mirror(stream).Each(ctx, w.db, w.shop.ID, highest, func(rows []store.Mirrored) error {
		var keys []string
		for _, m := range rows {
			if _, there := slices.BinarySearch(came, hashed(m.Key)); !there && !m.Deleted {
				keys = append(keys, m.Key)
				found.Deleted.add(m.Key)
			}
		}
		if len(keys) == 0 {
			return nil
		}
		return store.InTx(ctx, w.db, func(ctx context.Context, tx bun.Tx) error {
			if err := w.auditHold(a)(ctx, tx, adapters.Cursor(""), step{}); err != nil {
				return err
			}
			return w.gone(ctx, tx, stream, keys)
		})
	})
	if err != nil {
		return err
	}
	return w.auditLeave(ctx, a, func(s *StreamFindings) { *s = found })
}

func hashed(key string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return h.Sum64()
}
