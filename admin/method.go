package admin

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/store"
)

// methodPage says how offers are chosen, and what else was tried.
type methodPage struct {
	frame
	Run     *recommend.Run // nil: never built
	Method  string         // by which is chosen, in words
	Cutoffs []time.Time
	People  int // who came again, in all cut-offs together
	Rows    []methodRow
}

// methodRow is one way of choosing, on average over the cut-offs.
type methodRow struct {
	Label    string
	Chosen   bool
	Baseline bool
	New, All methodFigures
}

type methodFigures struct {
	NDCG     float64
	Score    string // NDCG, in hundredths
	Hits     string // of people
	Products string
}

// productMethods shows the table of scores of the run in use.
func (a *Admin) productMethods(v *visit) error {
	page := &methodPage{frame: v.frame("products", v.t("methods.title"))}
	page.Back = &backLink{v.t("products.title"), a.link("/products")}
	run, err := a.rooms.Recommend.LastRun(v.ctx, v.shop.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if run.Method != "" { // runs of before there was a choice have none
		page.Run, page.Method = &run, v.t("methods.way."+run.Method)
		page.fill(v, run)
	}
	return v.render("product_methods", page)
}

func (page *methodPage) fill(v *visit, run recommend.Run) {
	sums := map[string]*[2]affinity.Score{}
	var names []string
	for _, s := range run.Scores {
		if noon := s.Cutoff.Add(12 * time.Hour); !slices.Contains(page.Cutoffs, noon) { // the same day in all zones
			page.Cutoffs = append(page.Cutoffs, noon)
		}
		if sums[s.Ranking] == nil {
			sums[s.Ranking] = new([2]affinity.Score)
			names = append(names, s.Ranking)
		}
		sum := &sums[s.Ranking][0]
		if s.List == affinity.All {
			sum = &sums[s.Ranking][1]
			if s.Ranking == affinity.Popular30 {
				page.People += s.People
			}
		}
		sum.NDCG, sum.HitRate, sum.Coverage = sum.NDCG+s.NDCG, sum.HitRate+s.HitRate, sum.Coverage+s.Coverage
	}
	n := float64(len(page.Cutoffs))
	figures := func(s affinity.Score) methodFigures {
		return methodFigures{s.NDCG / n, v.p.Percent(s.NDCG/n, 1), v.p.Percent(s.HitRate/n, 1), v.p.Number(int64(float64(s.Coverage)/n + .5))}
	}
	for _, name := range names {
		isMethod := slices.ContainsFunc(affinity.Methods, func(m affinity.Method) bool { return m.String() == name })
		page.Rows = append(page.Rows, methodRow{Label: v.t("methods.way." + name), Chosen: name == run.Method, Baseline: !isMethod,
			New: figures(sums[name][0]), All: figures(sums[name][1])})
	}
	slices.SortStableFunc(page.Rows, func(a, b methodRow) int { return cmp.Compare(b.New.NDCG, a.New.NDCG) })
}
