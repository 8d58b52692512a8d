CREATE TABLE IF NOT EXISTS crm_refills (
  run_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  buyers INT NOT NULL,
  again INT NOT NULL,
  gap_days DOUBLE NOT NULL,
  PRIMARY KEY (run_id, product_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
