CREATE TABLE IF NOT EXISTS crm_stage_rules (
  shop_id BIGINT NOT NULL,
  gap_days DOUBLE NULL,
  slipping_after DOUBLE NOT NULL,
  lost_after DOUBLE NOT NULL,
  loyal_from INT NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (shop_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
