ALTER TABLE crm_offer_rules
  ADD COLUMN category_id BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN other_category_id BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN about VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'offer',
  MODIFY COLUMN act VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  DROP KEY crm_offer_rules_pair,
  ADD UNIQUE KEY crm_offer_rules_about (shop_id, product_id, other_id, category_id, other_category_id, about);
