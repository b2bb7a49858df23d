-- Standbys, and none that a commit waits for.
SELECT 'notice' AS severity, NULL AS subject,
       format('%s standbys, none of them synchronous; synchronous_standby_names = %L', count(*), current_setting('synchronous_standby_names')) AS seen,
       'ALTER SYSTEM SET synchronous_standby_names = ''ANY 1 (*)''; SELECT pg_reload_conf();  -- with two standbys at least: with one, its end stops all writes' AS remedy
FROM pg_catalog.pg_stat_replication AS p
WHERE p.state IS DISTINCT FROM 'backup' AND current_setting('howdah_doctor.provider') NOT IN ('aurora', 'neon')
  AND p.pid NOT IN (SELECT l.active_pid FROM pg_catalog.pg_replication_slots AS l WHERE l.slot_type = 'logical' AND l.active)
HAVING count(*) > 0 AND bool_and(p.sync_state IN ('async', 'potential'))
