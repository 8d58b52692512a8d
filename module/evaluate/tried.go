package evaluate

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/predict"
)

// Recommendations are how well it would have been told, on days of the past, what people bought next.
type Recommendations struct {
	Missing *Missing `json:"missing,omitempty"`
	*Recommended
	Mean []MeanRanking `json:"mean,omitempty"` // over the cut-offs, the best for what is new first
}

// MeanRanking is how well a ranking did, on average over the cut-offs.
type MeanRanking struct {
	Ranking  string      `json:"ranking"` // a method, a baseline, or Chosen
	Baseline bool        `json:"baseline"`
	New      MeanFigures `json:"new"`
	All      MeanFigures `json:"all"`
}

// MeanFigures are means over cut-offs.
type MeanFigures struct {
	NDCG    float64 `json:"ndcg"`
	Recall  float64 `json:"recall"`
	HitRate float64 `json:"hit_rate"`
}

// As many cut-offs as affinity's own choice takes, a month apart, each with two months before it.
const (
	cutoffs     = 4
	horizonDays = 30
	beforeDays  = 60
	listDepth   = 10
)

var baselines = []string{affinity.Popular30, affinity.Popular90, affinity.PopularAll, affinity.Frequent}

func (o *Orders) recommendations(ctx context.Context, first, last int32, workers int, progress func(share float64)) (Recommendations, error) {
	p := Picking{Horizon: horizonDays, Depth: listDepth, Workers: workers, Progress: progress}
	for k := int32(cutoffs); k > 0; k-- {
		if cut := last + 1 - k*horizonDays; cut-beforeDays >= first {
			p.Cutoffs = append(p.Cutoffs, cut)
		}
	}
	if p.Cutoffs == nil {
		return Recommendations{Missing: &Missing{What: string(predict.FewDays), Has: int(last-first) + 1, Needs: horizonDays + beforeDays}}, nil
	}
	found, err := o.Recommend(ctx, p)
	if err != nil {
		missing, err := lacking(err)
		return Recommendations{Missing: missing}, err
	}
	return Recommendations{Recommended: &found, Mean: found.mean()}, nil
}

// mean averages over the cut-offs, each counting alike.
func (r *Recommended) mean() []MeanRanking {
	by := map[string]*MeanRanking{}
	of := func(name string) *MeanRanking {
		if by[name] == nil {
			by[name] = &MeanRanking{Ranking: name, Baseline: slices.Contains(baselines, name)}
		}
		return by[name]
	}
	share := 1 / float64(len(r.Cutoffs))
	for _, cut := range r.Cutoffs {
		for name, f := range cut.New.Rankings {
			of(name).New.add(f, share)
		}
		for name, f := range cut.All.Rankings {
			of(name).All.add(f, share)
		}
	}
	var all []MeanRanking
	for _, name := range slices.Sorted(maps.Keys(by)) {
		all = append(all, *by[name])
	}
	slices.SortStableFunc(all, func(a, b MeanRanking) int { return cmp.Compare(b.New.NDCG, a.New.NDCG) })
	return all
}

func (m *MeanFigures) add(f Figures, share float64) {
	m.NDCG, m.Recall, m.HitRate = m.NDCG+share*f.NDCG, m.Recall+share*f.Recall, m.HitRate+share*f.HitRate
}
