-- Tables with many times the dead rows at which autovacuum should have come, beside the rate at which they are written.
SELECT 'warning' AS severity, t.name AS subject,
       format('%s dead rows, autovacuum is due at %s; %s writes a second; last vacuum %s', t.dead, round(t.due), round(t.writes),
              coalesce(justify_hours(date_trunc('second', clock_timestamp() - t.vacuumed)) || ' ago', 'never')) AS seen,
       concat_ws(E'\n',
         format('VACUUM (ANALYZE) ${schema}.%I;', t.name),
         format('ALTER TABLE ${schema}.%I SET (autovacuum_vacuum_cost_delay = 0);', t.name),
         CASE WHEN current_setting('autovacuum_max_workers')::int < 5 THEN 'ALTER SYSTEM SET autovacuum_max_workers = 5;  -- and a restart before Postgres 18' END,
         CASE WHEN current_setting('autovacuum_naptime')::interval > interval '15 s' THEN 'ALTER SYSTEM SET autovacuum_naptime = ''15s''; SELECT pg_reload_conf();' END) AS remedy
FROM (
  SELECT c.relname::text AS name, pg_stat_get_dead_tuples(c.oid) AS dead,
         least(o.threshold + o.scale * greatest(c.reltuples, 0),
               -- From Postgres 18 on.
               nullif(current_setting('autovacuum_vacuum_max_threshold', true), '-1')::double precision) AS due,
         greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) AS vacuumed,
         (pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid))
           / greatest(extract(epoch FROM clock_timestamp() - coalesce(d.stats_reset, pg_postmaster_start_time())), 1) AS writes
  FROM pg_catalog.pg_class AS c
  CROSS JOIN LATERAL (
    SELECT coalesce(max(x.option_value) FILTER (WHERE x.option_name = 'autovacuum_vacuum_threshold'), current_setting('autovacuum_vacuum_threshold'))::double precision AS threshold,
           coalesce(max(x.option_value) FILTER (WHERE x.option_name = 'autovacuum_vacuum_scale_factor'), current_setting('autovacuum_vacuum_scale_factor'))::double precision AS scale
    FROM pg_options_to_table(c.reloptions) AS x
  ) AS o
  JOIN pg_catalog.pg_stat_database AS d ON d.datname = current_database()
  WHERE c.relnamespace = to_regnamespace('${schema}') AND c.relkind = 'r'
) AS t
WHERE t.dead > 10000 AND t.dead > 4 * t.due
ORDER BY t.dead DESC
