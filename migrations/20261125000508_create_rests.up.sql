CREATE TABLE IF NOT EXISTS crm_rests (
  run_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  days INT NOT NULL,
  PRIMARY KEY (run_id, product_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
