-- The tables of WooCommerce 8.2.2 that the adapter reads, as they were found on an installed shop.

CREATE TABLE `sh7_options` (
  `option_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `option_name` varchar(191) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `option_value` longtext COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `autoload` varchar(20) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT 'yes',
  KEY `autoload` (`autoload`),
  UNIQUE KEY `option_name` (`option_name`),
  PRIMARY KEY (`option_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_users` (
  `ID` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `user_login` varchar(60) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `user_pass` varchar(255) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `user_nicename` varchar(50) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `user_email` varchar(100) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `user_url` varchar(100) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `user_registered` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `user_activation_key` varchar(255) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `user_status` int(11) NOT NULL DEFAULT 0,
  `display_name` varchar(250) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  PRIMARY KEY (`ID`),
  KEY `user_email` (`user_email`),
  KEY `user_login_key` (`user_login`),
  KEY `user_nicename` (`user_nicename`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_usermeta` (
  `umeta_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `user_id` bigint(20) unsigned NOT NULL DEFAULT 0,
  `meta_key` varchar(255) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `meta_value` longtext COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  KEY `meta_key` (`meta_key`(191)),
  PRIMARY KEY (`umeta_id`),
  KEY `user_id` (`user_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_posts` (
  `ID` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `post_author` bigint(20) unsigned NOT NULL DEFAULT 0,
  `post_date` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `post_date_gmt` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `post_content` longtext COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `post_title` text COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `post_excerpt` text COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `post_status` varchar(20) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT 'publish',
  `comment_status` varchar(20) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT 'open',
  `ping_status` varchar(20) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT 'open',
  `post_password` varchar(255) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `post_name` varchar(200) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `to_ping` text COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `pinged` text COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `post_modified` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `post_modified_gmt` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `post_content_filtered` longtext COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `post_parent` bigint(20) unsigned NOT NULL DEFAULT 0,
  `guid` varchar(255) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `menu_order` int(11) NOT NULL DEFAULT 0,
  `post_type` varchar(20) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT 'post',
  `post_mime_type` varchar(100) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `comment_count` bigint(20) NOT NULL DEFAULT 0,
  KEY `post_author` (`post_author`),
  KEY `post_name` (`post_name`(191)),
  KEY `post_parent` (`post_parent`),
  PRIMARY KEY (`ID`),
  KEY `type_status_date` (`post_type`, `post_status`, `post_date`, `ID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_postmeta` (
  `meta_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `post_id` bigint(20) unsigned NOT NULL DEFAULT 0,
  `meta_key` varchar(255) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `meta_value` longtext COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  KEY `meta_key` (`meta_key`(191)),
  KEY `post_id` (`post_id`),
  PRIMARY KEY (`meta_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_terms` (
  `term_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(200) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `slug` varchar(200) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `term_group` bigint(10) NOT NULL DEFAULT 0,
  KEY `name` (`name`(191)),
  PRIMARY KEY (`term_id`),
  KEY `slug` (`slug`(191))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_term_taxonomy` (
  `term_taxonomy_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `term_id` bigint(20) unsigned NOT NULL DEFAULT 0,
  `taxonomy` varchar(32) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `description` longtext COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `parent` bigint(20) unsigned NOT NULL DEFAULT 0,
  `count` bigint(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (`term_taxonomy_id`),
  KEY `taxonomy` (`taxonomy`),
  UNIQUE KEY `term_id_taxonomy` (`term_id`, `taxonomy`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_term_relationships` (
  `object_id` bigint(20) unsigned NOT NULL DEFAULT 0,
  `term_taxonomy_id` bigint(20) unsigned NOT NULL DEFAULT 0,
  `term_order` int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (`object_id`, `term_taxonomy_id`),
  KEY `term_taxonomy_id` (`term_taxonomy_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_woocommerce_order_items` (
  `order_item_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `order_item_name` text COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `order_item_type` varchar(200) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `order_id` bigint(20) unsigned NOT NULL,
  KEY `order_id` (`order_id`),
  PRIMARY KEY (`order_item_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_woocommerce_order_itemmeta` (
  `meta_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `order_item_id` bigint(20) unsigned NOT NULL,
  `meta_key` varchar(255) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `meta_value` longtext COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  KEY `meta_key` (`meta_key`(32)),
  KEY `order_item_id` (`order_item_id`),
  PRIMARY KEY (`meta_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_wc_orders` (
  `id` bigint(20) unsigned NOT NULL,
  `status` varchar(20) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `currency` varchar(10) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `type` varchar(20) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `tax_amount` decimal(26,8) NULL DEFAULT NULL,
  `total_amount` decimal(26,8) NULL DEFAULT NULL,
  `customer_id` bigint(20) unsigned NULL DEFAULT NULL,
  `billing_email` varchar(320) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `date_created_gmt` datetime NULL DEFAULT NULL,
  `date_updated_gmt` datetime NULL DEFAULT NULL,
  `parent_order_id` bigint(20) unsigned NULL DEFAULT NULL,
  `payment_method` varchar(100) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `payment_method_title` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `transaction_id` varchar(100) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `ip_address` varchar(100) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `user_agent` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `customer_note` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  KEY `billing_email` (`billing_email`(191)),
  KEY `customer_id_billing_email` (`customer_id`, `billing_email`(171)),
  KEY `date_created` (`date_created_gmt`),
  KEY `date_updated` (`date_updated_gmt`),
  KEY `parent_order_id` (`parent_order_id`),
  PRIMARY KEY (`id`),
  KEY `status` (`status`),
  KEY `type_status_date` (`type`, `status`, `date_created_gmt`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_wc_order_addresses` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `order_id` bigint(20) unsigned NOT NULL,
  `address_type` varchar(20) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `first_name` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `last_name` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `company` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `address_1` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `address_2` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `city` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `state` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `postcode` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `country` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `email` varchar(320) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `phone` varchar(100) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  UNIQUE KEY `address_type_order_id` (`address_type`, `order_id`),
  KEY `email` (`email`(191)),
  KEY `order_id` (`order_id`),
  KEY `phone` (`phone`),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_wc_order_operational_data` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `order_id` bigint(20) unsigned NULL DEFAULT NULL,
  `created_via` varchar(100) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `woocommerce_version` varchar(20) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `prices_include_tax` tinyint(1) NULL DEFAULT NULL,
  `coupon_usages_are_counted` tinyint(1) NULL DEFAULT NULL,
  `download_permission_granted` tinyint(1) NULL DEFAULT NULL,
  `cart_hash` varchar(100) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `new_order_email_sent` tinyint(1) NULL DEFAULT NULL,
  `order_key` varchar(100) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `order_stock_reduced` tinyint(1) NULL DEFAULT NULL,
  `date_paid_gmt` datetime NULL DEFAULT NULL,
  `date_completed_gmt` datetime NULL DEFAULT NULL,
  `shipping_tax_amount` decimal(26,8) NULL DEFAULT NULL,
  `shipping_total_amount` decimal(26,8) NULL DEFAULT NULL,
  `discount_tax_amount` decimal(26,8) NULL DEFAULT NULL,
  `discount_total_amount` decimal(26,8) NULL DEFAULT NULL,
  `recorded_sales` tinyint(1) NULL DEFAULT NULL,
  UNIQUE KEY `order_id` (`order_id`),
  KEY `order_key` (`order_key`),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_wc_orders_meta` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `order_id` bigint(20) unsigned NULL DEFAULT NULL,
  `meta_key` varchar(255) COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  `meta_value` text COLLATE utf8mb4_unicode_520_ci NULL DEFAULT NULL,
  KEY `meta_key_value` (`meta_key`(100), `meta_value`(82)),
  KEY `order_id_meta_key_meta_value` (`order_id`, `meta_key`(100), `meta_value`(82)),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE `sh7_woocommerce_sessions` (
  `session_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `session_key` char(32) COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `session_value` longtext COLLATE utf8mb4_unicode_520_ci NOT NULL,
  `session_expiry` bigint(20) unsigned NOT NULL,
  PRIMARY KEY (`session_id`),
  UNIQUE KEY `session_key` (`session_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- The table of the plugin that is called Newsletter.
CREATE TABLE `sh7_newsletter` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `email` varchar(100) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `name` varchar(100) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `surname` varchar(100) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  `status` char(1) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT 'S',
  `created` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updated` int(11) NOT NULL DEFAULT 0,
  `wp_user_id` int(11) NOT NULL DEFAULT 0,
  `ip` varchar(50) COLLATE utf8mb4_unicode_520_ci NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  UNIQUE KEY `email` (`email`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
