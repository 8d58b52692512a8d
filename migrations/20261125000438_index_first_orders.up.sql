ALTER TABLE crm_facts ADD KEY crm_facts_first_order (first_order_at, profile_id);
