CREATE TABLE IF NOT EXISTS crm_consent_states (
  profile_id BIGINT NOT NULL,
  topic VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  shop_id BIGINT NOT NULL,
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  consent_id BIGINT NOT NULL,
  changed_at DATETIME(6) NOT NULL,
  PRIMARY KEY (profile_id, topic, shop_id),
  KEY crm_consent_states_topic (topic, state, profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
