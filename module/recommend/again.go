package recommend

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/kupec/kupec/module/insight"
)

// refillLead is how many days before it is used up something is offered again, but a quarter of its time at most.
const refillLead = 7

// again picks what people have likely used up, as insight's night tells, those first whose time is nearest.
func (e *Engine) again(ctx context.Context, q *question) (map[int64][]pick, error) {
	picks := e.nothing(q)
	refills, err := insight.RefillsOf(ctx, e.db, q.shop, q.people)
	if err != nil {
		return nil, err
	}
	had := map[int64]bool{}
	for _, theirs := range refills {
		for _, r := range theirs {
			had[r.ProductID] = true
		}
	}
	refused, err := e.refused(ctx, q.shelves.pictured, had)
	if err != nil {
		return nil, err
	}
	today := dayNumber(e.now())
	for _, id := range q.people {
		ranking := due(refills[id], today, func(r insight.Refill) bool {
			has := q.owned[id][r.ProductID]
			if !has.kept || has.age < int(today-dayNumber(r.Last)) { // given back, or bought again after that night
				return true
			}
			why := q.barred(id, r.ProductID, refused)
			if why != "" {
				q.trace.note(r.ProductID, why, link{}, 0)
			}
			return why != ""
		})
		picks[id] = q.take(nil, slices.Values(ranking))
	}
	return picks, nil
}

// due ranks what is due by how near its day is, as a part of the time that it lasts.
func due(refills []insight.Refill, today int32, refused func(insight.Refill) bool) []pick {
	type candidate struct {
		pick
		off float64
	}
	var found []candidate
	for _, r := range refills {
		last := dayNumber(r.Last)
		waited, lasts := float64(today-last), days(r.Due.Sub(r.Last))
		early := min(days(r.From.Sub(r.Last)), lasts-min(refillLead, lasts/4))
		if waited < early || waited > insight.RefillPatience*days(r.To.Sub(r.Last)) || refused(r) {
			continue
		}
		found = append(found, candidate{pick{product: r.ProductID, kind: Again, last: last, lasts: max(1, int(lasts))}, math.Abs(waited-lasts) / max(1, lasts)})
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.off, b.off), cmp.Compare(a.product, b.product)) })
	var picks []pick
	for _, c := range found {
		picks = append(picks, c.pick)
	}
	return picks
}

func days(d time.Duration) float64 { return d.Hours() / 24 }
