CREATE TABLE IF NOT EXISTS crm_segment_moves (
  id BIGINT NOT NULL AUTO_INCREMENT,
  segment_id BIGINT NOT NULL,
  profile_id BIGINT NOT NULL,
  entered BOOLEAN NOT NULL,
  at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY crm_segment_moves_segment (segment_id, entered, at, id),
  KEY crm_segment_moves_profile (profile_id, at),
  KEY crm_segment_moves_at (at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
