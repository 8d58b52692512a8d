CREATE TABLE IF NOT EXISTS crm_variants (
  id BIGINT NOT NULL AUTO_INCREMENT,
  product_id BIGINT NOT NULL,
  shop_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  sku VARCHAR(100) NOT NULL DEFAULT '',
  name VARCHAR(255) NOT NULL,
  price DECIMAL(19,4) NULL,
  stock VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  stock_quantity DECIMAL(19,4) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY crm_variants_key (product_id, shop_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
