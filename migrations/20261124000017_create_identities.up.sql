CREATE TABLE IF NOT EXISTS crm_identities (
  id BIGINT NOT NULL AUTO_INCREMENT,
  profile_id BIGINT NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  shop_id BIGINT NOT NULL DEFAULT 0,
  value VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  slot BIGINT NOT NULL DEFAULT 0,
  evidence VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  evidence_ref VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  linked_by VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  origin_profile_id BIGINT NOT NULL,
  gone_at DATETIME(6) NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY crm_identities_value (kind, value, shop_id, slot),
  KEY crm_identities_profile (profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
