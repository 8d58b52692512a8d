// Package affinity works out what goes with what, and for whom, from who bought what and when; and it tries its own ways of
// doing so on the past, so that a shop takes the one that would have served it best.
//
// A [Trade] holds the purchases. [Trade.People] counts people: over weeks, a person's separate orders say what a single
// basket does not, and that is what a mail needs. [Trade.Orders] counts orders: that is what a product's page needs.
//
// # Ties
//
// Of two products with a and b buyers, both with x, among N buyers in all, a pair is a tie when x ≥ 3, more than by chance,
// and Dunning's log-likelihood ratio is at least 10.83, the 0.1 % level of χ² with one degree of freedom. The ratio decides
// whether a tie is real, whatever ranks it. What ranks ties of people is a [Method]:
//
//   - the cosine, shrunk where few people stand behind it: x/√(ab) · x/(x+10)
//   - the ratio itself
//   - BM25, with a product as a document whose words are what its buyers also bought
//   - the local ridge: for a product, the 50 products nearest by cosine are regressed on it over all people, with a penalty
//     of 50, so that each weighs only what the others do not already say
//   - the root of the ratio plus the ridge, each measured by its mean strongest tie
//
// each with or without the share of a product's buyers that is of the last 90 days. Without that factor a shop with two years
// of history offers the seasons gone by. Ties of orders are ranked by confidence · lift^¼.
//
// Pairs are counted from the 50 products that each person bought last, which bounds the work by 2,500 a person and costs no
// measurable quality; the numbers of ties that are kept are then made true of everything.
//
// # Lists
//
// What is new to a person is ranked by the sum of the ties of all that the person has, a purchase counting half after 180
// days. Where ties do not fill a list, there follow best sellers of the categories that go with the person's, of the person's
// own, and of the shop ([Backoff]). A list of all products adds how often and how lately the person bought each, and how it
// sells.
//
// # The past
//
// [Backtest] makes lists as of several days, and looks at what people bought in the 30 days after each. A ranking is measured
// on two lists: all products, and only those new to the person; the first is easily good by repeats and tells nothing of the
// second. The baseline to beat is what sold best in the last 30 days. On grocers' trade methods rank the other way round than
// on fashion's: that is why each shop chooses for itself.
//
// All of it is arithmetic: nothing is read or written here. The result is the same with any number of workers.
package affinity
