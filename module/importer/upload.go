package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Limits of a file that comes in by a browser.
const (
	MaxUpload = 64 << 20
	MaxPart   = 1 << 20 // bytes of a part: small enough for any server between
)

// keptFor is how long an import that nobody applies is kept, with its file.
const keptFor = 30 * 24 * time.Hour

// Receive begins an import whose file comes in parts, by [Importer.Part]; [Importer.Read] then reads it. The file is kept
// in the database until the import is applied, so that it can be read in another way and by any process. with is what is
// known beforehand: the country and the zone. It needs [staff.EditPeople].
func (i *Importer) Receive(ctx context.Context, shopID int64, name string, with Settings) (int64, error) {
	actor, err := staff.Require(ctx, staff.EditPeople)
	if err != nil {
		return 0, err
	}
	with.Dates, with.Doubtful = sheet.DayFirst, LeaveOut
	settings, err := json.Marshal(with)
	if err != nil {
		return 0, err
	}
	row := &importRow{ShopID: shopID, Name: contact.CleanText(name, fileNameMax), State: Receiving, Head: "{}", Form: "{}", Settings: string(settings), Report: "{}",
		CreatedBy: actor.Account.ID, CreatedAt: i.now()}
	if _, err := i.db.NewInsert().Model(row).Exec(ctx); err != nil {
		return 0, fmt.Errorf("beginning an import: %w", err)
	}
	return row.ID, nil
}

// Part keeps a part of the file, counted from 0. One that comes again takes the place of the first. A file that becomes
// larger than [MaxUpload], or a part than [MaxPart], is a [*sheet.Error]. It needs [staff.EditPeople].
func (i *Importer) Part(ctx context.Context, id int64, part int, raw []byte) error {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return err
	}
	if part < 0 || part >= MaxUpload/MaxPart || len(raw) > MaxPart {
		return &sheet.Error{Key: "sheet.too_large", Args: []any{"size", max(part, 0) + 1 + len(raw)>>20, "most", MaxUpload >> 20}}
	}
	return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
		im, err := i.load(ctx, tx, id, true)
		if err != nil {
			return err
		}
		if im.State != Receiving {
			return fmt.Errorf("%w: import %d is %s", ErrState, id, im.State)
		}
		_, err = tx.NewRaw("INSERT INTO crm_import_parts (import_id, part, bytes) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE bytes = VALUES(bytes)", id, part, raw).Exec(ctx)
		if err != nil {
			return fmt.Errorf("keeping part %d of import %d: %w", part, id, err)
		}
		return nil
	})
}

// Upload receives a whole file at once and reads it. When it cannot be read, the import stays, for another way of reading
// it, and the error is a [*sheet.Error].
func (i *Importer) Upload(ctx context.Context, shopID int64, name string, with Settings, file io.Reader, opt sheet.Options) (int64, error) {
	id, err := i.Receive(ctx, shopID, name, with)
	if err != nil {
		return 0, err
	}
	raw := make([]byte, MaxPart)
	for part := 0; ; part++ {
		n, err := io.ReadFull(file, raw)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			err = i.Part(ctx, id, part, raw[:n])
		}
		if err != nil {
			return 0, errors.Join(err, i.Discard(context.WithoutCancel(ctx), id))
		}
		if n < len(raw) {
			break
		}
	}
	_, err = i.Read(ctx, id, opt)
	return id, err
}

// Read reads the file that was received, or reads it anew in another way; what was settled of columns and checked is void,
// the rest of the settings stays. Where the file did not come whole or is kept no longer, it fails with [ErrNoFile]. When the
// file is to blame, the error is a [*sheet.Error] and stands in [Import.Fault]. It
// needs [staff.EditPeople].
func (i *Importer) Read(ctx context.Context, id int64, opt sheet.Options) (Import, error) {
	if _, err := staff.Require(ctx, staff.EditPeople); err != nil {
		return Import{}, err
	}
	var im Import
	err := i.alone(ctx, id, 0, func(ctx context.Context, keep func(context.Context) error) error {
		path, err := i.fetch(ctx, id)
		if err != nil {
			return err
		}
		defer func() { _ = os.Remove(path) }()
		if im, err = i.enter(ctx, id, Staging, []State{Receiving, Staging, Draft, Checked}); err != nil {
			return err
		}
		im, err = i.read(ctx, im, path, opt, keep)
		var bad *sheet.Error
		if errors.As(err, &bad) {
			raw, marshalling := json.Marshal(bad)
			_, noting := i.db.NewRaw("UPDATE crm_imports SET error = ? WHERE id = ?", string(raw), id).Exec(ctx)
			return errors.Join(err, marshalling, noting)
		}
		return err
	})
	return im, err
}

func (i *Importer) read(ctx context.Context, im Import, path string, opt sheet.Options, keep func(context.Context) error) (Import, error) {
	if err := i.forgetRows(ctx, im.ID, keep); err != nil {
		return im, err
	}
	file, err := sheet.Open(path, opt)
	if err != nil {
		return im, err
	}
	defer func() { _ = file.Close() }()
	row, err := i.row(ctx, im.ID)
	if err != nil {
		return im, err
	}
	form, err := json.Marshal(file.Info)
	if err != nil {
		return im, err
	}
	row.Form, row.Report, row.Total, row.CheckedAt = string(form), "{}", 0, bun.NullTime{}
	if _, err := i.db.NewUpdate().Model(&row).Column("form", "report", "total", "checked_at").WherePK().Exec(ctx); err != nil {
		return im, fmt.Errorf("reading import %d: %w", im.ID, err)
	}
	return i.copyRows(ctx, &row, file, im.Settings, keep)
}

// fetch puts the kept parts together to a file, whose path it gives.
func (i *Importer) fetch(ctx context.Context, id int64) (string, error) {
	file, err := os.CreateTemp("", "kupec-import-*")
	if err != nil {
		return "", fmt.Errorf("making a file for import %d: %w", id, err)
	}
	err = i.putTogether(ctx, id, file)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

func (i *Importer) putTogether(ctx context.Context, id int64, w io.Writer) error {
	var parts, last int
	if err := i.db.NewRaw("SELECT COUNT(*), COALESCE(MAX(part), -1) FROM crm_import_parts WHERE import_id = ?", id).Scan(ctx, &parts, &last); err != nil {
		return fmt.Errorf("reading the file of import %d: %w", id, err)
	}
	if parts == 0 || parts != last+1 {
		return fmt.Errorf("%w: of import %d there are %d parts of %d", ErrNoFile, id, parts, last+1)
	}
	for part := range parts {
		var raw []byte
		if err := i.db.NewRaw("SELECT bytes FROM crm_import_parts WHERE import_id = ? AND part = ?", id, part).Scan(ctx, &raw); err != nil {
			return fmt.Errorf("reading part %d of the file of import %d: %w", part, id, err)
		}
		if _, err := w.Write(raw); err != nil {
			return fmt.Errorf("putting the file of import %d together: %w", id, err)
		}
	}
	return nil
}

// forgetRows deletes the rows of an import, some at a time: a long list in one statement would hold up the whole server.
func (i *Importer) forgetRows(ctx context.Context, id int64, keep func(context.Context) error) error {
	for {
		res, err := i.db.NewRaw("DELETE FROM crm_import_rows WHERE import_id = ? ORDER BY line LIMIT 5000", id).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forgetting the rows of import %d: %w", id, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := keep(ctx); err != nil {
			return err
		}
	}
}

// forgetFile deletes what was received of an import's file.
func (i *Importer) forgetFile(ctx context.Context, db bun.IDB, id int64) error {
	if _, err := db.NewRaw("DELETE FROM crm_import_parts WHERE import_id = ?", id).Exec(ctx); err != nil {
		return fmt.Errorf("forgetting the file of import %d: %w", id, err)
	}
	return nil
}

// Tidy forgets imports that nobody applied for 30 days: lists of people are not kept for their own sake.
func (i *Importer) Tidy(ctx context.Context) error {
	var old []int64
	err := i.db.NewRaw("SELECT id FROM crm_imports WHERE created_at < ? AND state IN (?, ?, ?, ?) ORDER BY created_at, id LIMIT 1000",
		i.now().Add(-keptFor), Receiving, Staging, Draft, Checked).Scan(ctx, &old)
	if err != nil {
		return fmt.Errorf("listing imports that nobody applied: %w", err)
	}
	for _, id := range old {
		if err := i.Discard(staff.WithSystem(ctx, "import"), id); err != nil && !errors.Is(err, ErrState) && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// alone lets one process at a time work on an import; another waits up to patience and then fails with [ErrBusy]. Work
// that takes long calls keep now and then.
func (i *Importer) alone(ctx context.Context, id int64, patience time.Duration, work func(ctx context.Context, keep func(context.Context) error) error) error {
	lease, err := store.WaitLease(ctx, i.db, fmt.Sprintf("import %d", id), patience)
	if errors.Is(err, store.ErrLeaseHeld) {
		return fmt.Errorf("import %d: %w", id, ErrBusy)
	}
	if err != nil {
		return err
	}
	defer lease.Release(context.WithoutCancel(ctx))
	return work(ctx, lease.Keep)
}
