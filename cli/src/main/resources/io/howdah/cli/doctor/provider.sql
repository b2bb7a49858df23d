-- Who runs the server, as far as it shows: each service leaves roles, settings or functions of its own.
SELECT CASE
         WHEN EXISTS (SELECT FROM pg_catalog.pg_proc AS p WHERE p.proname = 'aurora_version') THEN 'aurora'
         WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'rds_superuser') THEN 'rds'
         WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'neon_superuser')
           OR EXISTS (SELECT FROM pg_catalog.pg_settings AS s WHERE s.name LIKE 'neon.%') THEN 'neon'
         WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'cloudsqlsuperuser') THEN 'cloud-sql'
         WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'azure_pg_admin') THEN 'azure'
         WHEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'supabase_admin') THEN 'supabase'
         ELSE 'none'
       END
