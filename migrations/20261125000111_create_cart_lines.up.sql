CREATE TABLE IF NOT EXISTS crm_cart_lines (
  cart_id BIGINT NOT NULL,
  position SMALLINT UNSIGNED NOT NULL,
  product_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  variant_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  quantity DECIMAL(19,4) NOT NULL,
  total DECIMAL(19,4) NULL,
  PRIMARY KEY (cart_id, position)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
