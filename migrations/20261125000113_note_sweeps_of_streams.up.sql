ALTER TABLE crm_streams
  ADD COLUMN swept_at DATETIME(6) NULL;
