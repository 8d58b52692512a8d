package importer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
)

const (
	batchRows   = 900 // from 1,000 values on MariaDB makes a table of an IN list
	sampleRows  = 50
	cellsMost   = 16 << 10 // bytes of a row
	fileNameMax = 255
)

type lineRow struct {
	bun.BaseModel `bun:"table:crm_import_rows,alias:r"`

	ImportID  int64 `bun:",pk"`
	Line      int   `bun:",pk"`
	Cells     string
	Outcome   Outcome
	Reason    string `bun:",nullzero"`
	ProfileID int64
	Changes   string `bun:",nullzero"`
	Applied   string `bun:",nullzero"`
}

func (r lineRow) cells() ([]string, error) {
	var cells []string
	if err := json.Unmarshal([]byte(r.Cells), &cells); err != nil {
		return nil, &DamagedError{r.ImportID, r.Line, err}
	}
	return cells, nil
}

func (r lineRow) reason() (Remark, error) {
	var reason Remark
	if r.Reason == "" {
		return reason, nil
	}
	if err := json.Unmarshal([]byte(r.Reason), &reason); err != nil {
		return reason, &DamagedError{r.ImportID, r.Line, err}
	}
	return reason, nil
}

// Stage copies a file's rows as they are and guesses what its columns mean. name is what the file is called; its content
// decides what it is. The error is a [*sheet.Error] where the file is to blame; then nothing is kept. It needs
// [staff.EditPeople].
func (i *Importer) Stage(ctx context.Context, shopID int64, path, name string, opt sheet.Options) (Import, error) {
	actor, err := staff.Require(ctx, staff.EditPeople)
	if err != nil {
		return Import{}, err
	}
	file, err := sheet.Open(path, opt)
	if err != nil {
		return Import{}, err
	}
	defer func() { _ = file.Close() }()
	form, err := json.Marshal(file.Info)
	if err != nil {
		return Import{}, err
	}
	row := &importRow{ShopID: shopID, Name: contact.CleanText(name, fileNameMax), State: Staging, Head: "{}", Form: string(form), Settings: "{}", Report: "{}",
		CreatedBy: actor.Account.ID, CreatedAt: i.now()}
	if _, err := i.db.NewInsert().Model(row).Exec(ctx); err != nil {
		return Import{}, fmt.Errorf("beginning an import: %w", err)
	}
	im, err := i.copyRows(ctx, row, file, Settings{}, func(context.Context) error { return nil })
	if err != nil {
		return Import{}, errors.Join(err, i.Discard(context.WithoutCancel(ctx), row.ID))
	}
	return im, nil
}

// copyRows reads a file to its end. known is what was settled before; keep is called after each batch.
func (i *Importer) copyRows(ctx context.Context, row *importRow, file *sheet.Reader, known Settings, keep func(context.Context) error) (Import, error) {
	var first head
	var some [][]string
	var batch []lineRow
	write := func() error {
		if len(batch) == 0 {
			return nil
		}
		if _, err := i.db.NewInsert().Model(&batch).Column("import_id", "line", "cells", "outcome").Exec(ctx); err != nil {
			return fmt.Errorf("copying rows: %w", err)
		}
		batch = batch[:0]
		return keep(ctx)
	}
	for {
		cells, line, err := file.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Import{}, err
		}
		if row.Total++; row.Total == 1 {
			first = head{line, cells}
		} else if len(some) < sampleRows {
			some = append(some, cells)
		}
		raw, err := json.Marshal(cells)
		if err != nil {
			return Import{}, err
		}
		if len(raw) > cellsMost {
			return Import{}, &sheet.Error{Line: line, Key: "sheet.wide_row", Args: []any{"size", len(raw) >> 10, "most", cellsMost >> 10}}
		}
		// Most rows of most files are new people. A row is taken for one until the check says otherwise, so that the check
		// need not write it again; nobody looks at it before.
		if batch = append(batch, lineRow{ImportID: row.ID, Line: line, Cells: string(raw), Outcome: Stranger}); len(batch) == batchRows {
			if err := write(); err != nil {
				return Import{}, err
			}
		}
	}
	if err := write(); err != nil {
		return Import{}, err
	}
	if row.Total == 0 {
		return Import{}, &sheet.Error{Key: "sheet.no_rows"}
	}
	settings := known
	settings.Columns, settings.Headless = Guess(first.Cells, some), headless(first.Cells)
	settings.Dates, settings.Doubtful = cmp.Or(known.Dates, sheet.DayFirst), cmp.Or(known.Doubtful, LeaveOut)
	for target, value := range map[*string]any{&row.Head: first, &row.Settings: settings} {
		raw, err := json.Marshal(value)
		if err != nil {
			return Import{}, err
		}
		*target = string(raw)
	}
	row.State = Draft
	if _, err := i.db.NewUpdate().Model(row).Column("head", "settings", "total", "state").WherePK().Exec(ctx); err != nil {
		return Import{}, fmt.Errorf("keeping an import: %w", err)
	}
	return row.value()
}

// headless says whether the first row is a person already: no head has an e-mail address in it.
func headless(first []string) bool {
	for _, cell := range first {
		if _, err := contact.ParseEmail(cell); err == nil {
			return true
		}
	}
	return false
}

// Heading is how a column is called.
func (im Import) Heading(column int) string {
	if im.Settings.Headless || im.Head[column] == "" {
		return "#" + strconv.Itoa(column+1)
	}
	return im.Head[column]
}
