DROP TABLE IF EXISTS crm_refills;
