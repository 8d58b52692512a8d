package customer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// NoteMax is the most characters a note may have.
const NoteMax = 5000

// Why a note is refused.
var (
	ErrNoteEmpty   = errors.New("the note is empty")
	ErrNoteTooLong = fmt.Errorf("the note is longer than %d characters", NoteMax)
)

// Note is what somebody of the staff wrote about a person.
type Note struct {
	ID        int64
	ProfileID int64
	StaffID   int64 // 0: the program itself
	Body      string
	CreatedAt time.Time
}

type noteRow struct {
	bun.BaseModel `bun:"table:crm_notes"`

	ID        int64 `bun:",pk,autoincrement"`
	ProfileID int64
	StaffID   int64
	Body      string
	CreatedAt time.Time
}

// AddNote writes a note of ctx's actor, who needs staff.EditPeople. It fails with [ErrNoteEmpty] and [ErrNoteTooLong].
func (r *Registry) AddNote(ctx context.Context, profileID int64, body string) (Note, error) {
	actor, err := staff.Require(ctx, staff.EditPeople)
	if err != nil {
		return Note{}, err
	}
	body = strings.TrimSpace(strings.ToValidUTF8(body, ""))
	switch {
	case body == "":
		return Note{}, ErrNoteEmpty
	case utf8.RuneCountInString(body) > NoteMax:
		return Note{}, ErrNoteTooLong
	}
	var note noteRow
	err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		profile, err := r.follow(ctx, tx, profileID, true)
		if err != nil {
			return err
		}
		note = noteRow{ProfileID: profile.ID, StaffID: actor.Account.ID, Body: body, CreatedAt: r.now()}
		if _, err := tx.NewInsert().Model(&note).Exec(ctx); err != nil {
			return fmt.Errorf("writing a note on profile %d: %w", profile.ID, err)
		}
		return staff.Record(ctx, tx, "customer.note", "customer", profile.ID, map[string]any{"note": note.ID})
	})
	return note.note(), err
}

func (n noteRow) note() Note {
	return Note{ID: n.ID, ProfileID: n.ProfileID, StaffID: n.StaffID, Body: n.Body, CreatedAt: n.CreatedAt}
}

// Notes is what was written about a person, newest first. It needs staff.SeePeople.
func (r *Registry) Notes(ctx context.Context, profileID int64) ([]Note, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return nil, err
	}
	return r.notesBefore(ctx, profileID, time.Time{}, store.PageMax)
}

func (r *Registry) notesBefore(ctx context.Context, profileID int64, before time.Time, limit int) ([]Note, error) {
	var rows []noteRow
	q := r.db.NewSelect().Model(&rows).Column("id", "profile_id", "staff_id", "body", "created_at").
		Where("profile_id = ?", profileID).
		OrderExpr("created_at DESC, id DESC").
		Limit(int64(limit))
	if !before.IsZero() {
		q = q.Where("created_at < ?", micro(before))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading notes on profile %d: %w", profileID, err)
	}
	notes := make([]Note, len(rows))
	for i, row := range rows {
		notes[i] = row.note()
	}
	return notes, nil
}
