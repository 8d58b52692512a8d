INSERT INTO crm_report_states (id) VALUES (1) ON DUPLICATE KEY UPDATE id = id;
