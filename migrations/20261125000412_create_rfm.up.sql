CREATE TABLE IF NOT EXISTS crm_rfm (
  profile_id BIGINT NOT NULL,
  shop_id BIGINT NOT NULL,
  independent SMALLINT UNSIGNED NOT NULL,
  nested SMALLINT UNSIGNED NOT NULL,
  fixed SMALLINT UNSIGNED NOT NULL,
  rfm_group VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  group_before VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (profile_id),
  KEY crm_rfm_independent (shop_id, independent),
  KEY crm_rfm_nested (shop_id, nested),
  KEY crm_rfm_fixed (shop_id, fixed),
  KEY crm_rfm_group (shop_id, rfm_group, group_before)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
