package affinity

import "math"

// List says what a list may hold.
type List string

// The lists.
const (
	All List = "all" // also what the person bought before
	New List = "new" // only what the person never bought, and only that counts as found
)

// Baselines that every method is measured against.
const (
	Popular30  = "popular_30d"
	Popular90  = "popular_90d"
	PopularAll = "popular_all"
	Frequent   = "personal_frequency" // what the person bought most often, then what is in most orders
)

// Score is how good a ranking was for the people who came again after a day, on average over them.
type Score struct {
	Cutoff    int32   `json:"-"`
	List      List    `json:"list"`
	Ranking   string  `json:"ranking"`   // a method's name, or a baseline's
	Recall    float64 `json:"recall"`    // the share found of what they bought
	NDCG      float64 `json:"ndcg"`      // the same, what stands first counting most
	HitRate   float64 `json:"hit_rate"`  // the share of people for whom something was found
	Precision float64 `json:"precision"` // the share of the list that was bought
	Coverage  int     `json:"coverage"`  // distinct products in the lists
	People    int     `json:"people"`
	Repeats   float64 `json:"repeats"` // the share of what they bought that they had bought before
}

// found is how good one list was.
type found struct{ recall, ndcg, hit, precision float64 }

// judge compares a list with what was bought. whole measures NDCG against a list of all that was bought, not of what a list
// of this depth can hold.
func judge(list []uint32, target map[uint32]bool, depth int, whole bool) found {
	hits, gain, ideal := 0.0, 0.0, 0.0
	for i, item := range list {
		if target[item] {
			hits++
			gain += discount(i)
		}
	}
	best := len(target)
	if !whole {
		best = min(best, depth)
	}
	for i := range best {
		ideal += discount(i)
	}
	return found{hits / float64(len(target)), gain / ideal, min(1, hits), hits / float64(depth)}
}

func discount(place int) float64 { return 1 / math.Log2(float64(place)+2) }

func (s *Score) add(f found) {
	s.Recall, s.NDCG, s.HitRate, s.Precision = s.Recall+f.recall, s.NDCG+f.ndcg, s.HitRate+f.hit, s.Precision+f.precision
}

func (s *Score) share(people float64) {
	s.Recall, s.NDCG, s.HitRate, s.Precision = s.Recall/people, s.NDCG/people, s.HitRate/people, s.Precision/people
}
