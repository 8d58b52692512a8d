package sqlmap

import (
	"cmp"
	"slices"
	"strings"
)

// nearest are the three names that are written most like the one that does not exist.
func nearest(name string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	list := make([]candidate, 0, len(names))
	for _, n := range names {
		list = append(list, candidate{n, distance(strings.ToLower(name), strings.ToLower(n))})
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.name, b.name)) })
	const most = 3
	near := make([]string, 0, most)
	for _, c := range list[:min(most, len(list))] {
		near = append(near, c.name)
	}
	return near
}

// distance is how many letters must be put in, left out or changed to make one word of the other (Levenshtein). Words are
// compared by their first 64 letters, which is as long as a name in a database can be.
func distance(a, b string) int {
	const most = 64
	x, y := []rune(a), []rune(b)
	x, y = x[:min(most, len(x))], y[:min(most, len(y))]
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range y {
			change := diagonal
			if r != s {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
