package prestashop

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// ofStock limits stock_available, by the alias k, to what the shop can sell: its own stock, or its group's common one.
func (r *reader) ofStock() string {
	if r.sharesStock {
		return fmt.Sprintf("k.id_shop = 0 AND k.id_shop_group = %d", r.group)
	}
	return fmt.Sprintf("k.id_shop = %d", r.shop)
}

// stocks are quantities by product and combination; the combination 0 is the product itself, or the sum of its combinations.
type stocks struct {
	counted    bool // the shop counts at all
	backorders bool // what is sold out can be ordered, where a product says nothing else
	rows       map[[2]int64]stockRow
}

type stockRow struct {
	quantity  string
	positive  bool
	whenEmpty int64 // out_of_stock: 0 refuse, 1 take orders, 2 as the shop does
}

func (r *reader) stocks(ctx context.Context, ids []int64) (stocks, error) {
	all := stocks{counted: r.on("PS_STOCK_MANAGEMENT"), backorders: r.on("PS_ORDER_OUT_OF_STOCK"), rows: map[[2]int64]stockRow{}}
	err := r.Each(ctx, "stock", "SELECT k.id_product, k.id_product_attribute, k.quantity, k.quantity > 0, k.out_of_stock FROM {stock_available} k WHERE k.id_product "+follow.In(ids)+" AND "+r.ofStock(), nil,
		func(scan func(...any) error) error {
			var key [2]int64
			var row stockRow
			err := scan(&key[0], &key[1], &row.quantity, &row.positive, &row.whenEmpty)
			all.rows[key] = row
			return err
		})
	return all, err
}

// of says whether something can be had. Whether it can be ordered when it is sold out, is said for the product with all its
// combinations: the flag that their rows have as well, PrestaShop does not look at.
func (s stocks) of(product, combination int64) adapters.Stock {
	whenEmpty := int64(2)
	if row, ok := s.rows[[2]int64{product, 0}]; ok {
		whenEmpty = row.whenEmpty
	}
	switch {
	case !s.counted || s.rows[[2]int64{product, combination}].positive:
		return adapters.InStock
	case whenEmpty == 1 || whenEmpty == 2 && s.backorders:
		return adapters.OnBackorder
	}
	return adapters.OutOfStock
}

func (s stocks) quantity(product, combination int64, errs *foreign.Check) string {
	row, ok := s.rows[[2]int64{product, combination}]
	if !ok || !s.counted {
		return ""
	}
	return errs.Number("stock_available, quantity", row.quantity).String()
}
