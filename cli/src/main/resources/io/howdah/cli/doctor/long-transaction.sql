-- Sessions whose snapshot keeps dead rows of this database, or whose number holds retained channels up, wherever they are. Roles
-- without pg_read_all_stats see only their own.
SELECT CASE WHEN a.seconds > greatest(3600, 12 * a.most) THEN 'critical' ELSE 'warning' END AS severity,
       'pid ' || a.pid AS subject,
       format('%s, open for %s, %s transactions since; %s', coalesce(a.state, 'working'), justify_hours(date_trunc('second', a.held)), a.xids,
              concat_ws(', ', 'database ' || nullif(a.datname, current_database()), 'user ' || a.usename, 'application ' || nullif(a.application_name, ''))) AS seen,
       concat_ws(E'\n',
         format('SELECT pg_terminate_backend(%s);', a.pid) || CASE WHEN a.state LIKE 'idle%' THEN '' ELSE '  -- where its work need not be finished' END,
         CASE WHEN a.state LIKE 'idle in transaction%' AND a.datname = current_database()
                AND current_setting('idle_in_transaction_session_timeout') = '0'
              THEN format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = ''1min'';', current_database()) END) AS remedy
FROM (
  SELECT s.pid, s.datname, s.state, s.usename, s.application_name, clock_timestamp() - s.xact_start AS held,
         extract(epoch FROM clock_timestamp() - s.xact_start) AS seconds,
         greatest(age(s.backend_xmin), age(s.backend_xid)) AS xids,
         current_setting('howdah_doctor.long_transaction_seconds')::double precision AS most
  FROM pg_catalog.pg_stat_activity AS s
  WHERE (s.backend_xmin IS NOT NULL AND s.datname = current_database() OR s.backend_xid IS NOT NULL)
    AND s.backend_type = 'client backend' AND s.pid <> pg_backend_pid()
    AND s.pid NOT IN (SELECT v.pid FROM pg_catalog.pg_stat_progress_vacuum AS v)
) AS a
WHERE a.seconds > a.most
ORDER BY a.seconds DESC
