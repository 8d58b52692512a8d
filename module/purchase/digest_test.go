package purchase_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/purchase"
)

// told is what the digest says of everybody.
type told struct {
	Bought map[string]string // "profile/product": orders, first, last
	Latest map[string]string // "profile/place": time
	Pieces map[string]string // order's key
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04:05.000000")
}

// digested says the same from the orders, the slow way.
func digested(orders []purchase.Order) told {
	d := told{map[string]string{}, map[string]string{}, map[string]string{}}
	type row struct {
		orders      int
		first, last time.Time
	}
	bought, times := map[string]*row{}, map[int64][]time.Time{}
	for _, o := range orders {
		pieces := decimal.Zero
		seen := map[int64]bool{}
		for _, l := range o.Lines {
			pieces = pieces.Add(l.Quantity)
			seen[l.ProductID] = true
		}
		d.Pieces[o.Key] = pieces.StringFixed(4)
		if o.Deleted || !slices.Contains(purchase.Counting, o.Status) {
			continue
		}
		if !o.PlacedAt.IsZero() {
			times[o.ProfileID] = append(times[o.ProfileID], o.PlacedAt)
		}
		for product := range seen {
			if product == 0 {
				continue
			}
			key := fmt.Sprint(o.ProfileID, "/", product)
			r := bought[key]
			if r == nil {
				r = &row{}
				bought[key] = r
			}
			r.orders++
			if o.PlacedAt.IsZero() {
				continue
			}
			if r.first.IsZero() || o.PlacedAt.Before(r.first) {
				r.first = o.PlacedAt
			}
			if o.PlacedAt.After(r.last) {
				r.last = o.PlacedAt
			}
		}
	}
	for key, r := range bought {
		d.Bought[key] = fmt.Sprint(r.orders, " ", moment(r.first), " ", moment(r.last))
	}
	for profile, all := range times {
		slices.SortFunc(all, func(a, b time.Time) int { return b.Compare(a) })
		for i := 1; i < min(len(all), purchase.Places); i++ {
			d.Latest[fmt.Sprint(profile, "/", i+1)] = moment(all[i])
		}
	}
	return d
}

func (b bundle) digest(t *testing.T) told {
	t.Helper()
	d := told{map[string]string{}, map[string]string{}, map[string]string{}}
	for into, query := range map[*map[string]string]string{
		&d.Bought: "SELECT CONCAT(profile_id, '/', product_id) AS k, CONCAT(orders, ' ', COALESCE(first_at, 'never'), ' ', COALESCE(last_at, 'never')) AS v FROM crm_bought",
		&d.Latest: "SELECT CONCAT(profile_id, '/', place) AS k, CONCAT(placed_at, '') AS v FROM crm_latest_orders",
		&d.Pieces: "SELECT shop_key AS k, CONCAT(pieces, '') AS v FROM crm_orders",
	} {
		var rows []struct{ K, V string }
		if err := b.db.NewRaw(query).Scan(context.Background(), &rows); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			(*into)[r.K] = r.V
		}
	}
	return d
}

func TestWhatPeopleBoughtAndWhenFollowsEveryChangeOfTheirOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	dice := rand.New(rand.NewPCG(5, 8))
	orders := make([]purchase.Order, 120)
	check := func(when string) {
		t.Helper()
		if diff := cmp.Diff(digested(orders), b.digest(t)); diff != "" {
			t.Fatalf("%s: (-orders +digest) %s", when, diff)
		}
	}
	for round := range 4 {
		for i := range orders {
			if round > 0 && dice.IntN(3) > 0 {
				continue
			}
			o := purchase.Order{ProfileID: int64(1 + i%9), IdentityID: int64(100 + i%9), Key: fmt.Sprint(i), Number: fmt.Sprint(i), Status: adapters.Statuses[dice.IntN(len(adapters.Statuses))],
				Total: eur("10"), Tax: eur("0"), Shipping: eur("0"), Discount: eur("0"), Refunded: eur("0"),
				PlacedAt: time.Date(2026, 3, 1, 0, 0, dice.IntN(5_000_000), 0, time.UTC), Deleted: round == 3 && dice.IntN(8) == 0}
			if dice.IntN(9) == 0 {
				o.PlacedAt = time.Time{}
			}
			for l := range 1 + dice.IntN(4) {
				o.Lines = append(o.Lines, purchase.Line{Key: fmt.Sprint(l), ProductID: dice.Int64N(5), Name: "x", Quantity: decimal.New(dice.Int64N(50), -1), Total: eur("1"), Tax: eur("0")})
			}
			if round > 0 { // whose it is stays with the mirror; identities move below
				o.ProfileID = orders[i].ProfileID
			}
			orders[i] = o
		}
		b.apply(t, orders...)
		check(fmt.Sprint("round ", round))
	}
	if _, err := b.db.NewRaw("DELETE FROM crm_bought WHERE profile_id < 4").Exec(ctx); err != nil { // as a history leaves it
		t.Fatal(err)
	}
	if _, err := b.db.NewRaw("UPDATE crm_latest_orders SET placed_at = NOW(6), place = place + 100").Exec(ctx); err != nil { // and as nothing should
		t.Fatal(err)
	}
	if err := b.book.Digest(ctx, nil); err != nil {
		t.Fatal(err)
	}
	check("anew for everybody")
	if len(digested(orders).Latest) < 20 || len(digested(orders).Bought) < 20 {
		t.Fatal("the orders prove nothing")
	}
	for _, move := range []struct {
		identities []int64
		to         int64
	}{{[]int64{103, 104}, 1}, {[]int64{101}, 50}, {[]int64{101, 104}, 50}, {[]int64{999}, 1}} {
		if err := b.book.Reassign(ctx, b.db, move.identities, move.to); err != nil {
			t.Fatal(err)
		}
		for i := range orders {
			if slices.Contains(move.identities, orders[i].IdentityID) {
				orders[i].ProfileID = move.to
			}
		}
		check(fmt.Sprint("giving ", move.identities, " to ", move.to))
	}
	if _, err := b.book.Gone(ctx, b.db, shop, []string{"3", "14", "15", "92", "no such"}); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{3, 14, 15, 92} {
		orders[i].Deleted = true
	}
	check("deleting in the shop")
}
