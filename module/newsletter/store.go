package newsletter

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store"
)

// row is a newsletter in crm_newsletters. Its state column knows draft, scheduled and sending; what comes after is read
// from the mailing, so that the two can never disagree.
type row struct {
	bun.BaseModel `bun:"table:crm_newsletters,alias:n"`

	ID        int64 `bun:",pk,autoincrement"`
	ShopID    int64
	Name      string
	Subject   string
	Preheader string
	Topic     string
	Language  string
	SegmentID sql.NullInt64
	Audience  sql.NullString
	Blocks    string
	State     string
	MailingID sql.NullInt64
	SendAt    sql.NullTime
	CreatedBy int64
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int

	MailingState sql.NullString `bun:"mailing_state,scanonly"`
	StartedAt    sql.NullTime   `bun:"started_at,scanonly"`
}

// stateSQL is a newsletter's true state over the aliases n and m.
const stateSQL = `CASE WHEN m.state IS NULL THEN n.state WHEN m.state = 'paused' THEN 'paused' WHEN m.state = 'done' THEN 'sent'
	WHEN m.state = 'cancelled' THEN 'cancelled' ELSE 'sending' END`

func (d *Desk) selectRows(db bun.IDB, rows any, content bool) *bun.SelectQuery {
	q := db.NewSelect().Model(rows).
		Column("n.id", "n.shop_id", "n.name", "n.subject", "n.preheader", "n.topic", "n.language", "n.segment_id", "n.audience",
			"n.state", "n.mailing_id", "n.send_at", "n.created_by", "n.created_at", "n.updated_at", "n.version").
		ColumnExpr("m.state AS mailing_state").
		ColumnExpr("m.started_at AS started_at").
		Join("LEFT JOIN crm_mailings m ON m.id = n.mailing_id")
	if content {
		q = q.Column("n.blocks")
	}
	return q
}

var _ segment.User = (*Desk)(nil)

// UsedSegments gives the segments of newsletters that are still to be sent: their audience is looked at meanwhile.
func (d *Desk) UsedSegments(ctx context.Context) (ids []int64, err error) {
	err = d.db.NewRaw("SELECT DISTINCT segment_id FROM crm_newsletters WHERE state IN (?, ?) AND segment_id IS NOT NULL", Draft, Scheduled).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("reading which segments newsletters use: %w", err)
	}
	return ids, nil
}

func (r row) newsletter(kinds *segment.Vocabulary) (Newsletter, error) {
	n := Newsletter{
		ID: r.ID, ShopID: r.ShopID, Name: r.Name, Subject: r.Subject, Preheader: r.Preheader, Topic: r.Topic, Language: r.Language,
		SegmentID: r.SegmentID.Int64, State: State(r.State), MailingID: r.MailingID.Int64, SendAt: r.SendAt.Time, SentAt: r.StartedAt.Time,
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Version: r.Version,
	}
	switch delivery.MailingState(r.MailingState.String) {
	case delivery.MailingPaused:
		n.State = Paused
	case delivery.MailingDone:
		n.State = Sent
	case delivery.MailingCancelled:
		n.State = Cancelled
	}
	if r.Audience.Valid {
		tree, err := kinds.Parse([]byte(r.Audience.String))
		if err != nil {
			return n, fmt.Errorf("reading the audience of newsletter %d: %w", r.ID, err)
		}
		n.Audience = &tree
	}
	if r.Blocks != "" {
		blocks, err := ParseBlocks([]byte(r.Blocks))
		if err != nil {
			return n, fmt.Errorf("reading the blocks of newsletter %d: %w", r.ID, err)
		}
		n.Blocks = blocks
	}
	return n, nil
}

func newRow(n Newsletter) (*row, error) {
	blocks, err := blocksJSON(n.Blocks)
	if err != nil {
		return nil, err
	}
	r := &row{
		ID: n.ID, ShopID: n.ShopID, Name: n.Name, Subject: n.Subject, Preheader: n.Preheader, Topic: n.Topic, Language: n.Language,
		SegmentID: sql.NullInt64{Int64: n.SegmentID, Valid: n.SegmentID != 0}, Blocks: blocks, State: string(n.State),
		CreatedBy: n.CreatedBy, CreatedAt: n.CreatedAt, UpdatedAt: n.UpdatedAt, Version: n.Version,
	}
	if n.Audience != nil && n.SegmentID == 0 {
		r.Audience = sql.NullString{String: string(n.Audience.JSON()), Valid: true}
	}
	return r, nil
}

// Get reads a newsletter, or fails with store.ErrNotFound. It needs [staff.SeeSales].
func (d *Desk) Get(ctx context.Context, id int64) (Newsletter, error) {
	if err := may(ctx, seeing); err != nil {
		return Newsletter{}, err
	}
	return d.get(ctx, d.db, id)
}

func (d *Desk) get(ctx context.Context, db bun.IDB, id int64) (Newsletter, error) {
	var r row
	if err := d.selectRows(db, &r, true).Where("n.id = ?", id).Scan(ctx); err != nil {
		return Newsletter{}, fmt.Errorf("reading newsletter %d: %w", id, store.NotFound(err))
	}
	return r.newsletter(d.rooms.Segments.Vocabulary())
}

// ListFilter chooses newsletters.
type ListFilter struct {
	ShopID int64  // 0: all shops
	State  State  // empty: any
	Query  string // in name or subject
	After  string // cursor
	Limit  int    // default 50, at most store.PageMax
}

// List gives newsletters without their blocks, the last made first. It needs [staff.SeeSales].
func (d *Desk) List(ctx context.Context, f ListFilter) (page []Newsletter, next string, err error) {
	if err := may(ctx, seeing); err != nil {
		return nil, "", err
	}
	if f.Limit <= 0 || f.Limit > store.PageMax {
		f.Limit = 50
	}
	var rows []row
	q := d.selectRows(d.db, &rows, false).Limit(int64(f.Limit) + 1)
	if f.ShopID != 0 {
		q = q.Where("n.shop_id = ?", f.ShopID)
	}
	if f.State != "" {
		q = q.Where(stateSQL+" = ?", string(f.State))
	}
	if f.Query != "" {
		like := "%" + likeEscaper.Replace(f.Query) + "%"
		q = q.Where("(n.name LIKE ? OR n.subject LIKE ?)", like, like)
	}
	order := store.Keyset{{Column: "n.id", Desc: true}}
	if f.After != "" {
		place, err := order.Decode(f.After)
		if err != nil {
			return nil, "", err
		}
		q = place.After(q)
	}
	if err := order.Order(q).Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("listing newsletters: %w", err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = order.Encode(rows[f.Limit-1].ID)
	}
	for _, r := range rows {
		n, err := r.newsletter(d.rooms.Segments.Vocabulary())
		if err != nil {
			return nil, "", err
		}
		page = append(page, n)
	}
	return page, next, nil
}

// shopRow is what newsletters need to know of crm_shops.
type shopRow struct {
	bun.BaseModel `bun:"table:crm_shops"`

	ID     int64 `bun:",pk"`
	Name   string
	Title  string
	URL    string
	Locale string
}

func (d *Desk) shop(ctx context.Context, id int64) (shopRow, error) {
	var r shopRow
	err := d.db.NewSelect().Model(&r).Column("id", "name", "title", "url", "locale").Where("id = ?", id).Scan(ctx)
	if err != nil {
		return r, fmt.Errorf("reading shop %d: %w", id, store.NotFound(err))
	}
	if r.Title == "" {
		r.Title = r.Name
	}
	return r, nil
}

func (r shopRow) info() shopInfo { return shopInfo{ID: r.ID, Name: r.Title, URL: r.URL} }
