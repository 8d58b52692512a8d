CREATE TABLE IF NOT EXISTS crm_facts (
  profile_id BIGINT NOT NULL,
  orders INT NOT NULL,
  currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  net DECIMAL(19,4) NOT NULL DEFAULT 0,
  refunded DECIMAL(19,4) NOT NULL DEFAULT 0,
  average DECIMAL(19,4) NOT NULL DEFAULT 0,
  first_order_at DATETIME(6) NULL,
  last_order_at DATETIME(6) NULL,
  gap_days DOUBLE NULL,
  stage VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  refreshed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (profile_id),
  KEY crm_facts_last_order (last_order_at, profile_id),
  KEY crm_facts_orders (orders, profile_id),
  KEY crm_facts_net (net, profile_id),
  KEY crm_facts_stage (stage, profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
