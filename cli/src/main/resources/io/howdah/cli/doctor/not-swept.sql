-- Dead rows that nobody removes, or not fast enough.
SELECT 'warning' AS severity, NULL AS subject,
       format('the last sweep was %s ago', justify_hours(date_trunc('second', clock_timestamp() - h.swept_at))) AS seen,
       'leave the sweeper on in one process at least: Howdah.builder(...).sweeper(true)
SELECT cron.schedule(''howdah-sweep'', ''* * * * *'', $$CALL ${schema}.sweep_all(''1 second'')$$);  -- where there is pg_cron' AS remedy
FROM (
  SELECT greatest(max(s.swept_at), (SELECT min(v.applied_at) FROM ${schema}.schema_version AS v)) AS swept_at FROM ${schema}.sweep_hand AS s
) AS h
WHERE h.swept_at < clock_timestamp() - interval '1 hour' AND NOT pg_is_in_recovery()
UNION ALL
SELECT 'warning', s.table_name::text,
       format('the oldest row that the last visit removed had been dead for %s', justify_hours(date_trunc('second', s.backlog_age))),
       'CALL ${schema}.sweep_all(''10 minutes'');
SELECT * FROM ${schema}.stats() WHERE subject = ''oldest_snapshot'';  -- who holds vacuum back?'
FROM ${schema}.sweep_hand AS s
WHERE s.backlog_age > interval '1 hour' AND s.swept_at > clock_timestamp() - interval '1 hour'
