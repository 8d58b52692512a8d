CREATE TABLE IF NOT EXISTS crm_fact_revenue (
  profile_id BIGINT NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  orders INT NOT NULL,
  gross DECIMAL(19,4) NOT NULL,
  refunded DECIMAL(19,4) NOT NULL,
  net DECIMAL(19,4) NOT NULL,
  PRIMARY KEY (profile_id, currency),
  KEY crm_fact_revenue_net (currency, net, profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
