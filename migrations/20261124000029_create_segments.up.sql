CREATE TABLE IF NOT EXISTS crm_segments (
  id BIGINT NOT NULL AUTO_INCREMENT,
  name VARCHAR(160) NOT NULL,
  tree LONGTEXT NOT NULL,
  people BIGINT NULL,
  mailable BIGINT NULL,
  counted_at DATETIME(6) NULL,
  created_by BIGINT NOT NULL DEFAULT 0,
  created_at DATETIME(6) NOT NULL,
  updated_at DATETIME(6) NOT NULL,
  archived_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  KEY crm_segments_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
