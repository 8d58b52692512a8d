package customer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/staff"
)

// What a moment can be. Rooms that add moments may add kinds.
const (
	MomentRegistration = "registration"
	MomentOrder        = "order"
	MomentRefund       = "refund"
	MomentConsent      = "consent"
	MomentWithdrawal   = "withdrawal"
	MomentNote         = "note"
	MomentMail         = "mail"
	MomentOpen         = "open"
	MomentClick        = "click"
	MomentRegrouping   = "regrouping"
)

// Moment is one thing that happened between the shop and a person.
type Moment struct {
	At     time.Time
	Kind   string         // one of the Moment constants
	Key    string         // the catalogue key of its sentence: "timeline.order"
	Args   map[string]any // the sentence's names and values: texts, numbers, money.Money, time.Time
	Link   string         // where to read more, below the panel's root: "newsletters/12"; empty: nowhere
	Detail string         // a line beneath, as people wrote it: a note, the wording of a consent
}

// TimelineSource knows some of the moments of a profile.
type TimelineSource interface {
	// Timeline gives at most limit moments of the profile before a time (zero: till now), newest first.
	Timeline(ctx context.Context, profileID int64, before time.Time, limit int) ([]Moment, error)
}

// AddTimeline makes the timeline tell also what src knows. It is called while the rooms are being wired, not later.
func (r *Registry) AddTimeline(src TimelineSource) { r.sources = append(r.sources, src) }

// Timeline is what happened between the shop and a person before a time (zero: till now), newest first, at most limit
// moments (0: 50), only of the given kinds (none: all). The next page is what was before the last moment of this one;
// moments of the very same microsecond are never parted: then a page holds more. It needs staff.SeePeople.
func (r *Registry) Timeline(ctx context.Context, profileID int64, kinds []string, before time.Time, limit int) ([]Moment, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = 50
	}
	wanted := func(m Moment) bool { return len(kinds) == 0 || slices.Contains(kinds, m.Kind) }
	for ask := limit + 1; ; ask *= 4 {
		moments, more, err := r.gather(ctx, profileID, before, ask)
		if err != nil {
			return nil, err
		}
		moments = slices.DeleteFunc(moments, func(m Moment) bool { return !wanted(m) })
		if end := limit; len(moments) > end {
			for end < len(moments) && moments[end].At.Equal(moments[end-1].At) {
				end++
			}
			if end < len(moments) || !more {
				return moments[:end:end], nil
			}
		} else if !more {
			return moments, nil
		}
	}
}

// gather merges what all sources say; more says that there is something earlier than the last moment given.
func (r *Registry) gather(ctx context.Context, profileID int64, before time.Time, ask int) (moments []Moment, more bool, err error) {
	var horizon time.Time // earlier than this, a source that had more to tell may have been left out
	sources := append([]TimelineSource{timelineFunc(r.ownMoments), timelineFunc(r.orderMoments), timelineFunc(r.regroupingMoments)}, r.sources...)
	for _, src := range sources {
		told, err := src.Timeline(ctx, profileID, before, ask)
		if err != nil {
			return nil, false, fmt.Errorf("the timeline of profile %d: %w", profileID, err)
		}
		if len(told) >= ask {
			more = true
			if last := told[len(told)-1].At; last.After(horizon) {
				horizon = last
			}
		}
		moments = append(moments, told...)
	}
	slices.SortStableFunc(moments, func(a, b Moment) int { return b.At.Compare(a.At) })
	if more {
		moments = slices.DeleteFunc(moments, func(m Moment) bool { return m.At.Before(horizon) })
	}
	return moments, more, nil
}

type timelineFunc func(ctx context.Context, profileID int64, before time.Time, limit int) ([]Moment, error)

func (f timelineFunc) Timeline(ctx context.Context, profileID int64, before time.Time, limit int) ([]Moment, error) {
	return f(ctx, profileID, before, limit)
}

// ownMoments is what this room and consent know: the registration, notes, and what the person agreed to.
func (r *Registry) ownMoments(ctx context.Context, profileID int64, before time.Time, limit int) ([]Moment, error) {
	profile, err := r.Profile(ctx, profileID)
	if err != nil {
		return nil, err
	}
	var moments []Moment
	if at := profile.RegisteredAt; !at.IsZero() && (before.IsZero() || at.Before(before)) {
		moments = append(moments, Moment{At: at, Kind: MomentRegistration, Key: "timeline.registration"})
	}
	notes, err := r.notesBefore(ctx, profile.ID, before, limit)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		moments = append(moments, Moment{At: n.CreatedAt, Kind: MomentNote, Key: "timeline.note", Args: map[string]any{"staff": n.StaffID}, Detail: n.Body})
	}
	entries, err := r.consents.HistoryBefore(ctx, profile.ID, before, limit)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		m := Moment{At: e.At, Kind: MomentConsent, Key: "timeline.consent", Args: map[string]any{"topic": e.Topic, "source": e.Source}, Detail: e.Wording}
		if e.State == consent.Withdrawn {
			m.Kind, m.Key = MomentWithdrawal, "timeline.withdrawal"
		}
		if e.State == consent.Retracted {
			m.Key = "timeline.retracted"
		}
		moments = append(moments, m)
	}
	slices.SortStableFunc(moments, func(a, b Moment) int { return b.At.Compare(a.At) })
	return moments[:min(limit, len(moments))], nil
}

// orderMoments is what was bought and given back. Purchase lies beneath this room and knows no moments itself.
func (r *Registry) orderMoments(ctx context.Context, profileID int64, before time.Time, limit int) ([]Moment, error) {
	if before.IsZero() {
		before = r.now().AddDate(1, 0, 0) // a shop's clock may run ahead of ours
	}
	var rows []struct {
		Kind     string
		At       time.Time
		OrderID  int64
		Number   string
		Status   string
		Amount   string
		Currency string
		Reason   string
	}
	err := r.db.NewRaw(`(SELECT ? AS kind, placed_at AS at, id AS order_id, number, status, total AS amount, currency, '' AS reason
			FROM crm_orders WHERE profile_id = ? AND placed_at < ? AND deleted_at IS NULL ORDER BY placed_at DESC LIMIT ?)
		UNION ALL (SELECT ?, f.refunded_at, o.id, o.number, o.status, f.amount, o.currency, f.reason
			FROM crm_orders o JOIN crm_refunds f ON f.order_id = o.id
			WHERE o.profile_id = ? AND f.refunded_at < ? AND o.deleted_at IS NULL ORDER BY f.refunded_at DESC LIMIT ?)
		ORDER BY at DESC LIMIT ?`,
		MomentOrder, profileID, micro(before), limit, MomentRefund, profileID, micro(before), limit, limit).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading orders: %w", err)
	}
	moments := make([]Moment, len(rows))
	for i, row := range rows {
		amount, err := money.Parse(row.Amount, row.Currency)
		if err != nil {
			return nil, fmt.Errorf("order %d: %w", row.OrderID, err)
		}
		moments[i] = Moment{At: row.At, Kind: row.Kind, Key: "timeline." + row.Kind, Link: "orders/" + strconv.FormatInt(row.OrderID, 10), Detail: row.Reason,
			Args: map[string]any{"number": row.Number, "amount": amount, "status": row.Status}}
	}
	return moments, nil
}
