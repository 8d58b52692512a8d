CREATE TABLE IF NOT EXISTS crm_quarantine (
  id BIGINT NOT NULL AUTO_INCREMENT,
  shop_id BIGINT NOT NULL,
  stream VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  shop_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  reason TEXT NOT NULL,
  raw LONGTEXT NOT NULL,
  first_seen_at DATETIME(6) NOT NULL,
  last_seen_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY crm_quarantine_row (shop_id, stream, shop_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
