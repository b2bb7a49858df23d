-- Tables whose rows are refreshed: how many updates needed no new index entry.
SELECT CASE WHEN t.hot < 0.5 * t.updated THEN 'warning' ELSE 'notice' END AS severity, t.name AS subject,
       format('%s %% of %s updates were HOT', round(100.0 * t.hot / t.updated), t.updated) AS seen,
       concat_ws(E'\n',
         'end long transactions, and drop the indexes that extra-index names, first',
         CASE WHEN t.fillfactor > 50 THEN format('ALTER TABLE ${schema}.%I SET (fillfactor = %s);  -- for new pages', t.name, greatest(t.fillfactor - 20, 50)) END,
         CASE WHEN t.fillfactor > 50 AND t.size > 1024 * 1024
              THEN format('VACUUM (FULL, ANALYZE) ${schema}.%I;  -- for the old ones, where it cannot wait: locks the table meanwhile', t.name) END) AS remedy
FROM (
  SELECT c.relname::text AS name, c.reltuples * 28 AS size, pg_stat_get_tuples_updated(c.oid) AS updated, pg_stat_get_tuples_hot_updated(c.oid) AS hot,
         coalesce((SELECT o.option_value::int FROM pg_options_to_table(c.reloptions) AS o WHERE o.option_name = 'fillfactor'), 100) AS fillfactor
  FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = to_regnamespace('${schema}')
    AND c.relname IN ('kv_ephemeral', 'kv_durable', 'session_durable', 'session_ephemeral', 'rate_limit', 'cache_entry')
) AS t
WHERE t.updated > 10000 AND t.hot < 0.9 * t.updated
ORDER BY t.updated - t.hot DESC
