-- The URL leads to a standby.
SELECT 'warning' AS severity, NULL AS subject,
       concat_ws(', ', 'pg_is_in_recovery() is true', 'what it shows is ' || justify_hours(date_trunc('second', clock_timestamp() - pg_last_xact_replay_timestamp())) || ' old') AS seen,
       'name all servers in the URL: jdbc:postgresql://one:5432,other:5432/' || current_database() || '?targetServerType=primary' AS remedy
WHERE pg_is_in_recovery()
