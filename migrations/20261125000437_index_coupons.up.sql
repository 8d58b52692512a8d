ALTER TABLE crm_orders ADD KEY crm_orders_coupons (coupons, profile_id, placed_at, status, deleted_at);
