CREATE TABLE IF NOT EXISTS crm_erasures (
  hash BINARY(32) NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  profile_id BIGINT NOT NULL,
  at DATETIME(6) NOT NULL,
  PRIMARY KEY (hash),
  KEY crm_erasures_profile (profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
