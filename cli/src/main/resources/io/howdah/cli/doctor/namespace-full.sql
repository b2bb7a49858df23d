-- Namespaces at or near their bounds, as of the sweeper's last look.
SELECT CASE WHEN z.on_full = 'refuse' THEN CASE WHEN z.is_full THEN 'critical' ELSE 'warning' END ELSE 'notice' END AS severity,
       z.name::text AS subject,
       concat_ws(', ',
         format('%s of %s entries', z.entries, z.max_entries) || CASE WHEN z.max_entries IS NULL THEN NULL ELSE '' END,
         format('%s of %s', pg_size_pretty(z.bytes), pg_size_pretty(z.max_bytes)) || CASE WHEN z.max_bytes IS NULL THEN NULL ELSE '' END,
         CASE WHEN z.on_full = 'refuse' THEN CASE WHEN z.is_full THEN 'new keys are refused' ELSE 'new keys will be refused' END ELSE 'the least used values are evicted' END) AS seen,
       format('SELECT ${schema}.namespace_create(%L, %L, %s, %L, %s, %s, %L);', n.name, n.durability, n.searchable::text, n.default_ttl,
              coalesce((2 * n.max_entries)::text, 'NULL'), coalesce((2 * n.max_bytes)::text, 'NULL'), n.on_full) AS remedy
FROM ${schema}.namespace_size AS z
JOIN ${schema}.namespace AS n ON n.name = z.name
WHERE z.is_full
   OR greatest(z.entries / z.max_entries::double precision, z.bytes / z.max_bytes::double precision) > CASE z.on_full WHEN 'refuse' THEN 0.8 ELSE 0.95 END
UNION ALL
SELECT 'notice', NULL, format('all unregistered namespaces together: %s of %s', pg_size_pretty(u.bytes), pg_size_pretty(u.most)),
       concat_ws(E'\n',
         CASE WHEN u.largest <> '' THEN format('SELECT ${schema}.namespace_create(%L, max_bytes => %s);  -- the largest one, with a bound of its own', u.largest, u.most / 2) END,
         format('ALTER DATABASE %I SET howdah.unregistered_max_bytes = %s;', current_database(), 2 * u.most))
FROM (
  -- The small ones are counted together, under no name.
  SELECT sum(s.bytes)::bigint AS bytes, (array_agg(s.name ORDER BY s.name = '', s.bytes DESC))[1] AS largest,
         coalesce(nullif(current_setting('howdah.unregistered_max_bytes', true), '')::bigint, 8589934592) AS most
  FROM ${schema}.sweep_size AS s
  WHERE s.table_name = 'kv_ephemeral' AND NOT EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = s.name)
) AS u
WHERE u.most > 0 AND u.bytes > 0.8 * u.most
