// Package report adds up what a shop sold: over time, by new and returning customers, by the month of people's first order,
// by product, category and country, with and without a discount, and how long it takes to the second order.
//
// It owns crm_report_orders, the orders that count with what reports need to know of each; crm_report_days,
// crm_report_products, crm_report_cohorts and crm_report_seconds, sums over them; crm_report_changes and crm_report_stale,
// what must be looked at again; and crm_report_states. The panel and `kupec report` read; a worker calls
// [Reports.Refresh] every few seconds, a job calls [Reports.Check] each night.
//
// What the figures mean:
//
//   - Orders that count are those of [purchase.Counting] that the shop has not deleted. Net is total less refunds, and a
//     refund counts on the day of its order. So the sum of any report over all time is the revenue that `kupec status` shows.
//   - A day is a day of the shop's time zone. An order without a time counts in all time, and in no narrower frame.
//   - An order is somebody's first in a shop, or not: who bought elsewhere before is new here. People are counted by profile,
//     erased ones too, for their orders stay in the sums.
//   - Currencies are never added up. A person belongs to one cohort whatever they pay in; the worth of a cohort is told in
//     one currency and divided by all its people.
//   - A product's net is its lines' total less a share of what was given back on the order, in proportion. Shipping, fees
//     and what rounding leaves stand apart ([Products.Rest]), so that the sum stays true.
//
// How the sums are kept: a room that changes orders calls [MarkStale] in its transaction, with the profiles. Refresh compares
// those people's orders with crm_report_orders, writes what differs, and marks the days, months and cohorts which that
// touches; each of these is then added up anew from its orders, and what differs is written. So a late change, a refund, a
// deletion, or a merge that makes somebody's first order their second, is seen everywhere within seconds, and adding up twice
// changes nothing. Check does the same for everybody and everything, and says how many sums were wrong.
//
// A shop's zone that changes moves its days in the next night.
//
// A question about the people of a segment is answered from crm_report_orders by the same statements that make the sums,
// in time that grows with those people's orders: at 200,000 people, for two thirds of them, one to six seconds. How often a
// product is bought again is not told of a segment. The people behind a figure are a condition for a list of customers ([People]).
package report
