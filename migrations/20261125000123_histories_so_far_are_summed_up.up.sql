UPDATE crm_streams SET digested_at = backfilled_at WHERE stream = 'orders';
