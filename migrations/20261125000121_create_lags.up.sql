CREATE TABLE IF NOT EXISTS crm_lags (
  shop_id BIGINT NOT NULL,
  noted_at DATETIME(6) NOT NULL,
  seconds DOUBLE NOT NULL,
  PRIMARY KEY (shop_id, noted_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
