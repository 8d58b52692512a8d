CREATE TABLE IF NOT EXISTS crm_leaders (
  run_id BIGINT NOT NULL,
  list VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  category_id BIGINT NOT NULL,
  position SMALLINT UNSIGNED NOT NULL,
  product_id BIGINT NOT NULL,
  buyers INT NOT NULL,
  PRIMARY KEY (run_id, list, category_id, position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
