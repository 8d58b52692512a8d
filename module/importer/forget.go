package importer

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
)

var _ customer.Keeper = (*Importer)(nil)

// speaksOf is a condition over crm_import_rows: the row became one of the profiles, or names one of the addresses. Cells have
// no index; what staff imported is little beside what shops have.
func speaksOf(w customer.Whom) (condition string, args []any) {
	condition, args = "r.profile_id IN (?)", []any{bun.List(w.ProfileIDs)}
	for _, e := range w.Emails {
		condition += " OR r.cells LIKE ?"
		args = append(args, `%`+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(string(e))+`%`)
	}
	return "(" + condition + ")", args
}

// of keeps rows whose cells hold one of the addresses as a whole: ana@example.com is no part of mariana@example.com.
func (r lineRow) of(w customer.Whom) (bool, error) {
	for _, id := range w.ProfileIDs {
		if r.ProfileID == id {
			return true, nil
		}
	}
	cells, err := r.cells()
	if err != nil {
		return false, err
	}
	for _, cell := range cells {
		address, err := contact.ParseEmail(cell)
		for _, e := range w.Emails {
			if err == nil && address == e {
				return true, nil
			}
		}
	}
	return false, nil
}

func (i *Importer) rowsOf(ctx context.Context, db bun.IDB, w customer.Whom) ([]lineRow, error) {
	var rows, kept []lineRow
	condition, args := speaksOf(w)
	if err := db.NewSelect().Model(&rows).Where(condition, args...).OrderExpr("r.import_id, r.line").Scan(ctx); err != nil {
		return nil, fmt.Errorf("looking through imported rows: %w", err)
	}
	for _, row := range rows {
		mine, err := row.of(w)
		if err != nil {
			return nil, err
		}
		if mine {
			kept = append(kept, row)
		}
	}
	return kept, nil
}

// Tell gives the rows of files in which somebody stood.
func (i *Importer) Tell(ctx context.Context, db bun.IDB, w customer.Whom) ([]customer.Section, error) {
	rows, err := i.rowsOf(ctx, db, w)
	s := customer.Section{Key: "imports", Columns: []string{"value", "reason"}}
	for _, row := range rows {
		reason, err := row.reason()
		if err != nil {
			return nil, err
		}
		s.Rows = append(s.Rows, []string{row.Cells, reason.String()})
	}
	return []customer.Section{s}, err
}

// Forget takes those rows out, and the kept file of each import that had one. A file that was not read yet cannot be looked
// into, so that it goes as well: whoever brought it brings it again. Undoing the import later leaves an erased person alone.
func (i *Importer) Forget(ctx context.Context, tx bun.IDB, w customer.Whom) error {
	rows, err := i.rowsOf(ctx, tx, w)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("forgetting an imported row: %w", err)
		}
		if err := i.forgetFile(ctx, tx, row.ImportID); err != nil {
			return err
		}
	}
	_, err = tx.NewRaw("DELETE f FROM crm_import_parts f JOIN crm_imports i ON i.id = f.import_id WHERE i.state IN (?, ?)", Receiving, Staging).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting files that were not read: %w", err)
	}
	return nil
}
