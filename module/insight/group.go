package insight

import (
	"fmt"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/predict"
)

// Group is a name for people alike in how lately and how often they bought. It goes by fixed thresholds: among fifths of all
// there are always as many in the best, so that nobody could become one of them but in another's place; and where most
// bought once, fifths by frequency part equals by their number alone.
type Group string

// The groups. Recency and frequency are scores, 5 the best.
const (
	Champions   Group = "champions"   // recency 4 or 5, frequency 4 or 5
	Faithful    Group = "faithful"    // recency 4 or 5, frequency 3; recency 3, frequency 4 or 5
	Promising   Group = "promising"   // recency 4 or 5, frequency 2
	Newcomers   Group = "newcomers"   // recency 4 or 5, frequency 1
	Wavering    Group = "wavering"    // recency 3, frequency 2 or 3
	Fading      Group = "fading"      // recency 3, frequency 1
	AtRisk      Group = "at_risk"     // recency 2, frequency 3 to 5
	Hibernating Group = "hibernating" // recency 2, frequency 1 or 2
	Missed      Group = "missed"      // recency 1, frequency 4 or 5
	Gone        Group = "gone"        // recency 1, frequency 1 to 3
)

// Groups is all of them, the best first.
var Groups = []Group{Champions, Faithful, Promising, Newcomers, Wavering, Fading, AtRisk, Hibernating, Missed, Gone}

// GroupOf names the group of a cell of fixed thresholds.
func GroupOf(c predict.Cell) Group { return groupTable[c.R-1][c.F-1] }

// groupTable is by recency and frequency, from 1 on.
var groupTable = [5][5]Group{
	{Gone, Gone, Gone, Missed, Missed},
	{Hibernating, Hibernating, AtRisk, AtRisk, AtRisk},
	{Fading, Wavering, Wavering, Faithful, Faithful},
	{Newcomers, Promising, Faithful, Champions, Champions},
	{Newcomers, Promising, Faithful, Champions, Champions},
}

// Method is a way of ranking by recency, frequency and money.
type Method string

// The methods.
const (
	Fixed       Method = "fixed"       // by thresholds
	Independent Method = "independent" // fifths of all buyers by each of the three
	Nested      Method = "nested"      // fifths within fifths
)

// Methods is all of them.
var Methods = []Method{Fixed, Independent, Nested}

// InCell is the condition that somebody stands in a cell of a shop.
func InCell(shopID int64, m Method, recency, frequency int) (customer.Condition, error) {
	column := map[Method]string{Fixed: "fixed", Independent: "independent", Nested: "nested"}[m]
	if column == "" || recency < 1 || recency > 5 || frequency < 1 || frequency > 5 {
		return customer.Condition{}, fmt.Errorf("there is no cell %d-%d of %q", recency, frequency, m)
	}
	from := recency*100 + frequency*10
	return customer.Condition{SQL: "p.id IN (SELECT d.profile_id FROM crm_rfm AS d WHERE d.shop_id = ? AND d." + column + " BETWEEN ? AND ?)", Args: []any{shopID, from, from + 9}}, nil
}

// InGroup is the condition that somebody is in a group of a shop; before, which may be "", is the one that they were in when
// this month began.
func InGroup(shopID int64, g, before Group) customer.Condition {
	c := customer.Condition{SQL: "p.id IN (SELECT d.profile_id FROM crm_rfm AS d WHERE d.shop_id = ? AND d.rfm_group = ?", Args: []any{shopID, string(g)}}
	if before != "" {
		c.SQL += " AND d.group_before = ?"
		c.Args = append(c.Args, string(before))
	}
	c.SQL += ")"
	return c
}
