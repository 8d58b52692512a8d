CREATE TABLE IF NOT EXISTS crm_links (
  id BIGINT NOT NULL AUTO_INCREMENT,
  mailing_id BIGINT NOT NULL,
  url_hash BINARY(32) NOT NULL,
  url VARCHAR(2048) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY crm_links_url (mailing_id, url_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
