CREATE TABLE IF NOT EXISTS crm_report_cohorts (
  shop_id BIGINT NOT NULL,
  cohort DATE NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  later INT NOT NULL,
  people BIGINT NOT NULL,
  orders BIGINT NOT NULL,
  net DECIMAL(19,4) NOT NULL,
  PRIMARY KEY (shop_id, cohort, currency, later)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
