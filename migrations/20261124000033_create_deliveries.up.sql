CREATE TABLE IF NOT EXISTS crm_deliveries (
  mailing_id BIGINT NOT NULL,
  profile_id BIGINT NOT NULL,
  email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  detail VARCHAR(500) NOT NULL DEFAULT '',
  attempts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  lease_owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  lease_until DATETIME(6) NULL,
  next_attempt_at DATETIME(6) NULL,
  settled_at DATETIME(6) NULL,
  PRIMARY KEY (mailing_id, profile_id),
  KEY crm_deliveries_state (mailing_id, state, reason, profile_id),
  KEY crm_deliveries_profile (profile_id, settled_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
