CREATE TABLE IF NOT EXISTS crm_forecasts (
  id BIGINT NOT NULL AUTO_INCREMENT,
  shop_id BIGINT NOT NULL,
  until_on DATE NOT NULL,
  finished_at DATETIME(6) NOT NULL,
  customers INT NOT NULL,
  repeaters INT NOT NULL,
  model VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  worth VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  parameters TEXT NOT NULL,
  holdout TEXT NOT NULL,
  lack VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  lack_has INT NOT NULL DEFAULT 0,
  lack_needs INT NOT NULL DEFAULT 0,
  PRIMARY KEY (id),
  KEY crm_forecasts_shop (shop_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
