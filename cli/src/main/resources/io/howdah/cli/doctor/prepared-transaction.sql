-- Two-phase transactions that nobody has ended: they outlive their session, and a restart.
SELECT CASE WHEN p.prepared < clock_timestamp() - interval '1 hour' THEN 'critical' ELSE 'warning' END AS severity,
       p.gid AS subject,
       format('prepared %s ago by %s in %s', justify_hours(date_trunc('second', clock_timestamp() - p.prepared)), p.owner, p.database) AS seen,
       CASE WHEN p.database <> current_database() THEN format('in the database %s: ', p.database) ELSE '' END
         || format('ROLLBACK PREPARED %L;  -- or COMMIT PREPARED, as its coordinator says', p.gid) AS remedy
FROM pg_catalog.pg_prepared_xacts AS p
WHERE extract(epoch FROM clock_timestamp() - p.prepared) > current_setting('howdah_doctor.long_transaction_seconds')::double precision
ORDER BY p.prepared
