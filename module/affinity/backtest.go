package affinity

import (
	"context"
	"slices"
)

// Plan says how to try methods on the past.
type Plan struct {
	Cutoffs  []int32  // days: lists are made of what came before each; default the last four horizons before Today
	Today    int32    // what came on this day and later is not looked at; default the day after the last
	Horizon  int32    // days from a cut-off in which people are watched; default 30
	Depth    int      // length of a list; default 10
	Methods  []Method // default [Methods]
	Ties     Order    // of personal frequency
	Whole    bool     // NDCG against all that was bought, not against what a list can hold
	People   int      // most people of a cut-off who are looked at, evenly picked; default all
	Most     int      // most purchases that are looked at, of evenly picked customers; default all
	Workers  int      // default 1
	Progress func(share float64)
}

// Trial is what a backtest found.
type Trial struct {
	Scores  []Score
	Method  Method // the best by NDCG of new products, on average over the cut-offs
	Decided bool   // whether there was enough to choose by; else Method is the first of [Methods]
}

// What a choice needs.
const (
	leastCutoffs = 4
	leastPeople  = 200 // in all cut-offs together
	leastBefore  = 60  // days of trade before a default cut-off
)

func (p Plan) withDefaults(t *Trade) Plan {
	if p.Horizon <= 0 {
		p.Horizon = 30
	}
	if p.Depth <= 0 {
		p.Depth = 10
	}
	if p.Methods == nil {
		p.Methods = Methods
	}
	if p.Cutoffs == nil {
		first, last := t.Span()
		if p.Today == 0 {
			p.Today = last + 1
		}
		for k := range int32(leastCutoffs) {
			if cut := p.Today - p.Horizon*(k+1); cut-leastBefore >= first {
				p.Cutoffs = append(p.Cutoffs, cut)
			}
		}
		slices.Reverse(p.Cutoffs)
	}
	return p
}

// Backtest tries methods on the past: for each cut-off it makes lists of what was known then, and looks at what the people
// bought in the time after. Nothing of what came later is known to a list.
func Backtest(ctx context.Context, t *Trade, plan Plan) (Trial, error) {
	plan = plan.withDefaults(t)
	if plan.Most > 0 {
		t = t.sample(plan.Most)
	}
	var trial Trial
	for i, cut := range plan.Cutoffs {
		progress := func(share float64) {
			if plan.Progress != nil {
				plan.Progress((float64(i) + share) / float64(len(plan.Cutoffs)))
			}
		}
		scores, err := t.try(ctx, plan, cut, progress)
		if err != nil {
			return Trial{}, err
		}
		trial.Scores = append(trial.Scores, scores...)
	}
	trial.choose(plan)
	return trial, nil
}

// choose takes the method of highest mean NDCG of new products.
func (trial *Trial) choose(plan Plan) {
	trial.Method = Methods[0]
	people, best := 0, -1.0
	for _, m := range plan.Methods {
		sum := 0.0
		for _, s := range trial.Scores {
			if s.List == New && s.Ranking == m.String() {
				sum += s.NDCG
				if m == plan.Methods[0] {
					people += s.People
				}
			}
		}
		if sum > best {
			best, trial.Method = sum, m
		}
	}
	if trial.Decided = len(plan.Cutoffs) >= leastCutoffs && people >= leastPeople; !trial.Decided {
		trial.Method = Methods[0]
	}
}

// watched is somebody who came again.
type watched struct {
	row    int
	bought map[uint32]bool
	new    map[uint32]bool
}

// ranking makes a list.
type ranking struct {
	list List
	name string
	make func(l *lister, row int) []uint32
}

func (t *Trade) try(ctx context.Context, plan Plan, cut int32, progress func(share float64)) ([]Score, error) {
	h := t.people(cut)
	opt := Options{Today: cut, Workers: plan.Workers}
	c, err := count(ctx, h, opt.workers(), nil)
	if err != nil {
		return nil, err
	}
	progress(.3)
	s := t.shelf(h)
	if t.category != nil {
		if s.back, _, err = t.backoff(ctx, h, opt); err != nil {
			return nil, err
		}
	}
	people := t.watch(h, plan)
	if len(people) == 0 {
		return nil, nil
	}
	var scores []Score
	for _, r := range s.baselines(plan) {
		score, err := s.judge(ctx, r, people, plan)
		if err != nil {
			return nil, err
		}
		scores = append(scores, score)
	}
	byKind := map[Kind]Ties{}
	for i, m := range plan.Methods {
		ties, known := byKind[m.Kind]
		if !known {
			if ties, err = c.weigh(ctx, m.Kind, opt); err != nil {
				return nil, err
			}
			byKind[m.Kind] = ties
		}
		if m.Recency {
			ties = ties.clone()
			h.refresh(ties)
		}
		for _, r := range []ranking{
			{New, m.String(), func(l *lister, row int) []uint32 { return l.new(row, ties, plan.Depth) }},
			{All, m.String(), func(l *lister, row int) []uint32 { return l.all(row, ties, plan.Depth) }},
		} {
			score, err := s.judge(ctx, r, people, plan)
			if err != nil {
				return nil, err
			}
			scores = append(scores, score)
		}
		progress(.3 + .7*float64(i+1)/float64(len(plan.Methods)))
	}
	return scores, nil
}

func (t *Trade) shelf(h *history) *shelf {
	s := &shelf{trade: t, history: h, popular: byBuyers(h.popular), most: 1, ordered: byBuyers(h.orders)}
	if len(s.popular) > 0 {
		s.most = float64(h.popular[s.popular[0]])
	}
	return s
}

func (t Ties) clone() Ties {
	out := make(Ties, len(t))
	for i, some := range t {
		out[i] = slices.Clone(some)
	}
	return out
}

// watch finds who came again after the history's day.
func (t *Trade) watch(h *history, plan Plan) []watched {
	var out []watched
	for row, customer := range h.owners {
		_, at, to := t.split(int(customer), h.today)
		w := watched{row: row, bought: map[uint32]bool{}, new: map[uint32]bool{}}
		for i := at; i < to && t.days[i] < h.today+plan.Horizon; i++ {
			w.bought[t.items[i]], w.new[t.items[i]] = true, true
		}
		if len(w.bought) == 0 {
			continue
		}
		for _, item := range h.of(row) {
			delete(w.new, item)
		}
		out = append(out, w)
	}
	if plan.People <= 0 || len(out) <= plan.People {
		return out
	}
	picked := make([]watched, plan.People)
	for i := range picked {
		picked[i] = out[i*len(out)/plan.People]
	}
	return picked
}

func (s *shelf) baselines(plan Plan) []ranking {
	rankings := []ranking{
		{All, Frequent, func(l *lister, row int) []uint32 { return l.frequent(row, plan.Ties, plan.Depth) }},
		{New, Frequent, func(l *lister, row int) []uint32 { return l.unowned(row, plan.Depth, s.popular) }}, // all of them are owned
	}
	for _, p := range []struct {
		name string
		list []uint32
	}{{Popular30, s.popular}, {Popular90, byBuyers(s.history.recent)}, {PopularAll, byBuyers(s.history.buyers)}} {
		rankings = append(rankings,
			ranking{All, p.name, func(l *lister, _ int) []uint32 { return l.fill(nil, plan.Depth, nil, p.list) }},
			ranking{New, p.name, func(l *lister, row int) []uint32 { return l.unowned(row, plan.Depth, p.list) }})
	}
	return rankings
}

// judge makes everybody's list and compares.
func (s *shelf) judge(ctx context.Context, r ranking, people []watched, plan Plan) (Score, error) {
	lists, results := make([][]uint32, len(people)), make([]found, len(people))
	err := inStretches(ctx, len(people), max(1, plan.Workers), nil, func() func(int) {
		l := s.lister()
		return func(i int) {
			if target := people[i].target(r.list); len(target) > 0 {
				lists[i] = r.make(l, people[i].row)
				results[i] = judge(lists[i], target, plan.Depth, plan.Whole)
			}
		}
	})
	if err != nil {
		return Score{}, err
	}
	score := Score{Cutoff: s.history.today, List: r.list, Ranking: r.name}
	seen := map[uint32]bool{}
	bought, again := 0, 0
	for i, w := range people {
		target := w.target(r.list)
		if len(target) == 0 {
			continue
		}
		score.People++
		bought, again = bought+len(w.bought), again+len(w.bought)-len(w.new)
		score.add(results[i])
		for _, item := range lists[i] {
			seen[item] = true
		}
	}
	if score.Coverage = len(seen); score.People > 0 {
		score.share(float64(score.People))
		score.Repeats = float64(again) / float64(bought)
	}
	return score, nil
}

func (w watched) target(list List) map[uint32]bool {
	if list == New {
		return w.new
	}
	return w.bought
}

// What a nightly choice looks at. A sample of customers tells the methods apart as well as all of them do.
const (
	MostTried   = 2_000_000 // purchases
	PeopleTried = 2_000     // who came again, at each cut-off
)
