package predict

import (
	"cmp"
	"math"
	"slices"
)

// Score says how good predictions were.
type Score struct {
	Expected    float64 // purchase days of all customers together
	Actual      float64
	MAE         float64 // mean absolute error of a customer
	AUC         float64 // chance that who bought was expected to buy more than who did not; 0.5 where all or none bought
	Deviance    float64 // mean Poisson deviance: small where each customer's mean is right, whatever the luck
	Calibration []Bucket
}

// Bucket is the customers with so many repeats; the last one those with more, too.
type Bucket struct {
	Repeats   int
	Customers int
	Expected  float64 // mean
	Actual    float64 // mean
}

const lastBucket = 7

// Judge compares what was expected with what came. The slices have a customer each, in one order.
func Judge(people []History, expected, actual []float64) Score {
	var s Score
	s.Calibration = make([]Bucket, lastBucket+1)
	for i := range people {
		s.Expected += expected[i]
		s.Actual += actual[i]
		s.MAE += math.Abs(expected[i] - actual[i])
		b := &s.Calibration[int(min(lastBucket, people[i].Repeats))]
		b.Customers++
		b.Expected += expected[i]
		b.Actual += actual[i]
	}
	for i := range s.Calibration {
		b := &s.Calibration[i]
		b.Repeats = i
		if b.Customers > 0 {
			b.Expected /= float64(b.Customers)
			b.Actual /= float64(b.Customers)
		}
	}
	n := float64(max(1, len(people)))
	least := max(s.Actual/n/100, 1e-6) // who expects nothing at all is wrong without end when something comes
	for i := range people {
		mean, came := max(expected[i], least), actual[i]
		s.Deviance += 2 * (mean - came)
		if came > 0 {
			s.Deviance += 2 * came * math.Log(came/mean)
		}
	}
	s.MAE /= n
	s.Deviance /= n
	s.AUC = auc(expected, actual)
	return s
}

// auc is the Mann-Whitney statistic; equal expectations count a half.
func auc(expected, actual []float64) float64 {
	order := make([]int, len(expected))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(expected[a], expected[b]) })
	var ranks, bought float64
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && expected[order[j]] == expected[order[i]] {
			j++
		}
		rank := float64(i+j+1) / 2
		for ; i < j; i++ {
			if actual[order[i]] > 0 {
				ranks += rank
				bought++
			}
		}
	}
	others := float64(len(order)) - bought
	if bought == 0 || others == 0 {
		return 0.5
	}
	return (ranks - bought*(bought+1)/2) / (bought * others)
}
