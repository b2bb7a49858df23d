-- Large shared buffers on pages of 4 kB. Since 17 Postgres says whether it has got huge ones; before, only whether it asks for them.
SELECT 'notice' AS severity, NULL AS subject,
       format('shared_buffers = %s, %s = off', current_setting('shared_buffers'), h.name) AS seen,
       CASE WHEN current_setting('howdah_doctor.provider') = 'none'
            THEN format('sysctl -w vm.nr_hugepages=%s  -- on the machine of Postgres; then huge_pages = try, and a restart',
                        ceil(1.1 * b.bytes / (2 * 1024 * 1024)))
            ELSE 'the provider''s setting of huge_pages: on, or try' END AS remedy
FROM (SELECT pg_size_bytes(current_setting('shared_buffers')) AS bytes) AS b
CROSS JOIN (
  SELECT s.name, s.setting
  FROM pg_catalog.pg_settings AS s
  WHERE s.name IN ('huge_pages_status', 'huge_pages')
  ORDER BY s.name DESC
  LIMIT 1
) AS h
WHERE b.bytes >= 1024 * 1024 * 1024 AND h.setting = 'off' AND current_setting('howdah_doctor.provider') NOT IN ('aurora', 'neon')
