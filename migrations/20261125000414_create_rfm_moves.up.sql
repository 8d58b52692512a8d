CREATE TABLE IF NOT EXISTS crm_rfm_moves (
  shop_id BIGINT NOT NULL,
  month_on DATE NOT NULL,
  from_group VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  to_group VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  people INT NOT NULL,
  PRIMARY KEY (shop_id, month_on, from_group, to_group)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
