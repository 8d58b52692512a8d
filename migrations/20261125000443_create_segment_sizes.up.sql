CREATE TABLE IF NOT EXISTS crm_segment_sizes (
  segment_id BIGINT NOT NULL,
  day DATE NOT NULL,
  people BIGINT NOT NULL,
  entered BIGINT NOT NULL DEFAULT 0,
  gone BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (segment_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
