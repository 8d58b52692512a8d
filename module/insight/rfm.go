package insight

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/store"
)

// Ranking is how a shop's buyers stand by recency, frequency and money, as of the night's run.
type Ranking struct {
	AsOf   time.Time // the last day that was known
	Bounds Bounds    // of the run
	Cells  []Cell    // of the method that was asked for; those with people
	Groups []GroupSum
	Moves  []Move // of the last twelve months, the latest first
}

// Cell is the people with a score of recency and one of frequency, 1 to 5, whatever they spent.
type Cell struct {
	Recency, Frequency int
	Sum
}

// GroupSum is the people of a group.
type GroupSum struct {
	Group Group
	Sum
}

// Sum is how many people, and what they brought in.
type Sum struct {
	People int64
	Net    []money.Money // by currency, each person's in the one that most of their orders are in; the most people's first
}

// Move is how many people went from a group into one, or stayed in it, within a month. From is "" for who first bought then.
type Move struct {
	Month    time.Time // its first day
	From, To Group
	People   int64
}

type rankRow struct {
	bun.BaseModel `bun:"table:crm_rfm,alias:d"`

	ProfileID   int64 `bun:"profile_id,pk"`
	ShopID      int64 `bun:"shop_id"`
	Independent int   `bun:"independent"`
	Nested      int   `bun:"nested"`
	Fixed       int   `bun:"fixed"`
	Group       Group `bun:"rfm_group"`
	Before      Group `bun:"group_before"`
}

type cellRow struct {
	bun.BaseModel `bun:"table:crm_rfm_cells,alias:c"`

	ShopID    int64           `bun:"shop_id,pk"`
	Method    Method          `bun:"method,pk"`
	Recency   int             `bun:"recency,pk"`
	Frequency int             `bun:"frequency,pk"`
	Currency  string          `bun:"currency,pk"`
	People    int64           `bun:"people"`
	Net       decimal.Decimal `bun:"net"`
}

type moveRow struct {
	bun.BaseModel `bun:"table:crm_rfm_moves,alias:m"`

	ShopID  int64     `bun:"shop_id,pk"`
	MonthOn time.Time `bun:"month_on,pk,type:date"`
	From    Group     `bun:"from_group,pk"`
	To      Group     `bun:"to_group,pk"`
	People  int64     `bun:"people"`
}

// Ranking gives a shop's. Before its first night there is none: [store.ErrNotFound].
func (f *Facts) Ranking(ctx context.Context, shopID int64, m Method) (Ranking, error) {
	var run runRow
	if err := f.db.NewSelect().Model(&run).Where("n.shop_id = ?", shopID).Order("n.id DESC").Limit(1).Scan(ctx); err != nil {
		return Ranking{}, fmt.Errorf("reading the last model run of shop %d: %w", shopID, store.NotFound(err))
	}
	r := Ranking{AsOf: run.UntilOn}
	if run.Bounds == "" {
		return Ranking{}, fmt.Errorf("the last model run of shop %d ranked nobody: %w", shopID, store.ErrNotFound)
	}
	if err := json.Unmarshal([]byte(run.Bounds), &r.Bounds); err != nil {
		return Ranking{}, fmt.Errorf("reading the thresholds of model run %d: %w", run.ID, err)
	}
	var cells []cellRow
	if err := f.db.NewSelect().Model(&cells).Where("c.shop_id = ?", shopID).Order("c.people DESC").Scan(ctx); err != nil {
		return Ranking{}, fmt.Errorf("reading how people of shop %d rank: %w", shopID, err)
	}
	r.sum(cells, m)
	var moves []moveRow
	err := f.db.NewSelect().Model(&moves).Where("m.shop_id = ?", shopID).Order("m.month_on DESC", "m.people DESC", "m.from_group", "m.to_group").Scan(ctx)
	if err != nil {
		return Ranking{}, fmt.Errorf("reading how people of shop %d moved: %w", shopID, err)
	}
	for _, row := range moves {
		r.Moves = append(r.Moves, Move{row.MonthOn, row.From, row.To, row.People})
	}
	return r, nil
}

// sum puts cells together by place and by group.
func (r *Ranking) sum(rows []cellRow, m Method) {
	for _, g := range Groups {
		r.Groups = append(r.Groups, GroupSum{Group: g})
	}
	for _, row := range rows {
		net := money.New(row.Net, row.Currency)
		if row.Method == m {
			i := slices.IndexFunc(r.Cells, func(c Cell) bool { return c.Recency == row.Recency && c.Frequency == row.Frequency })
			if i < 0 {
				i = len(r.Cells)
				r.Cells = append(r.Cells, Cell{Recency: row.Recency, Frequency: row.Frequency})
			}
			r.Cells[i].add(row.People, net)
		}
		if row.Method == Fixed {
			r.Groups[slices.Index(Groups, groupTable[row.Recency-1][row.Frequency-1])].add(row.People, net)
		}
	}
	slices.SortFunc(r.Cells, func(a, b Cell) int { return cmp.Or(b.Recency-a.Recency, b.Frequency-a.Frequency) })
}

func (s *Sum) add(people int64, net money.Money) {
	s.People += people
	for i, n := range s.Net {
		if n.Currency() == net.Currency() {
			s.Net[i] = n.Add(net)
			return
		}
	}
	s.Net = append(s.Net, net)
}

// cells adds people and money up by cell.
func (o *outlooks) cells() []cellRow {
	type key struct {
		method Method
		cell   int
		purse  string
	}
	people, net := map[key]int64{}, map[key]float64{}
	for i, r := range o.ranks {
		spent := o.standing(o.visits[i]).Money
		for _, at := range []key{{Independent, r.Independent / 10, o.currencies[i]}, {Nested, r.Nested / 10, o.currencies[i]}, {Fixed, r.Fixed / 10, o.currencies[i]}} {
			people[at]++
			net[at] += spent
		}
	}
	var rows []cellRow
	for at, n := range people {
		rows = append(rows, cellRow{ShopID: o.run.ShopID, Method: at.method, Recency: at.cell / 10, Frequency: at.cell % 10, Currency: at.purse,
			People: n, Net: decimal.NewFromFloat(net[at]).Round(4)})
	}
	return rows
}

// keepRanks makes what is kept of a shop's ranks be what was worked out. Most people rank as they did the night before, and
// cost no write.
func (f *Facts) keepRanks(ctx context.Context, o *outlooks) error {
	after := int64(0)
	for part := range slices.Chunk(o.ranks, rangeMax) {
		end := part[len(part)-1].ProfileID
		if err := f.keepRanksUpTo(ctx, o.run.ShopID, after, end, part); err != nil {
			return err
		}
		after = end
	}
	if err := f.drop(ctx, "DELETE FROM crm_rfm WHERE shop_id = ? AND profile_id > ? LIMIT ?", o.run.ShopID, after); err != nil {
		return err
	}
	cells, moves := o.cells(), []moveRow{}
	for m, n := range o.moves {
		moves = append(moves, moveRow{ShopID: o.run.ShopID, MonthOn: m.month, From: m.from, To: m.to, People: int64(n)})
	}
	return store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error {
		for _, table := range []string{"crm_rfm_cells", "crm_rfm_moves"} {
			if _, err := tx.NewRaw("DELETE FROM ? WHERE shop_id = ?", bun.Ident(table), o.run.ShopID).Exec(ctx); err != nil {
				return fmt.Errorf("taking away how people ranked: %w", err)
			}
		}
		if _, err := tx.NewInsert().Model(&cells).Exec(ctx); err != nil {
			return fmt.Errorf("keeping how people rank: %w", err)
		}
		if _, err := tx.NewInsert().Model(&moves).Exec(ctx); err != nil {
			return fmt.Errorf("keeping how people moved: %w", err)
		}
		return nil
	})
}

// keepRanksUpTo does it for the profiles above after, up to end. Who was erased or merged meanwhile is left out.
func (f *Facts) keepRanksUpTo(ctx context.Context, shopID, after, end int64, now []rankRow) error {
	return store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error {
		var kept []rankRow
		if err := tx.NewSelect().Model(&kept).Where("d.profile_id > ? AND d.profile_id <= ?", after, end).Scan(ctx); err != nil {
			return fmt.Errorf("reading how people ranked: %w", err)
		}
		changed, gone := compare(kept, now, func(r rankRow) int64 { return r.ProfileID })
		for part := range slices.Chunk(changed, rangeMax/2) {
			_, err := tx.NewInsert().Model(&part).On("DUPLICATE KEY UPDATE shop_id = VALUES(shop_id), independent = VALUES(independent), nested = VALUES(nested), " +
				"fixed = VALUES(fixed), rfm_group = VALUES(rfm_group), group_before = VALUES(group_before)").Exec(ctx)
			if err != nil {
				return fmt.Errorf("keeping how people rank: %w", err)
			}
		}
		for part := range slices.Chunk(gone, staleMax) {
			ids := make([]int64, len(part))
			for i, r := range part {
				ids[i] = r.ProfileID
			}
			if _, err := tx.NewRaw("DELETE FROM crm_rfm WHERE profile_id IN (?) AND shop_id = ?", bun.List(ids), shopID).Exec(ctx); err != nil {
				return fmt.Errorf("taking away how people ranked: %w", err)
			}
		}
		_, err := tx.NewRaw("DELETE d FROM crm_rfm d LEFT JOIN crm_facts f ON f.profile_id = d.profile_id WHERE d.profile_id > ? AND d.profile_id <= ? AND f.profile_id IS NULL", after, end).Exec(ctx)
		return err
	})
}
