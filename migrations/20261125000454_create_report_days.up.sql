CREATE TABLE IF NOT EXISTS crm_report_days (
  shop_id BIGINT NOT NULL,
  day DATE NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  country CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  repeated BOOLEAN NOT NULL,
  orders BIGINT NOT NULL,
  gross DECIMAL(19,4) NOT NULL,
  refunded DECIMAL(19,4) NOT NULL,
  reduced_orders BIGINT NOT NULL,
  reduced_gross DECIMAL(19,4) NOT NULL,
  reduced_refunded DECIMAL(19,4) NOT NULL,
  discount DECIMAL(19,4) NOT NULL,
  PRIMARY KEY (shop_id, day, currency, country, repeated)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
