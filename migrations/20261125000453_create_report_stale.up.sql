CREATE TABLE IF NOT EXISTS crm_report_stale (
  cut VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  shop_id BIGINT NOT NULL,
  day DATE NOT NULL,
  PRIMARY KEY (cut, shop_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
