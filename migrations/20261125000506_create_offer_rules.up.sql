CREATE TABLE IF NOT EXISTS crm_offer_rules (
  id BIGINT NOT NULL AUTO_INCREMENT,
  shop_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  other_id BIGINT NOT NULL,
  act VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  factor DOUBLE NOT NULL,
  created_by BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY crm_offer_rules_pair (shop_id, product_id, other_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
