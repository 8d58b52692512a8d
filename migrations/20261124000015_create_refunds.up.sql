CREATE TABLE IF NOT EXISTS crm_refunds (
  order_id BIGINT NOT NULL,
  shop_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  amount DECIMAL(19,4) NOT NULL,
  reason VARCHAR(512) NOT NULL DEFAULT '',
  refunded_at DATETIME(6) NULL,
  PRIMARY KEY (order_id, shop_key),
  KEY crm_refunds_at (refunded_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
