CREATE TABLE IF NOT EXISTS crm_report_changes (
  profile_id BIGINT NOT NULL,
  since DATETIME(6) NOT NULL,
  PRIMARY KEY (profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
