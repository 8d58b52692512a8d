package evaluate

import (
	"cmp"
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
)

const (
	maxPrice    = 1e11 // of a line, in the currency's unit
	maxQuantity = 1e9
)

var (
	errNumber    = errors.New("is not a number like 12.50")
	errAmbiguous = errors.New("can be a decimal number or one of thousands; write it with a point, or with two digits after the comma")
	errRange     = errors.New("is too large")
)

// number reads a decimal number with a point or a comma.
func number(cell string, most float64) (float64, error) {
	for i := range len(cell) {
		if c := cell[i]; (c < '0' || c > '9') && c != '.' && c != ',' && c != '-' && c != '+' && c != ' ' {
			return 0, errNumber
		}
	}
	if strings.ContainsAny(cell, ", ") {
		var err error
		if cell, err = pointed(strings.ReplaceAll(cell, " ", "")); err != nil {
			return 0, err
		}
	}
	f, err := strconv.ParseFloat(cell, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && (f > most || f < -most):
		return 0, errRange
	case err != nil:
		return 0, errNumber
	}
	return f, nil
}

// pointed rewrites a number with commas into one with a point.
func pointed(cell string) (string, error) {
	comma, point := strings.LastIndexByte(cell, ','), strings.LastIndexByte(cell, '.')
	switch {
	case comma < 0:
		return cell, nil
	case comma < point, strings.Count(cell, ",") > 1 && point < 0:
		return strings.ReplaceAll(cell, ",", ""), nil
	case point < 0 && len(cell)-comma == 4 && strings.TrimLeft(cell[:comma], "-+0") != "":
		return "", errAmbiguous
	}
	return strings.ReplaceAll(strings.ReplaceAll(cell, ".", ""), ",", "."), nil
}

// register gives numbers to names. It holds a name once and finds it by a hash of 64 bits under a seed of its own, so that
// nobody can make names that collide, and ten million do so with a chance of one in 300,000.
type register struct {
	seed  maphash.Seed
	by    map[uint64]uint32
	names []string
	last  string
	at    uint32
}

func newRegister() *register {
	return &register{seed: maphash.MakeSeed(), by: map[uint64]uint32{}}
}

func (r *register) number(name string) (at uint32, isNew bool) {
	if len(r.names) > 0 && name == r.last {
		return r.at, false
	}
	hash := maphash.String(r.seed, name)
	at, known := r.by[hash]
	if !known {
		at = uint32(len(r.names))
		r.by[hash] = at
		r.names = append(r.names, strings.Clone(name)) // the cell shares its row's memory
	}
	r.last, r.at = r.names[at], at
	return at, !known
}

// arranged puts the names in order and tells the new number of each old one.
func (r *register) arranged() (names []string, now []uint32) {
	order := make([]uint32, len(r.names))
	whole := true
	for i, name := range r.names {
		order[i] = uint32(i)
		whole = whole && digits(name)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		first, second := r.names[a], r.names[b]
		if whole {
			x, y := strings.TrimLeft(first, "0"), strings.TrimLeft(second, "0")
			return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y), cmp.Compare(first, second))
		}
		return cmp.Compare(first, second)
	})
	names, now = make([]string, len(order)), make([]uint32, len(order))
	for i, old := range order {
		names[i], now[old] = r.names[old], uint32(i)
	}
	return names, now
}

func digits(name string) bool {
	for i := range len(name) {
		if name[i] < '0' || name[i] > '9' {
			return false
		}
	}
	return name != ""
}
