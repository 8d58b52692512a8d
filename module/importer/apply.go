package importer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// done is what a row did, kept with it so that it can be taken back.
type done struct {
	customer.Amended
	ConsentID int64 `json:",omitzero"`
}

// Apply does what the check found: it founds who is new, amends who is known, and records consents. It goes on where an
// earlier call was interrupted. Somebody who came to be known since the check is amended and not founded. It needs
// [staff.EditPeople], and [staff.ManageMail] where consent is claimed.
func (i *Importer) Apply(ctx context.Context, id int64, tell Progress) error {
	im, err := i.enter(ctx, id, Applying, before[StepApply])
	if err != nil {
		return err
	}
	if err := allowed(ctx, im.Settings); err != nil {
		return err
	}
	if err := i.forgetFile(ctx, i.db, id); err != nil {
		return err
	}
	passed := &counter{tell: tell, total: im.Total}
	if err := i.foundStrangers(ctx, im, passed); err != nil {
		return err
	}
	// What a file says of one person in several rows is done in their order, so that it can be taken back in the opposite one.
	err = ahead(ctx, i.reading(im, waiting(im.Settings.takes()...)), func(ctx context.Context, b batch) error {
		if err := i.applyBatch(ctx, im, b, false); err != nil {
			return err
		}
		return passed.add(ctx, len(b.lines))
	})
	if err != nil {
		return err
	}
	return i.leave(ctx, id, Done, "applied_at")
}

// abreast is how many batches are applied at the same time: a server has a core for each.
const abreast = 2

// errKnown is what a batch ends with, leaving nothing behind, that was to found people only and met somebody who is known.
var errKnown = errors.New("somebody is known by now")

// foundStrangers applies rows of people whom nobody knew when it was checked. Of each of them the file has one row, so that
// batches can go side by side. One that meets somebody who came to be known since is left for later.
func (i *Importer) foundStrangers(ctx context.Context, im Import, passed *counter) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(abreast)
	err := ahead(ctx, i.reading(im, waiting(Stranger)), func(ctx context.Context, b batch) error {
		group.Go(func() error {
			return guarded(func() error {
				err := i.applyBatch(ctx, im, b, true)
				if errors.Is(err, errKnown) {
					return nil
				}
				if err != nil {
					return err
				}
				return passed.add(ctx, len(b.lines))
			})
		})
		return nil
	})
	return cmp.Or(group.Wait(), err) // the second may only be that the first made it stop
}

// waiting is a condition over rows: those of some outcomes that were not applied yet.
func waiting(outcomes ...Outcome) string {
	all := make([]string, len(outcomes))
	for n, outcome := range outcomes {
		all[n] = "'" + string(known(outcome)) + "'"
	}
	return "r.applied IS NULL AND r.outcome IN (" + strings.Join(all, ",") + ")"
}

// applyBatch applies rows in one transaction. When founding, somebody who is known already makes it fail with errKnown.
func (i *Importer) applyBatch(ctx context.Context, im Import, b batch, founding bool) error {
	return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error { return i.apply(ctx, tx, im, b, founding) })
}

func (i *Importer) apply(ctx context.Context, tx bun.Tx, im Import, b batch, founding bool) error {
	list := make([]customer.Amendment, len(b.rows))
	for n, row := range b.rows {
		list[n] = customer.Amendment{Person: row.Person, Overwrite: im.Settings.Overwrite}
	}
	amended, err := i.people.Amend(ctx, tx, im.ShopID, list)
	if err != nil {
		return err
	}
	if founding && slices.ContainsFunc(amended, func(a customer.Amended) bool { return !a.Created }) {
		return errKnown
	}
	consents, err := i.claim(ctx, tx, im, b.rows, amended)
	if err != nil {
		return err
	}
	touched := make([]int64, len(amended))
	for n, a := range amended {
		raw, err := json.Marshal(done{a, consents[n]})
		if err != nil {
			return err
		}
		b.lines[n].ProfileID, b.lines[n].Applied = a.ProfileID, string(raw)
		touched[n] = a.ProfileID
	}
	if err := mark(ctx, tx, b.lines, "profile_id", "applied"); err != nil {
		return err
	}
	return i.changed(ctx, tx, touched)
}

// changed tells who was touched by a batch.
func (i *Importer) changed(ctx context.Context, tx bun.Tx, touched []int64) error {
	slices.Sort(touched)
	touched = slices.DeleteFunc(slices.Compact(touched), func(id int64) bool { return id == 0 })
	if i.cfg.OnChange == nil || len(touched) == 0 {
		return nil
	}
	if err := i.cfg.OnChange(ctx, tx, touched); err != nil {
		return fmt.Errorf("telling which profiles changed: %w", err)
	}
	return nil
}

// claim records the consents of a batch and gives their ids by row, 0 for none.
func (i *Importer) claim(ctx context.Context, tx bun.Tx, im Import, rows []Row, amended []customer.Amended) ([]int64, error) {
	ids := make([]int64, len(rows))
	claim := im.Settings.Claim
	if claim == nil {
		return ids, nil
	}
	var entries []consent.Entry
	var at []int
	for n, row := range rows {
		if row.Consented && amended[n].ProfileID != 0 {
			entries = append(entries, consent.Entry{ProfileID: amended[n].ProfileID, IdentityID: amended[n].IdentityID, ShopID: im.ShopID, Topic: claim.Topic,
				State: consent.Granted, Source: consent.SourceImport, Wording: claim.Source, At: row.ConsentAt})
			at = append(at, n)
		}
	}
	recorded, err := i.consents.Claim(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	for n, id := range recorded {
		ids[at[n]] = id
	}
	return ids, nil
}

// Undo takes an import back, the last row first: what it changed becomes what it was, unless somebody changed it since;
// whom it founded is taken out, unless more is known of them by now; the consents it recorded are retracted, unless the
// person has said something since. It goes on where an earlier call was interrupted, and needs what [Importer.Apply] needs.
func (i *Importer) Undo(ctx context.Context, id int64, tell Progress) error {
	im, err := i.enter(ctx, id, Undoing, before[StepUndo])
	if err != nil {
		return err
	}
	if err := allowed(ctx, im.Settings); err != nil {
		return err
	}
	passed := &counter{tell: tell, total: im.Total}
	err = ahead(ctx, i.readingBack(id), func(ctx context.Context, b batch) error {
		if err := store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error { return i.undoBatch(ctx, tx, b) }); err != nil {
			return err
		}
		return passed.add(ctx, len(b.lines))
	})
	if err != nil {
		return err
	}
	return i.leave(ctx, id, Undone, "undone_at")
}

func (i *Importer) undoBatch(ctx context.Context, tx bun.Tx, b batch) error {
	list := make([]customer.Amended, len(b.done))
	var consents, touched []int64
	for n, d := range b.done {
		list[n] = d.Amended
		touched = append(touched, d.ProfileID)
		if d.ConsentID != 0 {
			consents = append(consents, d.ConsentID)
		}
	}
	if err := i.consents.Retract(ctx, tx, consents); err != nil {
		return err
	}
	if _, err := i.people.Unamend(ctx, tx, list); err != nil {
		return err
	}
	if err := unmark(ctx, tx, b.lines); err != nil {
		return err
	}
	return i.changed(ctx, tx, touched)
}

// Rest writes the rows that are not taken in, bad, doubtful and repeated ones, as they came, with the reason beside each,
// in format "csv" or "xlsx", its words by a printer whose catalogue has [Locales]; nil speaks English. It needs
// [staff.EditPeople].
func (i *Importer) Rest(ctx context.Context, id int64, format string, p *locale.Printer, w io.Writer) error {
	if p == nil {
		p = english()
	}
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return err
	}
	im, err := i.load(ctx, i.db, id, false)
	if err != nil {
		return err
	}
	columns := []string{p.T("importer.line"), p.T("importer.outcome"), p.T("importer.reason")}
	for n := range im.Head {
		columns = append(columns, im.Heading(n))
	}
	out, err := sheet.NewWriter(w, format, columns)
	if err != nil {
		return err
	}
	left := "r.outcome IN ('bad','repeated','doubtful') AND r.applied IS NULL"
	for after := 0; ; {
		lines, err := i.lines(ctx, i.db, im, left, after, batchRows)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return out.Close()
		}
		for _, line := range lines {
			cells, err := line.cells()
			if err != nil {
				return err
			}
			reason, err := line.reason()
			if err != nil {
				return err
			}
			row := []any{int64(line.Line), p.T("importer.outcome." + string(line.Outcome)), reason.Say(p)}
			for _, cell := range cells {
				row = append(row, cell)
			}
			if err := out.Write(row); err != nil {
				return err
			}
			after = line.Line
		}
	}
}
