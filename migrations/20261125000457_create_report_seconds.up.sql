CREATE TABLE IF NOT EXISTS crm_report_seconds (
  shop_id BIGINT NOT NULL,
  cohort DATE NOT NULL,
  days INT NOT NULL,
  people BIGINT NOT NULL,
  PRIMARY KEY (shop_id, cohort, days)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
