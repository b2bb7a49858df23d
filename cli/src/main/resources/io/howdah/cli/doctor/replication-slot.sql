-- Slots that nobody reads from: each keeps the log of changes, and perhaps dead rows, for a reader that may never come.
SELECT CASE WHEN s.held > 10 * 1024 * 1024 * 1024::bigint OR s.xids > 10000000 OR s.wal_status IN ('extended', 'unreserved')
            THEN 'critical' ELSE 'warning' END AS severity,
       s.slot_name::text AS subject,
       concat_ws(', ', s.slot_type || ', not active', 'keeps ' || pg_size_pretty(s.held) || ' of log', 'wal_status ' || s.wal_status,
                 'dead rows of the last ' || s.xids || ' transactions') AS seen,
       concat_ws(E'\n', format('SELECT pg_drop_replication_slot(%L);  -- where its reader will not come back; otherwise start that', s.slot_name),
         CASE WHEN current_setting('max_slot_wal_keep_size') = '-1'
              THEN 'ALTER SYSTEM SET max_slot_wal_keep_size = ''10GB''; SELECT pg_reload_conf();' END) AS remedy
FROM (
  SELECT r.slot_name, r.slot_type, r.wal_status, greatest(age(r.xmin), age(r.catalog_xmin)) AS xids,
         pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, r.restart_lsn) AS held
  FROM pg_catalog.pg_replication_slots AS r
  -- On a standby of Postgres 17 and newer those that it keeps up to date with the primary are not active, and should be there.
  WHERE NOT coalesce((to_jsonb(r) ->> 'synced')::boolean, false) AND NOT r.active AND NOT r.temporary AND (r.restart_lsn IS NOT NULL OR r.xmin IS NOT NULL OR r.catalog_xmin IS NOT NULL)
) AS s
ORDER BY s.held DESC NULLS LAST
