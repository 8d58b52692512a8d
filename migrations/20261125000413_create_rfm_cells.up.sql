CREATE TABLE IF NOT EXISTS crm_rfm_cells (
  shop_id BIGINT NOT NULL,
  method VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  recency TINYINT UNSIGNED NOT NULL,
  frequency TINYINT UNSIGNED NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  people INT NOT NULL,
  net DECIMAL(19,4) NOT NULL,
  PRIMARY KEY (shop_id, method, recency, frequency, currency)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
