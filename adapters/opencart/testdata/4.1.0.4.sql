-- The tables of OpenCart 4.1.0.4 that the adapter reads, as they were found on an installed shop.

CREATE TABLE `oc_address` (
  `address_id` int(11) NOT NULL AUTO_INCREMENT,
  `customer_id` int(11) NULL DEFAULT NULL,
  `firstname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `lastname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `company` varchar(60) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `address_1` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `address_2` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `city` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `postcode` varchar(10) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `country_id` int(11) NULL DEFAULT 0,
  `zone_id` int(11) NULL DEFAULT 0,
  `custom_field` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `default` tinyint(1) NULL DEFAULT 0,
  KEY `customer_id` (`customer_id`),
  PRIMARY KEY (`address_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_cart` (
  `cart_id` int(11) NOT NULL AUTO_INCREMENT,
  `store_id` int(11) NULL DEFAULT 0,
  `customer_id` int(11) NULL DEFAULT 0,
  `session_id` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `product_id` int(11) NULL DEFAULT NULL,
  `subscription_plan_id` int(11) NULL DEFAULT 0,
  `option` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `quantity` int(5) NULL DEFAULT NULL,
  `override` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `price` decimal(15,4) NULL DEFAULT NULL,
  `date_added` datetime NULL DEFAULT NULL,
  KEY `cart_id` (`customer_id`, `session_id`, `product_id`, `subscription_plan_id`),
  PRIMARY KEY (`cart_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_category` (
  `category_id` int(11) NOT NULL AUTO_INCREMENT,
  `image` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `parent_id` int(11) NULL DEFAULT 0,
  `sort_order` int(3) NULL DEFAULT 0,
  `status` tinyint(1) NULL DEFAULT 0,
  KEY `parent_id` (`parent_id`),
  PRIMARY KEY (`category_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_category_description` (
  `category_id` int(11) NOT NULL,
  `language_id` int(11) NOT NULL,
  `name` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `description` mediumtext COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `meta_title` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `meta_description` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `meta_keyword` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  KEY `name` (`name`),
  PRIMARY KEY (`category_id`, `language_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_country` (
  `country_id` int(11) NOT NULL AUTO_INCREMENT,
  `iso_code_2` varchar(2) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `iso_code_3` varchar(3) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `address_format_id` int(11) NULL DEFAULT 0,
  `postcode_required` tinyint(1) NULL DEFAULT NULL,
  `status` tinyint(1) NULL DEFAULT 1,
  PRIMARY KEY (`country_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_currency` (
  `currency_id` int(11) NOT NULL AUTO_INCREMENT,
  `title` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `code` varchar(3) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `symbol_left` varchar(12) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `symbol_right` varchar(12) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `decimal_place` int(1) NULL DEFAULT 2,
  `value` double(15,8) NULL DEFAULT NULL,
  `status` tinyint(1) NULL DEFAULT 0,
  `date_modified` datetime NULL DEFAULT NULL,
  PRIMARY KEY (`currency_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_customer` (
  `customer_id` int(11) NOT NULL AUTO_INCREMENT,
  `customer_group_id` int(11) NULL DEFAULT 0,
  `store_id` int(11) NULL DEFAULT 0,
  `language_id` int(11) NULL DEFAULT 0,
  `firstname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `lastname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `email` varchar(96) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `telephone` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `password` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `custom_field` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `newsletter` tinyint(1) NULL DEFAULT 0,
  `ip` varchar(40) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `status` tinyint(1) NULL DEFAULT 0,
  `safe` tinyint(1) NULL DEFAULT 0,
  `commenter` tinyint(1) NULL DEFAULT 0,
  `token` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `code` varchar(40) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `date_added` datetime NULL DEFAULT NULL,
  KEY `email` (`email`),
  PRIMARY KEY (`customer_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_customer_activity` (
  `customer_activity_id` int(11) NOT NULL AUTO_INCREMENT,
  `customer_id` int(11) NULL DEFAULT NULL,
  `key` varchar(64) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `data` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `ip` varchar(40) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `date_added` datetime NULL DEFAULT NULL,
  PRIMARY KEY (`customer_activity_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_customer_wishlist` (
  `customer_id` int(11) NOT NULL,
  `store_id` int(11) NOT NULL DEFAULT 0,
  `product_id` int(11) NOT NULL,
  `date_added` datetime NULL DEFAULT NULL,
  PRIMARY KEY (`customer_id`, `store_id`, `product_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_language` (
  `language_id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `code` varchar(5) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `locale` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `extension` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `sort_order` int(3) NULL DEFAULT 0,
  `status` tinyint(1) NULL DEFAULT 0,
  KEY `name` (`name`),
  PRIMARY KEY (`language_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_option` (
  `option_id` int(11) NOT NULL AUTO_INCREMENT,
  `type` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `validation` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `sort_order` int(3) NULL DEFAULT 0,
  PRIMARY KEY (`option_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_option_description` (
  `option_id` int(11) NOT NULL,
  `language_id` int(11) NOT NULL,
  `name` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  PRIMARY KEY (`option_id`, `language_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_option_value` (
  `option_value_id` int(11) NOT NULL AUTO_INCREMENT,
  `option_id` int(11) NULL DEFAULT NULL,
  `image` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `sort_order` int(3) NULL DEFAULT 0,
  PRIMARY KEY (`option_value_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_option_value_description` (
  `option_value_id` int(11) NOT NULL,
  `language_id` int(11) NOT NULL,
  `option_id` int(11) NULL DEFAULT NULL,
  `name` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  PRIMARY KEY (`option_value_id`, `language_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_order` (
  `order_id` int(11) NOT NULL AUTO_INCREMENT,
  `subscription_id` int(11) NULL DEFAULT 0,
  `invoice_no` int(11) NULL DEFAULT 0,
  `invoice_prefix` varchar(26) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `transaction_id` varchar(100) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `store_id` int(11) NULL DEFAULT 0,
  `store_name` varchar(64) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `store_url` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `customer_id` int(11) NULL DEFAULT 0,
  `customer_group_id` int(11) NULL DEFAULT 0,
  `firstname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `lastname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `email` varchar(96) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `telephone` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `custom_field` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_address_id` int(11) NULL DEFAULT 0,
  `payment_firstname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_lastname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_company` varchar(60) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_address_1` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_address_2` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_city` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_postcode` varchar(10) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_country` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_country_id` int(11) NULL DEFAULT 0,
  `payment_zone` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_zone_id` int(11) NULL DEFAULT 0,
  `payment_address_format` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_custom_field` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `payment_method` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_address_id` int(11) NULL DEFAULT NULL,
  `shipping_firstname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_lastname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_company` varchar(60) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_address_1` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_address_2` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_city` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_postcode` varchar(10) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_country` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_country_id` int(11) NULL DEFAULT 0,
  `shipping_zone` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_zone_id` int(11) NULL DEFAULT 0,
  `shipping_address_format` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_custom_field` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `shipping_method` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `comment` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `total` decimal(15,4) NULL DEFAULT 0.0000,
  `order_status_id` int(11) NULL DEFAULT 0,
  `affiliate_id` int(11) NULL DEFAULT 0,
  `commission` decimal(15,4) NULL DEFAULT NULL,
  `marketing_id` int(11) NULL DEFAULT 0,
  `tracking` varchar(64) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `language_id` int(11) NULL DEFAULT NULL,
  `language_code` varchar(5) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `currency_id` int(11) NULL DEFAULT NULL,
  `currency_code` varchar(3) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `currency_value` decimal(15,8) NULL DEFAULT 1.00000000,
  `ip` varchar(40) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `forwarded_ip` varchar(40) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `user_agent` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `accept_language` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `date_added` datetime NULL DEFAULT NULL,
  `date_modified` datetime NULL DEFAULT NULL,
  KEY `email` (`email`),
  KEY `order_status_id` (`order_status_id`),
  PRIMARY KEY (`order_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_order_history` (
  `order_history_id` int(11) NOT NULL AUTO_INCREMENT,
  `order_id` int(11) NULL DEFAULT NULL,
  `order_status_id` int(11) NULL DEFAULT 0,
  `notify` tinyint(1) NULL DEFAULT 0,
  `comment` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `date_added` datetime NULL DEFAULT NULL,
  PRIMARY KEY (`order_history_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_order_option` (
  `order_option_id` int(11) NOT NULL AUTO_INCREMENT,
  `order_id` int(11) NULL DEFAULT NULL,
  `order_product_id` int(11) NULL DEFAULT NULL,
  `product_option_id` int(11) NULL DEFAULT NULL,
  `product_option_value_id` int(11) NULL DEFAULT 0,
  `name` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `value` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `type` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  PRIMARY KEY (`order_option_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_order_product` (
  `order_product_id` int(11) NOT NULL AUTO_INCREMENT,
  `order_id` int(11) NULL DEFAULT NULL,
  `product_id` int(11) NULL DEFAULT NULL,
  `master_id` int(11) NULL DEFAULT 0,
  `name` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `model` varchar(64) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `quantity` int(4) NULL DEFAULT 1,
  `price` decimal(15,4) NULL DEFAULT 0.0000,
  `total` decimal(15,4) NULL DEFAULT 0.0000,
  `tax` decimal(15,4) NULL DEFAULT 0.0000,
  `reward` int(8) NULL DEFAULT 0,
  KEY `order_id` (`order_id`),
  PRIMARY KEY (`order_product_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_order_status` (
  `order_status_id` int(11) NOT NULL AUTO_INCREMENT,
  `language_id` int(11) NOT NULL,
  `name` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  PRIMARY KEY (`order_status_id`, `language_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_order_total` (
  `order_total_id` int(10) NOT NULL AUTO_INCREMENT,
  `order_id` int(11) NULL DEFAULT NULL,
  `extension` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `code` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `title` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `value` decimal(15,4) NULL DEFAULT 0.0000,
  `sort_order` int(3) NULL DEFAULT 0,
  KEY `order_id` (`order_id`),
  PRIMARY KEY (`order_total_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_product` (
  `product_id` int(11) NOT NULL AUTO_INCREMENT,
  `master_id` int(11) NULL DEFAULT 0,
  `model` varchar(64) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `location` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `variant` text COLLATE utf8mb4_unicode_ci NULL DEFAULT '',
  `override` text COLLATE utf8mb4_unicode_ci NULL DEFAULT '',
  `quantity` int(4) NULL DEFAULT 0,
  `stock_status_id` int(11) NULL DEFAULT 0,
  `image` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `manufacturer_id` int(11) NULL DEFAULT 0,
  `shipping` tinyint(1) NULL DEFAULT 1,
  `price` decimal(15,4) NULL DEFAULT 0.0000,
  `points` int(8) NULL DEFAULT 0,
  `tax_class_id` int(11) NULL DEFAULT 0,
  `date_available` date NULL DEFAULT NULL,
  `weight` decimal(15,8) NULL DEFAULT 0.00000000,
  `weight_class_id` int(11) NULL DEFAULT 0,
  `length` decimal(15,8) NULL DEFAULT 0.00000000,
  `width` decimal(15,8) NULL DEFAULT 0.00000000,
  `height` decimal(15,8) NULL DEFAULT 0.00000000,
  `length_class_id` int(11) NULL DEFAULT 0,
  `subtract` tinyint(1) NULL DEFAULT 1,
  `minimum` int(11) NULL DEFAULT 1,
  `rating` int(1) NULL DEFAULT 0,
  `sort_order` int(11) NULL DEFAULT 0,
  `status` tinyint(1) NULL DEFAULT 0,
  `date_added` datetime NULL DEFAULT NULL,
  `date_modified` datetime NULL DEFAULT NULL,
  PRIMARY KEY (`product_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_product_code` (
  `product_code_id` int(11) NOT NULL AUTO_INCREMENT,
  `product_id` int(11) NULL DEFAULT NULL,
  `code` varchar(48) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `value` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  KEY `code` (`code`),
  PRIMARY KEY (`product_code_id`),
  KEY `product_id` (`product_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_product_description` (
  `product_id` int(11) NOT NULL,
  `language_id` int(11) NOT NULL,
  `name` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `description` mediumtext COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `tag` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `meta_title` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `meta_description` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `meta_keyword` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  KEY `name` (`name`),
  PRIMARY KEY (`product_id`, `language_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_product_discount` (
  `product_discount_id` int(11) NOT NULL AUTO_INCREMENT,
  `product_id` int(11) NULL DEFAULT NULL,
  `customer_group_id` int(11) NULL DEFAULT NULL,
  `quantity` int(4) NULL DEFAULT 0,
  `priority` int(5) NULL DEFAULT 1,
  `price` decimal(15,4) NULL DEFAULT 0.0000,
  `type` char(1) COLLATE utf8mb4_unicode_ci NULL DEFAULT 'P',
  `special` tinyint(1) NULL DEFAULT 0,
  `date_start` date NULL DEFAULT NULL,
  `date_end` date NULL DEFAULT NULL,
  PRIMARY KEY (`product_discount_id`),
  KEY `product_id` (`product_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_product_option` (
  `product_option_id` int(11) NOT NULL AUTO_INCREMENT,
  `product_id` int(11) NULL DEFAULT NULL,
  `option_id` int(11) NULL DEFAULT NULL,
  `value` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `required` tinyint(1) NULL DEFAULT 0,
  PRIMARY KEY (`product_option_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_product_option_value` (
  `product_option_value_id` int(11) NOT NULL AUTO_INCREMENT,
  `product_option_id` int(11) NULL DEFAULT NULL,
  `product_id` int(11) NULL DEFAULT NULL,
  `option_id` int(11) NULL DEFAULT NULL,
  `option_value_id` int(11) NULL DEFAULT 0,
  `quantity` int(3) NULL DEFAULT 0,
  `subtract` tinyint(1) NULL DEFAULT 0,
  `price` decimal(15,4) NULL DEFAULT NULL,
  `price_prefix` varchar(1) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `points` int(8) NULL DEFAULT 0,
  `points_prefix` varchar(1) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `weight` decimal(15,8) NULL DEFAULT NULL,
  `weight_prefix` varchar(1) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  PRIMARY KEY (`product_option_value_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_product_to_category` (
  `product_id` int(11) NOT NULL,
  `category_id` int(11) NOT NULL,
  KEY `category_id` (`category_id`),
  PRIMARY KEY (`product_id`, `category_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_product_to_store` (
  `product_id` int(11) NOT NULL,
  `store_id` int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (`product_id`, `store_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_return` (
  `return_id` int(11) NOT NULL AUTO_INCREMENT,
  `order_id` int(11) NULL DEFAULT 0,
  `customer_id` int(11) NULL DEFAULT 0,
  `firstname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `lastname` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `email` varchar(96) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `telephone` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `product_id` int(11) NULL DEFAULT 0,
  `product` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `model` varchar(64) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `quantity` int(4) NULL DEFAULT 0,
  `opened` tinyint(1) NULL DEFAULT 0,
  `return_reason_id` int(11) NULL DEFAULT 0,
  `return_action_id` int(11) NULL DEFAULT 0,
  `return_status_id` int(11) NULL DEFAULT 0,
  `comment` text COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `date_ordered` date NULL DEFAULT NULL,
  `date_added` datetime NULL DEFAULT NULL,
  `date_modified` datetime NULL DEFAULT NULL,
  PRIMARY KEY (`return_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_seo_url` (
  `seo_url_id` int(11) NOT NULL AUTO_INCREMENT,
  `store_id` int(11) NULL DEFAULT 0,
  `language_id` int(11) NULL DEFAULT NULL,
  `key` varchar(64) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `value` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `keyword` varchar(768) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `sort_order` int(3) NULL DEFAULT 0,
  KEY `keyword` (`keyword`),
  KEY `language` (`language_id`),
  PRIMARY KEY (`seo_url_id`),
  KEY `query` (`key`, `value`),
  KEY `store` (`store_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_session` (
  `session_id` varchar(32) COLLATE utf8mb4_unicode_ci NOT NULL,
  `data` mediumtext COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `expire` datetime NULL DEFAULT NULL,
  KEY `expire` (`expire`),
  PRIMARY KEY (`session_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_setting` (
  `setting_id` int(11) NOT NULL AUTO_INCREMENT,
  `store_id` int(11) NULL DEFAULT 0,
  `code` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `key` varchar(128) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `value` mediumtext COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `serialized` tinyint(1) NULL DEFAULT 0,
  PRIMARY KEY (`setting_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_store` (
  `store_id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(64) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `url` varchar(255) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  PRIMARY KEY (`store_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_tax_rate` (
  `tax_rate_id` int(11) NOT NULL AUTO_INCREMENT,
  `geo_zone_id` int(11) NULL DEFAULT 0,
  `name` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `rate` decimal(15,4) NULL DEFAULT 0.0000,
  `type` char(1) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  PRIMARY KEY (`tax_rate_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_tax_rate_to_customer_group` (
  `tax_rate_id` int(11) NOT NULL,
  `customer_group_id` int(11) NOT NULL,
  PRIMARY KEY (`tax_rate_id`, `customer_group_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_tax_rule` (
  `tax_rule_id` int(11) NOT NULL AUTO_INCREMENT,
  `tax_class_id` int(11) NULL DEFAULT NULL,
  `tax_rate_id` int(11) NULL DEFAULT NULL,
  `based` varchar(10) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `priority` int(5) NULL DEFAULT 1,
  PRIMARY KEY (`tax_rule_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_zone` (
  `zone_id` int(11) NOT NULL AUTO_INCREMENT,
  `country_id` int(11) NULL DEFAULT NULL,
  `code` varchar(32) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL,
  `status` tinyint(1) NULL DEFAULT 1,
  PRIMARY KEY (`zone_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `oc_zone_to_geo_zone` (
  `zone_to_geo_zone_id` int(11) NOT NULL AUTO_INCREMENT,
  `country_id` int(11) NULL DEFAULT 0,
  `zone_id` int(11) NULL DEFAULT 0,
  `geo_zone_id` int(11) NULL DEFAULT 0,
  PRIMARY KEY (`zone_to_geo_zone_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
