CREATE TABLE IF NOT EXISTS crm_import_rows (
  import_id BIGINT NOT NULL,
  line INT NOT NULL,
  cells TEXT NOT NULL,
  outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  reason TEXT NULL,
  profile_id BIGINT NOT NULL DEFAULT 0,
  changes TEXT NULL,
  applied TEXT NULL,
  PRIMARY KEY (import_id, line),
  KEY crm_import_rows_outcome (import_id, outcome, line),
  KEY crm_import_rows_profile (profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
