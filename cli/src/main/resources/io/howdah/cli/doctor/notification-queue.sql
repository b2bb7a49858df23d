-- The queue of notifications is emptied to the slowest session that listens; when it is full, NOTIFY fails.
SELECT CASE WHEN q.usage > 0.5 THEN 'critical' ELSE 'warning' END AS severity, NULL AS subject,
       format('%s %% full', round((q.usage * 100)::numeric, 1)) AS seen,
       'SELECT pid, usename, application_name, xact_start FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start;
'
         'SELECT pg_terminate_backend(PID);  -- of the one that listens: from half full on the log of Postgres names it' AS remedy
FROM (SELECT pg_notification_queue_usage() AS usage WHERE NOT pg_is_in_recovery()) AS q
WHERE q.usage > 0.1
