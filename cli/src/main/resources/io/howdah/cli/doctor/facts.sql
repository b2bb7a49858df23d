-- What is told before the findings. Nothing here needs rights, or the schema. Without pg_read_all_stats a session of somebody else
-- has no type; those of the server itself have no database either.
SELECT f.name, f.value
FROM (VALUES
  (1, 'postgres', current_setting('server_version')),
  (2, 'database', current_database()::text),
  (3, 'role', session_user::text),
  (4, 'standby', pg_is_in_recovery()::text),
  (5, 'max_connections', current_setting('max_connections')),
  (6, 'connections', (SELECT count(*)::text FROM pg_catalog.pg_stat_activity AS a WHERE a.backend_type = 'client backend' OR a.backend_type IS NULL AND a.datid IS NOT NULL)),
  (7, 'shared_buffers', current_setting('shared_buffers')),
  (8, 'schema_size', (SELECT pg_size_pretty(sum(pg_total_relation_size(c.oid)))
                      FROM pg_catalog.pg_class AS c WHERE c.relnamespace = to_regnamespace('${schema}') AND c.relkind IN ('r', 'S'))),
  (9, 'hstore', (SELECT CASE WHEN x.installed_version IS NULL THEN 'available' ELSE x.installed_version END
                 FROM pg_catalog.pg_available_extensions AS x WHERE x.name = 'hstore')),
  (10, 'pg_cron', (SELECT CASE WHEN x.installed_version IS NULL THEN 'available' ELSE x.installed_version END
                   FROM pg_catalog.pg_available_extensions AS x WHERE x.name = 'pg_cron'))
) AS f (number, name, value)
WHERE f.value IS NOT NULL
ORDER BY f.number
