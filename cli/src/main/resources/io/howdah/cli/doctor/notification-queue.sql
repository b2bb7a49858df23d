-- The queue of notifications is emptied to the slowest session that listens; when it is full, NOTIFY fails.
SELECT CASE WHEN q.usage > 0.5 THEN 'critical' ELSE 'warning' END AS severity, NULL AS subject,
       format('%s %% full', round((q.usage * 100)::numeric, 1)) AS seen,
       coalesce('SELECT pg_terminate_backend(' || o.pid || ');  -- the oldest open transaction of this database', 'end the oldest transaction of a session that listens') AS remedy
FROM (SELECT pg_notification_queue_usage() AS usage WHERE NOT pg_is_in_recovery()) AS q
LEFT JOIN LATERAL (
  SELECT a.pid FROM pg_catalog.pg_stat_activity AS a
  WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend' AND a.xact_start IS NOT NULL
  ORDER BY a.xact_start LIMIT 1
) AS o ON true
WHERE q.usage > 0.1
