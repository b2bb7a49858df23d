-- Tables that are mostly empty: their size beside what their rows take, by the statistics of the last ANALYZE. The space is used
-- again, but each sweep, each vacuum and the cache pay for it. One that is nearly empty keeps its pages: plans rely on the first 64
-- (V001__kv.sql), and VACUUM FULL would take them away.
SELECT CASE WHEN t.size - t.needed > 1024 * 1024 * 1024::bigint THEN 'warning' ELSE 'notice' END AS severity, t.name AS subject,
       format('%s on disk, of which %s rows take about %s', pg_size_pretty(t.size), t.rows, pg_size_pretty(t.needed)) AS seen,
       format('VACUUM (FULL, ANALYZE) ${schema}.%I;  -- locks the table meanwhile; pg_repack does not', t.name) AS remedy
FROM (
  SELECT c.relname::text AS name, pg_relation_size(c.oid) AS size, c.reltuples::bigint AS rows,
         (c.reltuples * (28 + w.width) * 100 / coalesce((SELECT o.option_value::int FROM pg_options_to_table(c.reloptions) AS o WHERE o.option_name = 'fillfactor'), 100))::bigint AS needed
  FROM pg_catalog.pg_class AS c
  CROSS JOIN LATERAL (
    SELECT sum(s.avg_width * (1 - s.null_frac)) AS width FROM pg_catalog.pg_stats AS s
    WHERE s.schemaname = '${schema}' AND s.tablename = c.relname
  ) AS w
  WHERE c.relnamespace = to_regnamespace('${schema}') AND c.relkind = 'r' AND c.reltuples >= 0
) AS t
WHERE t.size > 32 * 1024 * 1024 AND t.needed BETWEEN 1024 * 1024 AND t.size / 4
ORDER BY t.size - t.needed DESC
