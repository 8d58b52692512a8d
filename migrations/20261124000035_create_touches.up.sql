CREATE TABLE IF NOT EXISTS crm_touches (
  id BIGINT NOT NULL AUTO_INCREMENT,
  mailing_id BIGINT NOT NULL,
  profile_id BIGINT NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  link_id BIGINT NOT NULL DEFAULT 0,
  verdict VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  rule VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  ip VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  user_agent VARCHAR(255) NOT NULL DEFAULT '',
  at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY crm_touches_mailing (mailing_id, kind, verdict, profile_id, link_id),
  KEY crm_touches_profile (profile_id, kind, at),
  KEY crm_touches_verdict (kind, verdict, at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
