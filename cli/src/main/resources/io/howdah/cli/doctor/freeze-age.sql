-- How far the oldest rows of all databases are from the end of the numbers, 2 billion: the worst database. Vacuum begins to freeze
-- at autovacuum_freeze_max_age; at twice that something keeps it from its work.
SELECT CASE WHEN a.age > 1500000000 THEN 'critical' ELSE 'warning' END AS severity, a.database AS subject,
       format('%s %s old, autovacuum begins at %s', a.what, a.age, a.due) AS seen,
       CASE WHEN a.datallowconn THEN format('in the database %s: VACUUM (FREEZE);  -- end old transactions, prepared ones and slots first', a.database)
            ELSE 'end old transactions, prepared ones and slots: then autovacuum freezes it by itself' END
         || E'\nALTER SYSTEM SET autovacuum_vacuum_cost_delay = 0; SELECT pg_reload_conf();' AS remedy
FROM (
  SELECT DISTINCT ON (x.what) d.datname::text AS database, d.datallowconn, x.what, x.age::bigint, x.due::bigint
  FROM pg_catalog.pg_database AS d
  CROSS JOIN LATERAL (VALUES
    ('transactions', age(d.datfrozenxid), current_setting('autovacuum_freeze_max_age')),
    ('multixacts', mxid_age(d.datminmxid), current_setting('autovacuum_multixact_freeze_max_age'))
  ) AS x (what, age, due)
  -- Of several that are about as old, one that somebody can do something about.
  ORDER BY x.what, x.age / 100000 DESC, NOT d.datallowconn, d.datname <> current_database()
) AS a
WHERE a.age > greatest(least(2 * a.due, 1200000000), a.due * 1.1)
