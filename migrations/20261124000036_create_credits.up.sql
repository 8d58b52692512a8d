CREATE TABLE IF NOT EXISTS crm_credits (
  order_id BIGINT NOT NULL,
  mailing_id BIGINT NOT NULL,
  profile_id BIGINT NOT NULL,
  touch_id BIGINT NOT NULL,
  clicked_at DATETIME(6) NOT NULL,
  placed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (order_id),
  KEY crm_credits_mailing (mailing_id, order_id),
  KEY crm_credits_placed (placed_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
