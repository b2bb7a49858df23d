-- What the applications may open (pool, lanes, and one that listens, in each process), and what is open now, against what there is.
-- Behind a pooler it is the pooler's size that counts. What sessions of others do takes pg_read_all_stats to see.
WITH room AS (
  SELECT r.most, least(r.most, nullif(r.of_role, -1), nullif(r.of_database, -1)) AS available, r.of_role, r.of_database, r.role
  FROM (
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
             - coalesce(current_setting('reserved_connections', true)::int, 0) AS most,
           (SELECT o.rolconnlimit FROM pg_catalog.pg_roles AS o WHERE o.rolname = current_setting('howdah_doctor.role')) AS of_role,
           (SELECT d.datconnlimit FROM pg_catalog.pg_database AS d WHERE d.datname = current_database()) AS of_database,
           current_setting('howdah_doctor.role') AS role
  ) AS r
), asked AS (
  SELECT nullif(current_setting('howdah_doctor.pool_size'), '')::int AS pool, current_setting('howdah_doctor.lanes')::int AS lanes,
         current_setting('howdah_doctor.instances')::int AS instances
)
SELECT CASE WHEN n.needed > r.available THEN 'critical' ELSE 'warning' END AS severity, 'needed' AS subject,
       format('%s processes x (%s of the pool + %s lanes + 1 that listens) = %s, of %s', a.instances, a.pool, a.lanes, n.needed, r.available) AS seen,
       concat_ws(E'\n',
         CASE WHEN r.of_role BETWEEN 0 AND n.needed THEN format('ALTER ROLE %I CONNECTION LIMIT %s;', r.role, ceil(n.needed * 1.25)) END,
         CASE WHEN r.of_database BETWEEN 0 AND n.needed THEN format('ALTER DATABASE %I CONNECTION LIMIT %s;', current_database(), ceil(n.needed * 1.25)) END,
         CASE WHEN r.available * 0.8 / a.instances - a.lanes - 1 >= 1
              THEN format('a pool of %s in each process', floor(r.available * 0.8 / a.instances) - a.lanes - 1) END,
         CASE WHEN r.most < n.needed * 1.25
              THEN format('a transaction pooler in between, or ALTER SYSTEM SET max_connections = %s;  -- and a restart', ceil(n.needed * 1.25 / 10) * 10) END) AS remedy
FROM room AS r CROSS JOIN asked AS a CROSS JOIN LATERAL (SELECT a.instances * (a.pool + a.lanes + 1) AS needed) AS n
WHERE n.needed > 0.8 * r.available AND current_setting('howdah_doctor.pooler') = 'none'
UNION ALL
SELECT CASE WHEN c.open >= 0.95 * r.most THEN 'critical' ELSE 'warning' END, 'open',
       format('%s open of %s', c.open, r.most) || coalesce(format(', %s of them idle', c.idle), ''),
       format('a transaction pooler in between, smaller pools, or ALTER SYSTEM SET max_connections = %s;  -- and a restart', ceil(r.most * 1.5 / 10) * 10)
FROM room AS r CROSS JOIN (
  SELECT count(*) AS open, CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') THEN count(*) FILTER (WHERE b.state = 'idle') END AS idle
  FROM pg_catalog.pg_stat_activity AS b WHERE (b.backend_type = 'client backend' OR b.backend_type IS NULL AND b.datid IS NOT NULL) AND b.pid <> pg_backend_pid()
) AS c
WHERE c.open > 0.8 * r.most
