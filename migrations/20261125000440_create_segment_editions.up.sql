CREATE TABLE IF NOT EXISTS crm_segment_editions (
  id BIGINT NOT NULL AUTO_INCREMENT,
  segment_id BIGINT NOT NULL,
  tree_hash BINARY(32) NOT NULL,
  people_before BIGINT NULL,
  people BIGINT NOT NULL DEFAULT 0,
  began_at DATETIME(6) NOT NULL,
  filled_at DATETIME(6) NULL,
  looked_at DATETIME(6) NULL,
  failed_at DATETIME(6) NULL,
  ended_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  KEY crm_segment_editions_segment (segment_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
