package bitrix

import (
	"context"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// place is one of the shop's locations, with what it lies in.
type place struct{ city, region, country string }

// places finds the locations that orders name. Newer versions have a tree of them and name one by its code, before it was
// a city by its number; shops that were brought over may have numbers still.
func (r *reader) places(ctx context.Context, contacts map[int64]contact) (map[string]place, error) {
	var wanted []string
	for _, c := range contacts {
		if c[roleLocation] != "" {
			wanted = append(wanted, c[roleLocation])
		}
	}
	slices.Sort(wanted)
	if wanted = slices.Compact(wanted); len(wanted) == 0 {
		return map[string]place{}, nil
	}
	if r.hasTable("sale_loc_name") {
		return r.treePlaces(ctx, wanted)
	}
	return r.cityPlaces(ctx, wanted)
}

// depth is how far a location is followed upwards: Bitrix's own tree has seven levels, from country to street.
const depth = 8

func (r *reader) treePlaces(ctx context.Context, wanted []string) (map[string]place, error) {
	paths := map[string][]node{}
	err := r.branches(ctx, paths, "a.CODE IN ("+strings.TrimSuffix(strings.Repeat("?,", len(wanted)), ",")+")", texts(wanted), func(code, _ string) string { return code })
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, text := range wanted {
		if id := foreign.ID(text); id > 0 && paths[text] == nil && foreign.Str(id) == text {
			numbers = append(numbers, id)
		}
	}
	if len(numbers) > 0 {
		if err := r.branches(ctx, paths, "a.ID "+follow.In(numbers), nil, func(_, id string) string { return id }); err != nil {
			return nil, err
		}
	}
	return r.namePlaces(ctx, paths)
}

// node is a location on the way up: its number and its type's.
type node struct{ id, kind int64 }

// branches reads locations with all that they lie in, by the name that an order has for them.
func (r *reader) branches(ctx context.Context, paths map[string][]node, where string, args []any, key func(code, id string) string) error {
	columns, joins := "a.CODE, a.ID, COALESCE(a.TYPE_ID, 0)", ""
	for i, alias := 1, "a"; i < depth; i++ {
		next := string(rune('a' + i))
		columns += ", COALESCE(" + next + ".ID, 0), COALESCE(" + next + ".TYPE_ID, 0)"
		joins += " LEFT JOIN {sale_location} " + next + " ON " + next + ".ID = " + alias + ".PARENT_ID"
		alias = next
	}
	return r.Each(ctx, "locations", "SELECT "+columns+" FROM {sale_location} a"+joins+" WHERE "+where, args, func(scan func(...any) error) error {
		var code string
		nodes := make([]node, depth)
		into := []any{&code}
		for i := range nodes {
			into = append(into, &nodes[i].id, &nodes[i].kind)
		}
		err := scan(into...)
		paths[key(code, foreign.Str(nodes[0].id))] = slices.DeleteFunc(nodes, func(n node) bool { return n.id == 0 })
		return err
	})
}

func texts(list []string) []any {
	args := make([]any, len(list))
	for i, text := range list {
		args[i] = text
	}
	return args
}

func (r *reader) namePlaces(ctx context.Context, paths map[string][]node) (map[string]place, error) {
	var ids []int64
	for _, path := range paths {
		for _, n := range path {
			ids = append(ids, n.id)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	names := map[int64]map[string]string{} // by language
	for some := range slices.Chunk(ids, inMost) {
		err := r.Each(ctx, "locations", "SELECT LOCATION_ID, LANGUAGE_ID, NAME FROM {sale_loc_name} WHERE LOCATION_ID "+follow.In(some), nil, func(scan func(...any) error) error {
			var id int64
			var language, name string
			err := scan(&id, &language, &name)
			if names[id] == nil {
				names[id] = map[string]string{}
			}
			names[id][language] = name
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	kinds := map[int64]string{}
	err := r.Each(ctx, "kinds of locations", "SELECT ID, CODE FROM {sale_loc_type}", nil, func(scan func(...any) error) error {
		var id int64
		var code string
		err := scan(&id, &code)
		kinds[id] = code
		return err
	})
	found := map[string]place{}
	for key, path := range paths {
		var p place
		for _, n := range path {
			own := names[n.id]
			name := foreign.First(own[r.main.language], own["ru"], own["en"])
			switch kind := kinds[n.kind]; {
			case kind == "COUNTRY":
				p.country = countryNamed(own["en"], own["ru"], own[r.main.language])
			case kind == "REGION":
				p.region = name
			case (kind == "CITY" || kind == "VILLAGE") && p.city == "":
				p.city = name
			}
		}
		found[key] = p
	}
	return found, err
}

// cityPlaces reads the locations of before: each is a city, or a country alone.
func (r *reader) cityPlaces(ctx context.Context, wanted []string) (map[string]place, error) {
	var ids []int64
	for _, text := range wanted {
		ids = append(ids, foreign.ID(text))
	}
	named := func(kind string) string {
		return "(SELECT n.NAME FROM {sale_location_" + kind + "_lang} n WHERE n." + strings.ToUpper(kind) + "_ID = l." + strings.ToUpper(kind) + "_ID AND n.LID = ?)"
	}
	found := map[string]place{}
	err := r.Each(ctx, "locations", "SELECT l.ID, "+named("city")+", "+named("region")+", "+named("country")+", "+named("country")+
		" FROM {sale_location} l WHERE l.ID "+follow.In(ids), []any{r.main.language, r.main.language, r.main.language, "en"}, func(scan func(...any) error) error {
		var id, country, english string
		var p place
		err := scan(&id, follow.Text(&p.city), follow.Text(&p.region), follow.Text(&country), follow.Text(&english))
		p.country = countryNamed(english, country)
		found[id] = p
		return err
	})
	return found, err
}
