package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/segment"
)

// freezeRuns is how often an audience is frozen, in turns with the plain copy.
const freezeRuns = 3

// errBack rolls a measured transaction back.
var errBack = errors.New("measured")

// freeze puts everybody into the ledger of a mailing, and copies the same rows plainly.
func (b *bench) freeze(ctx context.Context) error {
	query, err := b.crm.Segments.Compile(ctx, segment.Tree{Root: segment.All()}, segment.Scope{ShopID: b.shop.ID})
	if err != nil {
		return err
	}
	if _, err := b.db.ExecContext(ctx, "CREATE TABLE plain_deliveries LIKE crm_deliveries"); err != nil {
		return err
	}
	var ours, theirs sample
	var rows, queued int64
	for i := range freezeRuns {
		b.Progress("freezing", int64(i), freezeRuns)
		err := b.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			var m delivery.Mailing
			err := ours.timed(func() (err error) {
				m, err = b.crm.Post.Freeze(ctx, tx, delivery.NewMailing{Kind: newsletter.MailingKind, ShopID: b.shop.ID, Topic: consent.DefaultTopic, Title: "Benchmark", Content: "{}"},
					delivery.Audience{SQL: query.SQL, Args: query.Args})
				return err
			})
			if err != nil {
				return err
			}
			if err := tx.NewRaw("SELECT COUNT(*), SUM(state = 'queued') FROM crm_deliveries WHERE mailing_id = ?", m.ID).Scan(ctx, &rows, &queued); err != nil {
				return err
			}
			var copied int64
			began := time.Now()
			res, err := tx.ExecContext(ctx, "INSERT INTO plain_deliveries SELECT * FROM crm_deliveries WHERE mailing_id = ?", m.ID)
			if err != nil {
				return err
			}
			theirs = append(theirs, time.Since(began))
			if copied, err = res.RowsAffected(); err != nil {
				return err
			}
			if copied != rows {
				return fmt.Errorf("%d of %d rows were copied", copied, rows)
			}
			return errBack
		})
		if !errors.Is(err, errBack) {
			return err
		}
	}
	b.add(Measure{Part: PartFreeze, Name: "freezing everybody", Unit: "rows/s", Better: higher, Kupec: perSecond(rows, ours.median()),
		Against: "INSERT … SELECT of the frozen rows", Comparison: perSecond(rows, theirs.median()),
		Settings: map[string]any{"rows": rows, "queued": queued, "runs": freezeRuns, "seconds": ours.median().Seconds()}})
	_, err = b.db.ExecContext(ctx, "DROP TABLE plain_deliveries")
	return err
}
