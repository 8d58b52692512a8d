-- The five tables of a shop that somebody wrote in 2009 and has kept alive since: times are seconds, prices are texts,
-- categories, articles and their forms share a table, and so do orders and baskets.

CREATE TABLE `clients` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(60) DEFAULT NULL,
  `mail` varchar(120) NOT NULL DEFAULT '',
  `name` varchar(120) NOT NULL DEFAULT '',
  `surname` varchar(120) NOT NULL DEFAULT '',
  `firm` varchar(120) NOT NULL DEFAULT '',
  `tel` varchar(40) NOT NULL DEFAULT '',
  `street` varchar(200) NOT NULL DEFAULT '',
  `street2` varchar(200) NOT NULL DEFAULT '',
  `town` varchar(100) NOT NULL DEFAULT '',
  `zip` varchar(20) NOT NULL DEFAULT '',
  `region` varchar(40) NOT NULL DEFAULT '',
  `land` char(2) NOT NULL DEFAULT '',
  `lang` varchar(8) NOT NULL DEFAULT '',
  `gone` bit(1) NOT NULL DEFAULT b'0',
  `news` enum('','yes','asked','no') NOT NULL DEFAULT '',
  `news_at` int(11) NOT NULL DEFAULT 0,
  `news_ip` varchar(45) NOT NULL DEFAULT '-',
  `made` int(11) NOT NULL DEFAULT 0,
  `edited` int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  KEY `edited` (`edited`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;

CREATE TABLE `articles` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `kind` char(1) NOT NULL DEFAULT 'a' COMMENT 'c: category, a: article, f: form of an article',
  `parent` int(10) unsigned NOT NULL DEFAULT 0,
  `pos` smallint(6) NOT NULL DEFAULT 0,
  `code` varchar(40) NOT NULL DEFAULT '',
  `title` varchar(200) NOT NULL DEFAULT '',
  `slug` varchar(100) NOT NULL DEFAULT '',
  `pic` varchar(200) DEFAULT NULL,
  `price` varchar(20) NOT NULL DEFAULT '',
  `was` varchar(20) NOT NULL DEFAULT '',
  `left_over` decimal(10,2) DEFAULT NULL,
  `can` enum('buy','sold','wait') NOT NULL DEFAULT 'buy',
  `shown` tinyint(1) NOT NULL DEFAULT 1,
  `binned` datetime DEFAULT NULL,
  `shelves` varchar(100) NOT NULL DEFAULT '',
  `made` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  `edited` timestamp NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `parent` (`parent`)
) ENGINE=MyISAM DEFAULT CHARSET=latin2 COLLATE=latin2_general_ci;

CREATE TABLE `orders` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `no` varchar(20) NOT NULL DEFAULT '',
  `state` varchar(20) NOT NULL DEFAULT 'basket',
  `paid` tinyint(1) NOT NULL DEFAULT 0,
  `storno` tinyint(1) NOT NULL DEFAULT 0,
  `hidden` tinyint(1) NOT NULL DEFAULT 0,
  `client` int(10) unsigned NOT NULL DEFAULT 0,
  `mail` varchar(120) NOT NULL DEFAULT '',
  `name` varchar(120) NOT NULL DEFAULT '',
  `surname` varchar(120) NOT NULL DEFAULT '',
  `firm` varchar(120) NOT NULL DEFAULT '',
  `tel` varchar(40) NOT NULL DEFAULT '',
  `street` varchar(200) NOT NULL DEFAULT '',
  `street2` varchar(200) NOT NULL DEFAULT '',
  `town` varchar(100) NOT NULL DEFAULT '',
  `zip` varchar(20) NOT NULL DEFAULT '',
  `region` varchar(40) NOT NULL DEFAULT '',
  `land` char(2) NOT NULL DEFAULT '',
  `lang` varchar(8) NOT NULL DEFAULT '',
  `money` char(3) NOT NULL DEFAULT '',
  `goods` decimal(12,4) NOT NULL DEFAULT 0.0000,
  `post` decimal(12,4) NOT NULL DEFAULT 0.0000,
  `post_tax` decimal(12,4) NOT NULL DEFAULT 0.0000,
  `tax` decimal(12,4) NOT NULL DEFAULT 0.0000,
  `minus` double NOT NULL DEFAULT 0,
  `codes` varchar(200) NOT NULL DEFAULT '',
  `placed` int(11) NOT NULL DEFAULT 0,
  `paid_on` int(11) NOT NULL DEFAULT 0,
  `done_on` int(11) NOT NULL DEFAULT 0,
  `edited` int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  KEY `edited` (`edited`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `order_rows` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `order_id` bigint(20) NOT NULL,
  `part_of` bigint(20) NOT NULL DEFAULT 0 COMMENT 'of a set: the row that is paid for',
  `article` int(10) unsigned NOT NULL DEFAULT 0,
  `form` int(10) unsigned NOT NULL DEFAULT 0,
  `title` varchar(200) NOT NULL DEFAULT '',
  `pieces` decimal(10,3) NOT NULL DEFAULT 1.000,
  `net` decimal(14,6) NOT NULL DEFAULT 0.000000,
  `tax` decimal(14,6) NOT NULL DEFAULT 0.000000,
  PRIMARY KEY (`id`),
  KEY `order_id` (`order_id`,`part_of`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE `payback` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `order_id` bigint(20) NOT NULL,
  `cents` bigint(20) NOT NULL DEFAULT 0,
  `why` text,
  `at` datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
  PRIMARY KEY (`id`),
  KEY `order_id` (`order_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
