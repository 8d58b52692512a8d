ALTER TABLE crm_streams
  ADD COLUMN digested_at DATETIME(6) NULL;
