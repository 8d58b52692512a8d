INSERT IGNORE INTO crm_accounts (shop_id, shop_key, fingerprint, deleted_at)
SELECT shop_id, value, 0, gone_at FROM crm_identities WHERE kind = 'account' AND evidence = 'account' AND CHAR_LENGTH(value) <= 64;
