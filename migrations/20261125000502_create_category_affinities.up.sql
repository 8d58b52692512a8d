CREATE TABLE IF NOT EXISTS crm_category_affinities (
  run_id BIGINT NOT NULL,
  category_id BIGINT NOT NULL,
  position SMALLINT UNSIGNED NOT NULL,
  other_id BIGINT NOT NULL,
  score DOUBLE NOT NULL,
  PRIMARY KEY (run_id, category_id, position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
