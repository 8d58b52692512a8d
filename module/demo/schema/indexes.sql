-- The secondary indexes of the tables in tables.sql, added after the rows, when that costs one sort instead of a search per row.

ALTER TABLE `{prefix}options`
  ADD KEY `autoload` (`autoload`),
  ADD UNIQUE KEY `option_name` (`option_name`);

ALTER TABLE `{prefix}users`
  ADD KEY `user_email` (`user_email`),
  ADD KEY `user_login_key` (`user_login`),
  ADD KEY `user_nicename` (`user_nicename`);

ALTER TABLE `{prefix}usermeta`
  ADD KEY `meta_key` (`meta_key`(191)),
  ADD KEY `user_id` (`user_id`);

ALTER TABLE `{prefix}posts`
  ADD KEY `post_author` (`post_author`),
  ADD KEY `post_name` (`post_name`(191)),
  ADD KEY `post_parent` (`post_parent`),
  ADD KEY `type_status_author` (`post_type`, `post_status`, `post_author`),
  ADD KEY `type_status_date` (`post_type`, `post_status`, `post_date`, `ID`);

ALTER TABLE `{prefix}postmeta`
  ADD KEY `meta_key` (`meta_key`(191)),
  ADD KEY `post_id` (`post_id`);

ALTER TABLE `{prefix}comments`
  ADD KEY `comment_approved_date_gmt` (`comment_approved`, `comment_date_gmt`),
  ADD KEY `comment_author_email` (`comment_author_email`(10)),
  ADD KEY `comment_date_gmt` (`comment_date_gmt`),
  ADD KEY `comment_parent` (`comment_parent`),
  ADD KEY `comment_post_ID` (`comment_post_ID`),
  ADD KEY `woo_idx_comment_approved_type` (`comment_approved`, `comment_type`, `comment_post_ID`),
  ADD KEY `woo_idx_comment_date_type` (`comment_date_gmt`, `comment_type`, `comment_approved`, `comment_post_ID`),
  ADD KEY `woo_idx_comment_type` (`comment_type`);

ALTER TABLE `{prefix}terms`
  ADD KEY `name` (`name`(191)),
  ADD KEY `slug` (`slug`(191));

ALTER TABLE `{prefix}termmeta`
  ADD KEY `meta_key` (`meta_key`(191)),
  ADD KEY `term_id` (`term_id`);

ALTER TABLE `{prefix}term_taxonomy`
  ADD KEY `taxonomy` (`taxonomy`),
  ADD UNIQUE KEY `term_id_taxonomy` (`term_id`, `taxonomy`);

ALTER TABLE `{prefix}term_relationships`
  ADD KEY `term_taxonomy_id` (`term_taxonomy_id`);

ALTER TABLE `{prefix}wc_orders`
  ADD KEY `billing_email` (`billing_email`(191)),
  ADD KEY `customer_id_billing_email` (`customer_id`, `billing_email`(171)),
  ADD KEY `customer_id_status` (`customer_id`, `status`),
  ADD KEY `date_created` (`date_created_gmt`),
  ADD KEY `date_updated` (`date_updated_gmt`),
  ADD KEY `parent_order_id` (`parent_order_id`),
  ADD KEY `status` (`status`),
  ADD KEY `transaction_id` (`transaction_id`(20)),
  ADD KEY `type_status_date` (`type`, `status`, `date_created_gmt`);

ALTER TABLE `{prefix}wc_order_addresses`
  ADD UNIQUE KEY `address_type_order_id` (`address_type`, `order_id`),
  ADD KEY `email` (`email`(191)),
  ADD KEY `order_id` (`order_id`),
  ADD KEY `phone` (`phone`);

ALTER TABLE `{prefix}wc_order_operational_data`
  ADD UNIQUE KEY `order_id` (`order_id`),
  ADD KEY `order_key` (`order_key`);

ALTER TABLE `{prefix}wc_orders_meta`
  ADD KEY `meta_key_value` (`meta_key`(50), `meta_value`(20)),
  ADD KEY `order_id_meta_key_meta_value` (`order_id`, `meta_key`(100), `meta_value`(82));

ALTER TABLE `{prefix}woocommerce_order_items`
  ADD KEY `order_id` (`order_id`);

ALTER TABLE `{prefix}woocommerce_order_itemmeta`
  ADD KEY `meta_key` (`meta_key`(32)),
  ADD KEY `order_item_id` (`order_item_id`);

ALTER TABLE `{prefix}woocommerce_attribute_taxonomies`
  ADD KEY `attribute_name` (`attribute_name`(20));

ALTER TABLE `{prefix}woocommerce_tax_rates`
  ADD KEY `tax_rate_class` (`tax_rate_class`(10)),
  ADD KEY `tax_rate_country` (`tax_rate_country`),
  ADD KEY `tax_rate_priority` (`tax_rate_priority`),
  ADD KEY `tax_rate_state` (`tax_rate_state`(2));

ALTER TABLE `{prefix}wc_product_meta_lookup`
  ADD KEY `downloadable` (`downloadable`),
  ADD KEY `min_max_price` (`min_price`, `max_price`),
  ADD KEY `onsale` (`onsale`),
  ADD KEY `sku` (`sku`(50)),
  ADD KEY `stock_quantity` (`stock_quantity`),
  ADD KEY `stock_status` (`stock_status`),
  ADD KEY `virtual` (`virtual`);

ALTER TABLE `{prefix}wc_customer_lookup`
  ADD KEY `email` (`email`),
  ADD UNIQUE KEY `user_id` (`user_id`);

ALTER TABLE `{prefix}woocommerce_sessions`
  ADD KEY `session_expiry` (`session_expiry`),
  ADD UNIQUE KEY `session_key` (`session_key`);
