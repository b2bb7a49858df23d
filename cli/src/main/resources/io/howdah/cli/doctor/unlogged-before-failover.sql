-- There is a standby that may take over, and rows that it does not have. Aurora's storage has them; Neon: provider-unlogged.
SELECT CASE WHEN u.sessions > 0 THEN 'warning' ELSE 'notice' END AS severity, NULL AS subject,
       format('%s; %s rows in unlogged tables%s', CASE s.standbys WHEN 1 THEN '1 standby' ELSE s.standbys || ' standbys' END, u.rows, CASE WHEN u.sessions > 0 THEN format(', %s of them sessions', u.sessions) END) AS seen,
       concat_ws(E'\n',
         CASE WHEN u.sessions > 0 THEN 'SELECT ${schema}.session_configure(''relaxed'');' END,
         (SELECT string_agg(format('SELECT ${schema}.namespace_move(%L, ''relaxed'');', n.name), E'\n')
          FROM (SELECT z.name FROM ${schema}.namespace_size AS z LEFT JOIN ${schema}.namespace AS r ON r.name = z.name
                WHERE z.entries > 0 AND coalesce(r.place, 'e') = 'e' ORDER BY z.bytes DESC LIMIT 3) AS n),
         'or nothing, where all of it can be computed again') AS remedy
FROM (
  SELECT count(*) AS standbys FROM pg_catalog.pg_stat_replication AS p
  WHERE p.state IS DISTINCT FROM 'backup' AND p.application_name IS DISTINCT FROM 'pg_receivewal'
    AND p.pid NOT IN (SELECT l.active_pid FROM pg_catalog.pg_replication_slots AS l WHERE l.slot_type = 'logical' AND l.active)
) AS s
CROSS JOIN (
  SELECT sum(pg_stat_get_live_tuples(c.oid)) AS rows, coalesce(sum(pg_stat_get_live_tuples(c.oid)) FILTER (WHERE c.relname = 'session_ephemeral'), 0) AS sessions
  FROM pg_catalog.pg_class AS c
  WHERE c.relnamespace = to_regnamespace('${schema}') AND c.relkind = 'r' AND c.relpersistence = 'u' AND c.relname <> 'wipe_witness'
) AS u
WHERE s.standbys > 0 AND u.rows > 0 AND current_setting('howdah_doctor.provider') NOT IN ('aurora', 'neon')
