package daemon

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/evaluate"
)

type evaluateRecommendCommand struct {
	exportFlags
	Cutoff  []day  `required:"" placeholder:"DATE" help:"Days, with commas: what came before each is known, and what came after is to be told."`
	Horizon string `default:"30d" placeholder:"DAYS" help:"How long after a cut-off people are watched, as 30d."`
	Depth   int    `default:"10" help:"How many products a list holds, at most 100."`
	Ties    string `default:"recency" enum:"recency,popularity" help:"What comes first of what somebody bought equally often, in the baseline of personal frequency: recency, popularity."`
}

// Run makes lists and compares them with what was bought.
func (c *evaluateRecommendCommand) Run(ctx context.Context, t *terminal) error {
	p := evaluate.Picking{Depth: c.Depth, Ties: evaluate.Ties[c.Ties], Workers: runtime.GOMAXPROCS(0)}
	if c.Depth < 1 || c.Depth > 100 {
		return fmt.Errorf("--depth takes a number from 1 to 100")
	}
	days, err := strconv.Atoi(strings.TrimSuffix(c.Horizon, "d"))
	if err != nil || days < 1 || days > 3650 {
		return fmt.Errorf("--horizon: %q is not a number of days like 30d", c.Horizon)
	}
	p.Horizon = int32(days)
	for _, cutoff := range c.Cutoff {
		p.Cutoffs = append(p.Cutoffs, int32(cutoff))
	}
	slices.Sort(p.Cutoffs)
	p.Cutoffs = slices.Compact(p.Cutoffs)
	orders, err := c.read(ctx, t)
	if err != nil {
		return err
	}
	warn(t, orders, day(p.Cutoffs[len(p.Cutoffs)-1]+p.Horizon-1))
	bar := t.progress()
	p.Progress = func(share float64) { bar.show("trying", int64(1000*share), 1000) }
	result, err := orders.Recommend(ctx, p)
	bar.end()
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(result)
	}
	for _, cut := range result.Cutoffs {
		how := "chosen by what came before"
		if !cut.Decided {
			how = "too little came before to choose by"
		}
		t.printf("%s and the %d days from then; %s, %s\n", cut.Cutoff, result.HorizonDays, cut.Method, how)
		t.printRankings("new to them", cut.New, result.Depth)
		t.printRankings("all that they bought", cut.All, result.Depth)
	}
	return nil
}

func (t *terminal) printRankings(what string, list evaluate.ListResults, depth int) {
	t.printf("  %s, %d customers, %.0f of 100 bought before\n", what, list.Customers, 100*list.Repeats)
	t.printf("    %-22s %8s %8s %8s %9s\n", "best first", fmt.Sprintf("NDCG@%d", depth), "recall", "hit rate", "products")
	names := slices.SortedFunc(maps.Keys(list.Rankings), func(a, b string) int {
		return cmp.Or(cmp.Compare(list.Rankings[b].NDCG, list.Rankings[a].NDCG), cmp.Compare(a, b))
	})
	for _, name := range names {
		f := list.Rankings[name]
		t.printf("    %-22s %8.4f %8.4f %8.4f %9d\n", name, f.NDCG, f.Recall, f.HitRate, f.Coverage)
	}
}
