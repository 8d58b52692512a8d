// Package recommend says what to offer to whom, and why, in numbers that are true of the shop's data: "38 of 412 buyers of
// the V60 also bought it".
//
// [Engine.Rebuild] reads a shop's whole history once a night and has module/affinity try its methods on the shop's own last
// four months, as of four days. The best one then ranks, for each product, the products whose buyers are most tellingly the
// same people; the table of scores stays with the run ([Run.Scores]). Beside it are kept what is bought in the same orders, and
// the best sellers of 30 days by category. [Engine.GoesWith] and [Engine.For] read the newest finished run; a run that fails
// leaves the last good one in use. The newsletter, the customer page, the product pages and `kupec recommend` call it.
//
// A buyer of a product is a profile with an order of it that counts and was not wholly refunded. What somebody gave back is
// no reason for anything, and is not offered to them again.
//
// What may be offered at all is one condition: shown, in stock, with a price and a picture. A rebuild finds only what
// fulfils it then, and each list is held against it again. A list does not fill up with one category while there are others.
//
// Staff may say otherwise ([Rule]): pin a product to another, forbid one, have one count more or less, have a category's
// products offered as accessories of another's, and favour what earns well or is long in stock, which reorders what is
// wanted and offers nothing else. That holds at once. No shop's mirror knows what a product costs the shop: margins are what
// staff say. [Engine.Preview] shows a list as it would be sent, and why the rest is not on it.
//
// The package owns crm_model_runs, crm_affinities, crm_companions, crm_leaders, crm_category_affinities,
// crm_upgrades, crm_rests and crm_offer_rules. What people have used up it learns from insight.
package recommend
