CREATE TABLE IF NOT EXISTS crm_imports (
  id BIGINT NOT NULL AUTO_INCREMENT,
  shop_id BIGINT NOT NULL,
  name VARCHAR(255) NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  head LONGTEXT NOT NULL,
  form LONGTEXT NOT NULL,
  settings LONGTEXT NOT NULL,
  report LONGTEXT NOT NULL,
  total INT NOT NULL DEFAULT 0,
  error TEXT NULL,
  created_by BIGINT NOT NULL DEFAULT 0,
  created_at DATETIME(6) NOT NULL,
  checked_at DATETIME(6) NULL,
  applied_at DATETIME(6) NULL,
  undone_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  KEY crm_imports_created (created_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
