// Package insight keeps one row of facts per profile: how often, how much, when, and in which stage of its life as a
// customer it is.
//
// It owns crm_stale_profiles, crm_facts and crm_fact_revenue. Rooms that change a profile's orders call [MarkStale] in
// the same transaction (intake and customer through a func value, for they are below); a job calls [Facts.Refresh] every
// few seconds and [Facts.RefreshAll] each night, because stages also move with time alone.
//
// Promises: facts are computed by set-based SQL, never profile by profile; they are what the orders say at the moment of
// the refresh, so that refreshing twice changes nothing; a change that comes in while facts are being computed is seen by
// the next refresh.
package insight
