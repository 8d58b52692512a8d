package recommend

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
)

// offerable is the condition that the product under alias p may be offered: shown, with a price, in stock or orderable without
// it, and with a picture, unless its shop has none of anything. A rebuild, a batch of a mailing and the panel all ask this
// one, each at its own time. It takes [offerableStock] and whether the shop has pictures.
const offerable = "p.visible AND p.deleted_at IS NULL AND p.price > 0 AND p.stock IN (?) AND (p.image_url <> '' OR NOT ?)"

var offerableStock = bun.List([]adapters.Stock{adapters.InStock, adapters.OnBackorder})

// hasPictures says whether any product of a shop has a picture.
func (e *Engine) hasPictures(ctx context.Context, shopID int64) (has bool, err error) {
	err = e.db.NewRaw("SELECT EXISTS (SELECT 1 FROM crm_products WHERE shop_id = ? AND visible AND image_url <> '')", shopID).Scan(ctx, &has)
	if err != nil {
		return false, fmt.Errorf("asking whether the shop has pictures: %w", err)
	}
	return has, nil
}

// refused leaves those products that may not be offered now. It is asked anew each time: what has sold out since the last
// batch of a mailing is not in the next.
func (e *Engine) refused(ctx context.Context, pictured bool, out map[int64]bool) (map[int64]bool, error) {
	if len(out) == 0 {
		return out, nil
	}
	var can []int64
	err := e.db.NewRaw("SELECT p.id FROM crm_products AS p WHERE p.id IN (?) AND "+offerable, bun.List(slices.Sorted(maps.Keys(out))), offerableStock, pictured).Scan(ctx, &can)
	if err != nil {
		return nil, fmt.Errorf("asking which products can be offered: %w", err)
	}
	for _, id := range can {
		delete(out, id)
	}
	return out, nil
}
