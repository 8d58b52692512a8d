package staff

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Entry is one act in the audit log.
type Entry struct {
	ID         int64
	At         time.Time
	StaffID    int64 // 0: the program itself
	Actor      string
	Action     string // "newsletter.send"
	ObjectKind string // "newsletter"
	ObjectID   int64
	Detail     json.RawMessage
	IP         string
}

type auditRow struct {
	bun.BaseModel `bun:"table:crm_audit"`
	ID            int64     `bun:"id,pk,autoincrement"`
	At            time.Time `bun:"at"`
	StaffID       *int64    `bun:"staff_id"`
	Actor         string    `bun:"actor"`
	Action        string    `bun:"action"`
	ObjectKind    string    `bun:"object_kind"`
	ObjectID      int64     `bun:"object_id"`
	Detail        string    `bun:"detail"`
	IP            string    `bun:"ip"`
}

func (r auditRow) entry() Entry {
	e := Entry{ID: r.ID, At: r.At, Actor: r.Actor, Action: r.Action, ObjectKind: r.ObjectKind, ObjectID: r.ObjectID,
		Detail: json.RawMessage(r.Detail), IP: r.IP}
	if r.StaffID != nil {
		e.StaffID = *r.StaffID
	}
	return e
}

// Record writes an act of ctx's actor into the audit log. Call it with the transaction of the act itself, so that
// neither is there without the other. detail becomes JSON; it must not hold secrets, and names people by their ids.
// Without an actor in ctx it fails with a [*DeniedError].
func Record(ctx context.Context, db bun.IDB, action, objectKind string, objectID int64, detail any) error {
	a, ok := From(ctx)
	if !ok {
		return &DeniedError{Permission: Permission(action)}
	}
	if detail == nil {
		detail = struct{}{}
	}
	raw, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("recording %s: %w", action, err)
	}
	row := &auditRow{Actor: a.Name(), Action: action, ObjectKind: objectKind, ObjectID: objectID, Detail: string(raw), IP: a.IP}
	if a.Account.ID != 0 {
		row.StaffID = &a.Account.ID
	}
	if _, err := db.NewInsert().Model(row).Value("at", "UTC_TIMESTAMP(6)").Exec(ctx); err != nil {
		return fmt.Errorf("recording %s: %w", action, err)
	}
	return nil
}

// AuditFilter narrows the audit log. Zero fields do not narrow.
type AuditFilter struct {
	StaffID    int64
	ObjectKind string
	ObjectID   int64
	Before     int64 // only entries with a smaller id: the next page
	Limit      int   // default 50
}

// Audit lists acts, newest first. It needs [SeeAudit].
func (d *Directory) Audit(ctx context.Context, f AuditFilter) ([]Entry, error) {
	if _, err := Require(ctx, SeeAudit); err != nil {
		return nil, err
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	var rows []auditRow
	q := d.db.NewSelect().Model(&rows).OrderExpr("id DESC").Limit(int64(min(f.Limit, 1000)))
	if f.StaffID != 0 {
		q = q.Where("staff_id = ?", f.StaffID)
	}
	if f.ObjectKind != "" {
		q = q.Where("object_kind = ?", f.ObjectKind)
		if f.ObjectID != 0 {
			q = q.Where("object_id = ?", f.ObjectID)
		}
	}
	if f.Before != 0 {
		q = q.Where("id < ?", f.Before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.entry()
	}
	return entries, nil
}

// Forget empties the details of what was done to objects whose person is erased; that it was done, by whom and when, stays.
func Forget(ctx context.Context, db bun.IDB, objectKind string, objectIDs []int64) error {
	_, err := db.NewUpdate().Table("crm_audit").Set("detail = '{}'").Where("object_kind = ? AND object_id IN (?)", objectKind, bun.List(objectIDs)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("emptying the details of the audit log: %w", err)
	}
	return nil
}
