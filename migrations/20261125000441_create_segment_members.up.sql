CREATE TABLE IF NOT EXISTS crm_segment_members (
  segment_id BIGINT NOT NULL,
  profile_id BIGINT NOT NULL,
  since DATETIME(6) NOT NULL,
  PRIMARY KEY (segment_id, profile_id),
  KEY crm_segment_members_profile (profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
