ALTER TABLE crm_affinities DROP KEY crm_affinities_other;
