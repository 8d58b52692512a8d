CREATE TABLE IF NOT EXISTS crm_segment_backtests (
  id BIGINT NOT NULL AUTO_INCREMENT,
  segment_id BIGINT NOT NULL,
  tree_hash BINARY(32) NOT NULL,
  months LONGTEXT NOT NULL,
  millis BIGINT NOT NULL,
  made_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY crm_segment_backtests_segment (segment_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
