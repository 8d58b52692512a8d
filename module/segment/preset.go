package segment

import "github.com/shopspring/decimal"

// Preset is a ready question to start from. Its title and its explanation are the catalogue's segment.preset.<Key> and
// segment.preset.<Key>.why.
type Preset struct {
	Key  string
	Tree Tree
}

// Presets lists the ready questions, amounts in the given currency.
func Presets(currency string) []Preset {
	consenting := Is("consent", Values{})
	preset := func(key string, nodes ...Node) Preset {
		tree, err := Standard().Check(Tree{All(nodes...)})
		if err != nil {
			panic("segment: the preset " + key + ": " + err.Error())
		}
		return Preset{key, tree}
	}
	list := []Preset{
		preset("second_order", Is("orders", Values{"exactly": 1}), Is("last_order", Values{"between": [2]int64{30, 60}})),
		preset("regulars", Is("orders", Values{"at_least": 3, "days": 365}), Is("last_order", Values{"within": 90})),
		preset("slipping", Is("stage", Values{"in": []string{"slipping"}})),
		preset("come_back", Is("orders", Values{"at_least": 2}), Is("last_order", Values{"over": 365})),
		preset("newcomers", Is("registered", Values{"within": 14}), Is("orders", Values{"exactly": 0})),
		preset("readers", consenting, Is("orders", Values{"exactly": 0})),
		preset("guests", Is("registered", Values{"account": false}), Is("orders", Values{"at_least": 2})),
	}
	if currency != "" {
		list = append(list, preset("big_spenders", Is("spent", Values{"at_least": decimal.NewFromInt(300), "currency": currency, "days": 365})))
	}
	return list
}
