CREATE TABLE IF NOT EXISTS crm_regroupings (
  id BIGINT NOT NULL AUTO_INCREMENT,
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  profile_id BIGINT NOT NULL,
  other_id BIGINT NOT NULL,
  moved LONGTEXT NOT NULL,
  before_row LONGTEXT NOT NULL,
  staff_id BIGINT NOT NULL DEFAULT 0,
  at DATETIME(6) NOT NULL,
  undone_at DATETIME(6) NULL,
  undone_by BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  KEY crm_regroupings_profile (profile_id),
  KEY crm_regroupings_other (other_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
