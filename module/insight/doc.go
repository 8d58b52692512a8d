// Package insight keeps one row of facts per profile: how often, how much, when, and in which stage of its life as a
// customer it is.
//
// It owns crm_stale_profiles, crm_facts, crm_fact_revenue, crm_stage_rules, crm_predictions, crm_forecasts, crm_rfm, crm_rfm_cells, crm_rfm_moves, crm_rfm_rules and crm_refill_dates. Rooms that change a profile's orders call [MarkStale] in
// the same transaction (intake and customer through a func value, for they are below); a job calls [Facts.Refresh] every
// few seconds and [Facts.RefreshAll] each night, because stages also move with time alone.
//
// Each night [Facts.Forecast] ranks a shop's buyers by recency, frequency and money, by fifths and by thresholds that staff may
// set ([Facts.Ranking], [Group]), counts who moved from group to group in each of the last twelve months, and tells of each how many orders are
// to be expected, what they are worth, and when the next is due ([Facts.Outlook]). Package predict has the models; the shop's
// own last months choose among them, and the run is kept with its parameters and with how every candidate did. Where a shop
// is too young the run says what is missing, and nothing is expected of anybody.
//
// Promises: facts are computed by set-based SQL, never profile by profile; they are what the orders say at the moment of
// the refresh, so that refreshing twice changes nothing; a change that comes in while facts are being computed is seen by
// the next refresh.
package insight
