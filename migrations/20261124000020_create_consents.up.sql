CREATE TABLE IF NOT EXISTS crm_consents (
  id BIGINT NOT NULL AUTO_INCREMENT,
  profile_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL,
  shop_id BIGINT NOT NULL,
  topic VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  wording TEXT NOT NULL,
  ip VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  user_agent VARCHAR(255) NOT NULL DEFAULT '',
  mailing_id BIGINT NOT NULL DEFAULT 0,
  at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY crm_consents_profile (profile_id, at),
  KEY crm_consents_identity (identity_id, topic, id),
  KEY crm_consents_mailing (mailing_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
