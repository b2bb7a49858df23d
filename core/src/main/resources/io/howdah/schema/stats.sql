-- Everybody whose snapshot vacuum has to respect in this database. Roles without pg_read_all_stats see of others
-- neither the state nor since when.
CREATE OR REPLACE FUNCTION ${schema}._stats_snapshots()
RETURNS TABLE (transactions double precision, seconds double precision, pid int, detail text)
LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT greatest(age(a.backend_xmin), age(a.backend_xid)), extract(epoch FROM clock_timestamp() - a.xact_start), a.pid,
         concat_ws(', ', CASE a.backend_type WHEN 'walsender' THEN 'standby' ELSE 'transaction' END || ': pid ' || a.pid,
                   'user ' || a.usename, 'application ' || nullif(a.application_name, ''), a.state)
  FROM pg_catalog.pg_stat_activity AS a
  WHERE (a.backend_xmin IS NOT NULL OR a.backend_xid IS NOT NULL)
    AND (a.datname = current_database() OR a.datname IS NULL)
    AND a.pid <> pg_backend_pid()
    AND a.pid NOT IN (SELECT v.pid FROM pg_catalog.pg_stat_progress_vacuum AS v)
UNION ALL
  SELECT age(p.transaction), extract(epoch FROM clock_timestamp() - p.prepared), NULL, 'prepared transaction: ' || quote_literal(p.gid) || ', user ' || p.owner
  FROM pg_catalog.pg_prepared_xacts AS p
  WHERE p.database = current_database()
UNION ALL
  SELECT age(s.xmin), NULL, NULL, 'replication slot: ' || s.slot_name || CASE WHEN s.active THEN ', active' ELSE ', not active' END
  FROM pg_catalog.pg_replication_slots AS s
  WHERE s.xmin IS NOT NULL
$$;

-- How the tables are doing, and who keeps vacuum from its work. One row a figure, so that figures may be added:
-- subject is a table or what else it is about, detail says who or what. Estimates, from Postgres's own statistics; it
-- counts nothing, and locks nothing but each table against being dropped.
-- docs/operations.md says what each figure means.
CREATE OR REPLACE FUNCTION ${schema}.stats()
RETURNS TABLE (subject text, figure text, value double precision, detail text)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT t.name, f.figure, f.value, NULL
  FROM (
    SELECT c.relname::text AS name, c.oid,
           -- The statistics are lost in a crash; until the next vacuum there is what the last one left in the catalog.
           CASE WHEN c.reltuples >= 0 AND coalesce(
                       pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid),
                       pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) IS NULL
                THEN c.reltuples / greatest(c.relpages, 1) * pg_relation_size(c.oid) / current_setting('block_size')::int
                ELSE pg_stat_get_live_tuples(c.oid) END AS rows
    FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = '${schema}'::regnamespace AND c.relkind = 'r'
  ) AS t
  CROSS JOIN LATERAL (VALUES
    ('rows', t.rows),
    ('bytes', pg_total_relation_size(t.oid)),
    ('index_bytes', pg_indexes_size(t.oid)),
    ('dead_rows', pg_stat_get_dead_tuples(t.oid)),
    ('updates', pg_stat_get_tuples_updated(t.oid)),
    ('hot_updates', pg_stat_get_tuples_hot_updated(t.oid))
  ) AS f (figure, value)
UNION ALL
  SELECT h.table_name, f.figure, f.value, NULL
  FROM ${schema}.sweep_hand AS h
  CROSS JOIN LATERAL (VALUES
    ('swept_rows', h.removed),
    ('evicted_rows', h.evicted),
    ('swept_rows_per_second', h.removed / nullif(extract(epoch FROM h.worked), 0)),
    ('backlog_seconds', extract(epoch FROM h.backlog_age)),
    ('swept_seconds_ago', CASE WHEN isfinite(h.swept_at) THEN extract(epoch FROM clock_timestamp() - h.swept_at) END)
  ) AS f (figure, value)
  WHERE f.value IS NOT NULL
UNION ALL
  SELECT 'wipes', f.figure, f.value, NULL
  FROM ${schema}.wipe_marker AS m
  CROSS JOIN LATERAL (VALUES
    ('count', m.wipes),
    ('seconds_ago', CASE WHEN m.wipes > 0 THEN extract(epoch FROM clock_timestamp() - m.began_at) END)
  ) AS f (figure, value)
  WHERE f.value IS NOT NULL
UNION ALL
  SELECT 'oldest_snapshot', f.figure, f.value, o.detail
  FROM (SELECT h.* FROM ${schema}._stats_snapshots() AS h ORDER BY h.transactions DESC LIMIT 1) AS o
  CROSS JOIN LATERAL (VALUES ('transactions', o.transactions), ('seconds', o.seconds), ('pid', o.pid)) AS f (figure, value)
  WHERE f.value IS NOT NULL
UNION ALL
  SELECT 'notifications', 'queue_usage', pg_notification_queue_usage(), NULL WHERE NOT pg_is_in_recovery()
UNION ALL
  SELECT 'server', 'is_standby', pg_is_in_recovery()::int, NULL
$$;
