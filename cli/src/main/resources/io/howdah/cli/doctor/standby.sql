-- The URL leads to a standby.
SELECT 'warning' AS severity, NULL AS subject,
       concat_ws(', ', 'pg_is_in_recovery() is true', CASE
         WHEN current_setting('howdah_doctor.provider') = 'aurora' THEN NULL  -- it has no such functions
         WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 'it shows all that it has received'
         ELSE 'what it shows is ' || justify_hours(date_trunc('second', clock_timestamp() - pg_last_xact_replay_timestamp())) || ' old' END) AS seen,
       'name all servers in the URL: jdbc:postgresql://one:5432,other:5432/' || current_database() || '?targetServerType=primary' AS remedy
WHERE pg_is_in_recovery()
