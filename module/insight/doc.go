// Package insight keeps one row of facts per profile: how often, how much, what and when somebody buys, and in which stage of
// its life as a customer it is.
//
// It owns crm_stale_profiles, crm_facts, crm_fact_revenue and crm_stage_rules; and of what a night works out crm_predictions,
// crm_forecasts, crm_rfm, crm_rfm_cells, crm_rfm_moves, crm_rfm_rules and crm_refill_dates. Rooms that change a profile's
// orders call [MarkStale] in the same transaction (intake and customer through a func value, for they are below); a job calls
// [Facts.Refresh] every few seconds and [Facts.RefreshAll] each night, because stages also move with time alone. By which
// thresholds they do, a shop's staff may set ([StageRules]).
//
// Each night [Facts.Forecast] ranks a shop's buyers by recency, frequency and money, by fifths and by thresholds that staff may
// set ([Facts.Ranking], [Group]), and counts who moved from group to group in each of the last twelve months. It tells of each
// how many orders are to be expected, what they are worth, and when the next is due ([Facts.Outlook]), and when what somebody
// buys again is used up ([Facts.Refills]). Package predict has the models; the shop's own last months choose among them, and
// the run is kept with its parameters and with how every candidate did ([Facts.Quality]). Where a shop is too young the run
// says what is missing, and nothing is expected of anybody.
//
// Promises: facts are computed by set-based SQL, never profile by profile; they are what the orders say at the moment of
// the refresh, so that refreshing twice changes nothing; a change that comes in while facts are being computed is seen by
// the next refresh. Amounts are never converted: no shop tells the rates its orders were placed at.
package insight
