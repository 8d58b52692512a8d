// Package recommend finds what goes with what, and with whom, and says why in numbers that are true of the shop's data:
// "38 of 412 buyers of the V60 also bought filters".
//
// [Engine.Rebuild] reads a shop's whole history once a night and keeps, for each product, the products whose buyers are
// most tellingly the same people. [Engine.GoesWith] and [Engine.For] read the newest finished run; a run that fails leaves
// the last good one in use. The newsletter, the customer page, the product pages and `kupec recommend` call it.
//
// # The measure
//
// Counted is people, not baskets: over weeks, a person's separate orders say what a single basket does not. A buyer of a
// product is a profile with an order of it that counts and was not wholly refunded. Of two products A and B with a and b
// buyers, both with x, among N buyers in all:
//
//   - A pair is kept when x ≥ 3, more people than chance would bring bought both, and Dunning's log-likelihood ratio is at
//     least 10.83, the 0.1 % level of χ² with one degree of freedom. The ratio decides whether a tie is real; it is no
//     ranking, for it grows with sales.
//   - Kept pairs are ranked by x/√(a·b) · x/(x+10) · (recent+5)/(b+20), the cosine shrunk towards nothing where few people
//     stand behind it, times how much of B's sales is of the last 90 days. Without that last factor a shop with two years
//     of history recommends the seasons gone by.
//
// Pairs are collected from the 50 products each person bought last, which bounds the work by 2,500 a person and costs no
// measurable quality; the numbers of the pairs that are kept are then counted again over everything.
//
// The package owns crm_model_runs and crm_affinities.
package recommend
