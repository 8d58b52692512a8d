CREATE TABLE IF NOT EXISTS crm_latest_orders (
  profile_id BIGINT NOT NULL,
  place TINYINT UNSIGNED NOT NULL,
  placed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (profile_id, place),
  KEY crm_latest_orders_placed (place, placed_at, profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
