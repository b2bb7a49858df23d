-- A crash, a failover or a restore has emptied the unlogged tables, not long ago.
SELECT 'notice' AS severity, NULL AS subject,
       format('the last one %s ago, %s since the schema was made', justify_hours(date_trunc('second', clock_timestamp() - m.began_at)), m.wipes) AS seen,
       'look into the log of Postgres: what ended it? dmesg shows whether it was the out-of-memory killer' AS remedy
FROM ${schema}.wipe_marker AS m
WHERE m.wipes > 0 AND m.began_at > clock_timestamp() - interval '24 hours'
