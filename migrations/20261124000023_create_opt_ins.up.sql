CREATE TABLE IF NOT EXISTS crm_opt_ins (
  id BIGINT NOT NULL AUTO_INCREMENT,
  shop_id BIGINT NOT NULL,
  email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  first_name VARCHAR(120) NOT NULL DEFAULT '',
  last_name VARCHAR(120) NOT NULL DEFAULT '',
  topics VARCHAR(512) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  language VARCHAR(16) NOT NULL DEFAULT '',
  wording TEXT NOT NULL,
  ip VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  user_agent VARCHAR(255) NOT NULL DEFAULT '',
  mails_sent INT NOT NULL DEFAULT 0,
  mailed_at DATETIME(6) NULL,
  requested_at DATETIME(6) NOT NULL,
  confirmed_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY crm_opt_ins_email (email, shop_id),
  KEY crm_opt_ins_requested (requested_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
