CREATE TABLE IF NOT EXISTS crm_notes (
  id BIGINT NOT NULL AUTO_INCREMENT,
  profile_id BIGINT NOT NULL,
  staff_id BIGINT NOT NULL,
  body TEXT NOT NULL,
  created_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  KEY crm_notes_profile (profile_id, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
