CREATE TABLE IF NOT EXISTS crm_likenesses (
  profile_id BIGINT NOT NULL,
  hash BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (profile_id, hash),
  KEY crm_likenesses_hash (hash, profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
