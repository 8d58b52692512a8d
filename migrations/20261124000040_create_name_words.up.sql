CREATE TABLE IF NOT EXISTS crm_name_words (
  word VARCHAR(120) NOT NULL,
  profile_id BIGINT NOT NULL,
  PRIMARY KEY (profile_id, word),
  KEY crm_name_words_word (word, profile_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
