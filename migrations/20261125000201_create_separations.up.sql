CREATE TABLE IF NOT EXISTS crm_separations (
  regrouping_id BIGINT NOT NULL,
  profile_id BIGINT NOT NULL,
  other_id BIGINT NOT NULL,
  PRIMARY KEY (regrouping_id),
  KEY crm_separations_profile (profile_id),
  KEY crm_separations_other (other_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
