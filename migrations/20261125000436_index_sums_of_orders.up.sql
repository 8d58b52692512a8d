ALTER TABLE crm_orders
  DROP KEY crm_orders_profile,
  ADD KEY crm_orders_profile (profile_id, placed_at, status, deleted_at, currency, total, refunded, pieces);
