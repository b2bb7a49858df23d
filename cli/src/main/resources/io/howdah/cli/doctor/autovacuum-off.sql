-- For all tables, or for one of ours.
SELECT 'critical' AS severity, s.name AS subject, format('%s = off', s.name) AS seen,
       format('ALTER SYSTEM SET %s = on; SELECT pg_reload_conf();', s.name) AS remedy
FROM pg_catalog.pg_settings AS s
WHERE s.name IN ('autovacuum', 'track_counts') AND s.setting = 'off'
UNION ALL
SELECT 'critical', c.relname, format('%s = %s', o.option_name, o.option_value), format('ALTER TABLE ${schema}.%I RESET (autovacuum_enabled);', c.relname)
FROM pg_catalog.pg_class AS c
CROSS JOIN LATERAL pg_options_to_table(c.reloptions) AS o
WHERE c.relnamespace = to_regnamespace('${schema}') AND o.option_name = 'autovacuum_enabled' AND NOT o.option_value::boolean
