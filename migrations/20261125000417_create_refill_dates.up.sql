CREATE TABLE IF NOT EXISTS crm_refill_dates (
  profile_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  shop_id BIGINT NOT NULL,
  last_on DATE NOT NULL,
  due_on DATE NOT NULL,
  due_from DATE NOT NULL,
  due_to DATE NOT NULL,
  every_days INT NOT NULL,
  purchases INT NOT NULL,
  PRIMARY KEY (profile_id, product_id),
  KEY crm_refill_dates_due (shop_id, due_on, profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
