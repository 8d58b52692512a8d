CREATE TABLE IF NOT EXISTS crm_streams (
  shop_id BIGINT NOT NULL,
  stream VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  place VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  backfilled_at DATETIME(6) NULL,
  rows_read BIGINT NOT NULL DEFAULT 0,
  rows_expected BIGINT NOT NULL DEFAULT 0,
  rows_changed BIGINT NOT NULL DEFAULT 0,
  rate DOUBLE NOT NULL DEFAULT 0,
  changed_at DATETIME(6) NULL,
  caught_up_at DATETIME(6) NULL,
  failed_at DATETIME(6) NULL,
  error TEXT NULL,
  PRIMARY KEY (shop_id, stream)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
