-- Where commits do not wait for the log, as the server has it, or this database, or a role that uses the schema.
SELECT 'warning' AS severity, NULL AS subject, 'synchronous_commit = off' AS seen,
       'ALTER SYSTEM SET synchronous_commit = on; SELECT pg_reload_conf();' AS remedy
FROM pg_catalog.pg_settings AS s
WHERE s.name = 'synchronous_commit' AND s.setting = 'off' AND s.source NOT IN ('database', 'user', 'database user', 'client', 'session')
UNION ALL
SELECT 'warning', coalesce(r.rolname, d.datname)::text,
       format('synchronous_commit = off, for %s', concat_ws(' in ', 'the role ' || r.rolname, 'the database ' || d.datname)),
       format('ALTER %s RESET synchronous_commit;', CASE
         WHEN r.rolname IS NULL THEN format('DATABASE %I', d.datname)
         WHEN d.datname IS NULL THEN format('ROLE %I', r.rolname)
         ELSE format('ROLE %I IN DATABASE %I', r.rolname, d.datname) END)
FROM pg_catalog.pg_db_role_setting AS x
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = x.setdatabase
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = x.setrole
WHERE 'synchronous_commit=off' = ANY (x.setconfig) AND (d.datname IS NULL OR d.datname = current_database())
  AND (x.setrole = 0 OR r.rolname = current_setting('howdah_doctor.role') OR has_schema_privilege(r.oid, to_regnamespace('${schema}'), 'USAGE'))
ORDER BY 2 NULLS FIRST
