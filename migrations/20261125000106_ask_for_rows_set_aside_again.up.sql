ALTER TABLE crm_quarantine
  ADD COLUMN again BOOLEAN NOT NULL DEFAULT FALSE,
  ADD KEY crm_quarantine_again (shop_id, again, stream);
