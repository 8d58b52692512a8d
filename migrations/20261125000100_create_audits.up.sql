CREATE TABLE IF NOT EXISTS crm_audits (
  shop_id BIGINT NOT NULL,
  stream VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  step BIGINT NOT NULL,
  bucket BIGINT NOT NULL,
  shop_rows BIGINT NOT NULL,
  shop_sum BIGINT UNSIGNED NOT NULL,
  mirror_rows BIGINT NOT NULL,
  mirror_sum BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (shop_id, stream, step, bucket)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
