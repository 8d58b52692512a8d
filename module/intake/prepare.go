package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
)

// prepare looks, before the first round, what changed since the shop was read last: another version of the program reads
// rows of the quarantine again, and other overrides of statuses have the orders concerned read again.
func (w *worker) prepare(ctx context.Context) error {
	if w.prepared {
		return nil
	}
	if w.cfg.Version != "" && w.shop.Program != w.cfg.Version {
		if err := askAgain(ctx, w.db, w.shop.ID); err != nil {
			return err
		}
		if err := w.note(ctx, "program", cut(w.cfg.Version, programMax)); err != nil {
			return err
		}
		w.shop.Program = w.cfg.Version
	}
	if err := w.remap(ctx); err != nil {
		return err
	}
	w.prepared = true
	return nil
}

const programMax = 128

// remap has orders read again whose status means something else now. They are marked, and a comparison with the shop is
// asked for, which reads the ranges they are in; what means something else is decided in one place, when they are read.
func (w *worker) remap(ctx context.Context) error {
	was := map[string]adapters.Status{}
	if w.shop.Statuses != "" {
		if err := json.Unmarshal([]byte(w.shop.Statuses), &was); err != nil {
			return fmt.Errorf("reading which statuses shop %q was read with: %w", w.shop.Name, err)
		}
	}
	is := w.normal.statuses
	var words []string
	for word := range merged(was, is) {
		if was[word] != is[word] {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return nil
	}
	slices.Sort(words)
	n, err := w.rooms.Orders.Doubt(ctx, w.db, w.shop.ID, words)
	if err != nil {
		return err
	}
	if n > 0 {
		w.cfg.Logger.InfoContext(ctx, "orders are read again, for statuses mean something else now", "shop", w.source.Name, "statuses", words, "orders", n)
		if err := w.readDoubted(ctx); err != nil {
			return err
		}
	}
	text, err := json.Marshal(is)
	if err != nil {
		return fmt.Errorf("noting statuses: %w", err)
	}
	return w.note(ctx, "statuses", string(text))
}

func (w *worker) readDoubted(ctx context.Context) error {
	if _, ok := w.source.Shop.(adapters.Auditor); ok {
		_, err := w.requestReconcile(ctx, w.shop.ID, false)
		return err
	}
	return w.restart(ctx, w.shop.ID, StreamOrders)
}

func merged(a, b map[string]adapters.Status) map[string]adapters.Status {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func lowered(statuses map[string]adapters.Status) map[string]adapters.Status {
	lower := make(map[string]adapters.Status, len(statuses))
	for word, status := range statuses {
		lower[strings.ToLower(word)] = status
	}
	return lower
}

// lookAtClock measures how far the clock of the shop's server is ahead of ours. Times of the shop are believed as they
// are: this is for people to see.
func (w *worker) lookAtClock(ctx context.Context) {
	if w.source.Server == nil {
		return
	}
	var theirs float64
	asked := time.Now()
	if err := w.source.Server.QueryRowContext(ctx, "SELECT UNIX_TIMESTAMP(NOW(6))").Scan(&theirs); err != nil {
		return // who cannot answer this cannot answer anything, and says so there
	}
	ours := asked.Add(time.Since(asked) / 2)
	w.shop.ClockSkew = theirs - float64(ours.UnixMicro())/1e6
	if err := w.note(ctx, "clock_skew", w.shop.ClockSkew); err != nil {
		w.report(ctx, "", err)
	}
}

// note keeps something about the shop.
func (w *worker) note(ctx context.Context, column string, value any) error {
	_, err := w.db.NewUpdate().Model((*shopRow)(nil)).Set("? = ?", bun.Ident(column), value).Where("id = ?", w.shop.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("noting the %s of shop %q: %w", column, w.shop.Name, err)
	}
	return nil
}
