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
// Staff may say otherwise ([Rule]): pin a product to another, forbid one, or have one count more or less. That holds at once.
//
// The package owns crm_model_runs, crm_affinities, crm_companions, crm_leaders, crm_category_affinities,
// crm_upgrades and crm_offer_rules. What people have used up it learns from insight.
package recommend
