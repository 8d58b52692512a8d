CREATE TABLE IF NOT EXISTS crm_subscribers (
  id BIGINT NOT NULL AUTO_INCREMENT,
  shop_id BIGINT NOT NULL,
  shop_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  answer VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  list VARCHAR(120) NOT NULL DEFAULT '',
  source VARCHAR(64) NOT NULL DEFAULT '',
  answered_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY crm_subscribers_key (shop_id, shop_key),
  KEY crm_subscribers_email (shop_id, email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
