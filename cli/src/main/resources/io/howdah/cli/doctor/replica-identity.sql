-- Tables that a publication publishes, and that have no primary key any more, or do not use it: Postgres refuses to update or delete
-- in them until they say how a row is to be found.
SELECT 'critical' AS severity, c.relname::text AS subject,
       format('published by %s, without a key to replicate by', string_agg(p.pubname, ', ' ORDER BY p.pubname)) AS seen,
       format('ALTER TABLE ${schema}.%I REPLICA IDENTITY %s;', c.relname,
              CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary) THEN 'DEFAULT' ELSE 'FULL' END) AS remedy
FROM pg_catalog.pg_publication_tables AS t
JOIN pg_catalog.pg_publication AS p ON p.pubname = t.pubname AND (p.pubupdate OR p.pubdelete)
JOIN pg_catalog.pg_class AS c ON c.relnamespace = to_regnamespace('${schema}') AND c.relname = t.tablename
WHERE t.schemaname = '${schema}'
  AND (c.relreplident = 'n' OR c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary))
GROUP BY c.oid, c.relname
ORDER BY c.relname
