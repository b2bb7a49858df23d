-- Whether there is a role of the application's name.
SELECT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_setting('howdah_doctor.role'))
