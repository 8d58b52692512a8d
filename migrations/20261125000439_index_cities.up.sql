ALTER TABLE crm_profiles ADD KEY crm_profiles_city (city, id);
