-- Standbys, and none that a commit waits for. Managed services have a way of their own for failovers; what is seen there are
-- replicas for reading.
SELECT 'notice' AS severity, NULL AS subject,
       format('%s, none of them synchronous; synchronous_standby_names = %L', CASE count(*) WHEN 1 THEN '1 standby' ELSE count(*) || ' standbys' END, current_setting('synchronous_standby_names')) AS seen,
       CASE WHEN count(*) > 1 THEN 'ALTER SYSTEM SET synchronous_standby_names = ''ANY 1 (*)''; SELECT pg_reload_conf();'
            ELSE 'a second standby, then ALTER SYSTEM SET synchronous_standby_names = ''ANY 1 (*)'';  -- with one alone, its end stops all writes' END AS remedy
FROM pg_catalog.pg_stat_replication AS p
WHERE p.state IS DISTINCT FROM 'backup' AND p.application_name IS DISTINCT FROM 'pg_receivewal' AND current_setting('howdah_doctor.provider') = 'none'
  AND p.pid NOT IN (SELECT l.active_pid FROM pg_catalog.pg_replication_slots AS l WHERE l.slot_type = 'logical' AND l.active)
HAVING count(*) > 0 AND bool_and(p.sync_state IN ('async', 'potential'))
