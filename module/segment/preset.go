package segment

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/insight"
)

// Preset is a ready question to start from. Its title and its explanation are the catalogue's segment.preset.<Key> and
// segment.preset.<Key>.why.
type Preset struct {
	Key  string
	Tree Tree
}

// About is what the shop fills into ready questions. What is not filled in leaves out the questions that need it.
type About struct {
	Currency           string // of amounts
	Product, Companion int64  // two products that are bought together; ids
}

// Presets lists the ready questions that the vocabulary has the kinds for.
func (v *Vocabulary) Presets(about About) []Preset {
	all := slices.Concat(
		[]Preset{
			preset("first_time", Is("orders", Values{"exactly": 1}), Is("first_order", Values{"within": 30})),
			preset("second_order", Is("orders", Values{"exactly": 1}), Is("last_order", Values{"between": [2]int64{30, 60}})),
			preset("regulars", Is("orders", Values{"at_least": 3, "days": 365}), Is("last_order", Values{"within": 90})),
		},
		amounts(about.Currency),
		[]Preset{
			preset("best", Is("rank", Values{"recency": [2]int64{4, 5}, "frequency": [2]int64{4, 5}, "money": [2]int64{4, 5}})),
			preset("refill", Is("refill", Values{"within": 14})),
			preset("due", Is("next_order", Values{"within": 14})),
			preset("at_risk", Is("orders", Values{"at_least": 3}), Is("churn", Values{"risk": riskHigh}), Is("last_order", Values{"within": 365})),
			preset("slipping", Is("stage", Values{"in": []string{string(insight.StageSlipping)}})),
			preset("lost", Is("stage", Values{"in": []string{string(insight.StageLost)}})),
			preset("won_back", Is("stage", Values{"in": []string{string(insight.StageWonBack)}})),
			preset("come_back", Is("orders", Values{"at_least": 2}), Is("last_order", Values{"over": 365})),
			preset("one_and_gone", Is("orders", Values{"exactly": 1}), Is("last_order", Values{"over": 180})),
			preset("anniversary", Is("first_order", Values{"between": [2]int64{358, 372}})),
		},
		pairs(about.Product, about.Companion),
		[]Preset{
			preset("discount", Is("orders", Values{"at_least": 2}), Is("discounted", Values{"at_least": 50})),
			preset("full_price", Is("orders", Values{"at_least": 2}), Is("discounted", Values{"at_most": 0})),
			preset("bulk", Is("items", Values{"at_least": 12, "days": 365})),
			preset("guests", Is("registered", Values{"account": false}), Is("orders", Values{"at_least": 2})),
			preset("newcomers", Is("registered", Values{"within": 14}), Is("orders", Values{"exactly": 0})),
			preset("never_ordered", Is("registered", Values{"over": 30}), Is("orders", Values{"exactly": 0})),
			preset("cart", Is("cart", Values{"days": 7})),
			preset("refunded", Is("refund", Values{"days": 60})),
			preset("readers", Is("consent", Values{}), Is("orders", Values{"exactly": 0})),
			preset("clickers", Is("clicked", Values{"days": 30}), Is("orders", Values{"exactly": 0, "days": 30})),
			preset("deaf", Is("mailed", Values{"at_least": 3, "days": 90}), Is("clicked", Values{"exactly": 0, "days": 90})),
			preset("no_consent", Is("orders", Values{"at_least": 2}), Not(Any(Is("consent", Values{})))),
			preset("callable", Is("orders", Values{"at_least": 4}), Is("known", Values{"what": "phone"})),
		},
	)
	return v.checked(all)
}

func preset(key string, nodes ...Node) Preset { return Preset{key, Tree{All(nodes...)}} }

func amounts(currency string) []Preset {
	if currency == "" {
		return nil
	}
	return []Preset{
		preset("big_spenders", Is("spent", Values{"at_least": decimal.NewFromInt(300), "currency": currency, "days": 365})),
		preset("promising", Is("expected_value", Values{"at_least": decimal.NewFromInt(100), "currency": currency, "horizon": "365"})),
	}
}

func pairs(product, companion int64) []Preset {
	if product == 0 || companion == 0 {
		return nil
	}
	return []Preset{preset("companion", Is("bought", Values{"product": product}), Is("not_bought", Values{"product": companion}))}
}

// checked completes the questions, and leaves out those of kinds that are not there.
func (v *Vocabulary) checked(all []Preset) []Preset {
	list := make([]Preset, 0, len(all))
	for _, p := range all {
		if !v.has(p.Tree) {
			continue
		}
		tree, err := v.Check(p.Tree)
		if err != nil {
			panic("segment: the preset " + p.Key + ": " + err.Error())
		}
		list = append(list, Preset{p.Key, tree})
	}
	return list
}

func (v *Vocabulary) has(tree Tree) bool {
	for _, c := range tree.Conditions() {
		if _, ok := v.Kind(c.Kind); !ok {
			return false
		}
	}
	return true
}
