CREATE TABLE IF NOT EXISTS crm_bought (
  profile_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  orders INT NOT NULL,
  first_at DATETIME(6) NULL,
  last_at DATETIME(6) NULL,
  PRIMARY KEY (profile_id, product_id),
  KEY crm_bought_product (product_id, profile_id, last_at, first_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
