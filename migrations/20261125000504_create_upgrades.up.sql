CREATE TABLE IF NOT EXISTS crm_upgrades (
  run_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  position SMALLINT UNSIGNED NOT NULL,
  other_id BIGINT NOT NULL,
  score DOUBLE NOT NULL,
  later_buyers INT NOT NULL,
  product_buyers INT NOT NULL,
  PRIMARY KEY (run_id, product_id, position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
