CREATE TABLE IF NOT EXISTS crm_rfm_rules (
  shop_id BIGINT NOT NULL,
  bounds VARCHAR(512) NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (shop_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
