CREATE TABLE IF NOT EXISTS crm_report_products (
  shop_id BIGINT NOT NULL,
  grain CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  day DATE NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  product_id BIGINT NOT NULL,
  orders BIGINT NOT NULL,
  quantity DECIMAL(19,4) NOT NULL,
  gross DECIMAL(19,4) NOT NULL,
  net DECIMAL(19,4) NOT NULL,
  rebought BIGINT NOT NULL,
  firsts BIGINT NOT NULL,
  returned BIGINT NOT NULL,
  PRIMARY KEY (shop_id, grain, day, currency, product_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
