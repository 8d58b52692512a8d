CREATE TABLE IF NOT EXISTS crm_suggestions (
  profile_id BIGINT NOT NULL,
  other_id BIGINT NOT NULL,
  score SMALLINT UNSIGNED NOT NULL,
  reasons LONGTEXT NOT NULL,
  found_at DATETIME(6) NOT NULL,
  dismissed_at DATETIME(6) NULL,
  dismissed_by BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (profile_id, other_id),
  KEY crm_suggestions_other (other_id),
  KEY crm_suggestions_score (dismissed_at, score, profile_id, other_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
