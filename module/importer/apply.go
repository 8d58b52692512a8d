package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/uptrace/bun"

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
	ConsentID int64
}

const applyRows = 500 // of one transaction: profiles are held as long as it takes

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
	read := i.reader(im)
	for after, count := 0, 0; ; {
		lines, err := i.lines(ctx, i.db, im, "r.outcome IN ("+quoted(im.Settings.takes())+") AND r.applied IS NULL", after, applyRows)
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return i.leave(ctx, id, Done, "applied_at")
		}
		err = store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error { return i.applyBatch(ctx, tx, im, read, lines) })
		if err != nil {
			return err
		}
		after = lines[len(lines)-1].Line
		count += len(lines)
		if err := tell(ctx, count, im.Total); err != nil {
			return err
		}
	}
}

// quoted is outcomes as SQL has them.
func quoted(outcomes []Outcome) string {
	all := make([]string, len(outcomes))
	for n, outcome := range outcomes {
		all[n] = "'" + string(known(outcome)) + "'"
	}
	return strings.Join(all, ",")
}

func (i *Importer) applyBatch(ctx context.Context, tx bun.Tx, im Import, read *reader, lines []lineRow) error {
	list := make([]customer.Amendment, len(lines))
	rows := make([]Row, len(lines))
	for n, line := range lines {
		cells, err := line.cells()
		if err != nil {
			return err
		}
		rows[n] = read.row(line.Line, cells)
		list[n] = customer.Amendment{Person: rows[n].Person, Overwrite: im.Settings.Overwrite}
	}
	amended, err := i.people.Amend(ctx, tx, im.ShopID, list)
	if err != nil {
		return err
	}
	consents, err := i.claim(ctx, tx, im, rows, amended)
	if err != nil {
		return err
	}
	var touched []int64
	for n, a := range amended {
		raw, err := json.Marshal(done{a, consents[n]})
		if err != nil {
			return err
		}
		lines[n].ProfileID, lines[n].Applied = a.ProfileID, string(raw)
		touched = append(touched, a.ProfileID)
	}
	return i.finish(ctx, tx, lines, touched)
}

// finish marks the rows of a batch, and tells who was touched.
func (i *Importer) finish(ctx context.Context, tx bun.Tx, lines []lineRow, touched []int64) error {
	if err := mark(ctx, tx, lines); err != nil {
		return err
	}
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
	for count := 0; ; {
		var lines []lineRow
		err := i.db.NewSelect().Model(&lines).Where("r.import_id = ?", id).Where("r.applied IS NOT NULL").OrderExpr("r.line DESC").Limit(applyRows).Scan(ctx)
		if err != nil {
			return fmt.Errorf("reading the rows of import %d: %w", id, err)
		}
		if len(lines) == 0 {
			return i.leave(ctx, id, Undone, "undone_at")
		}
		err = store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error { return i.undoBatch(ctx, tx, lines) })
		if err != nil {
			return err
		}
		count += len(lines)
		if err := tell(ctx, count, im.Total); err != nil {
			return err
		}
	}
}

func (i *Importer) undoBatch(ctx context.Context, tx bun.Tx, lines []lineRow) error {
	list := make([]customer.Amended, len(lines))
	var consents, touched []int64
	for n := range lines {
		var d done
		if err := json.Unmarshal([]byte(lines[n].Applied), &d); err != nil {
			return fmt.Errorf("line %d of import %d is damaged: %w", lines[n].Line, lines[n].ImportID, err)
		}
		list[n] = d.Amended
		touched = append(touched, d.ProfileID)
		if d.ConsentID != 0 {
			consents = append(consents, d.ConsentID)
		}
		lines[n].Applied = ""
	}
	if err := i.consents.Retract(ctx, tx, consents); err != nil {
		return err
	}
	if _, err := i.people.Unamend(ctx, tx, list); err != nil {
		return err
	}
	return i.finish(ctx, tx, lines, touched)
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
