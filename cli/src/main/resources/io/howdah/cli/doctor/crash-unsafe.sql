-- Settings that trade the whole database for speed. Aurora and Neon keep the log in a storage of their own, and run with them.
SELECT CASE s.name WHEN 'fsync' THEN 'critical' ELSE 'warning' END AS severity, s.name AS subject, format('%s = off', s.name) AS seen,
       format('ALTER SYSTEM SET %s = on; SELECT pg_reload_conf();', s.name)
         || CASE s.name WHEN 'fsync' THEN '' ELSE '  -- unless the file system writes whole pages, as ZFS does' END AS remedy
FROM pg_catalog.pg_settings AS s
WHERE s.name IN ('fsync', 'full_page_writes') AND s.setting = 'off'
  AND current_setting('howdah_doctor.provider') NOT IN ('aurora', 'neon')
