CREATE TABLE IF NOT EXISTS crm_order_lines (
  order_id BIGINT NOT NULL,
  position SMALLINT UNSIGNED NOT NULL,
  shop_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  product_id BIGINT NULL,
  product_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  variant_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  sku VARCHAR(100) NOT NULL DEFAULT '',
  name VARCHAR(255) NOT NULL,
  quantity DECIMAL(19,4) NOT NULL,
  total DECIMAL(19,4) NOT NULL,
  tax DECIMAL(19,4) NOT NULL,
  PRIMARY KEY (order_id, position),
  KEY crm_order_lines_product (product_id, order_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
