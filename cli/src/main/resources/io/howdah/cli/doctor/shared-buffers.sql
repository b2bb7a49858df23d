-- How often a page of ours was not in the shared buffers, since the statistics began. Aurora and Neon size them by themselves.
SELECT CASE WHEN t.hits < 0.9 * (t.hits + t.reads) THEN 'warning' ELSE 'notice' END AS severity, NULL AS subject,
       format('%s %% of %s pages were in memory; shared_buffers = %s, the schema has %s', round(100 * t.hits / (t.hits + t.reads), 1), t.hits + t.reads,
              current_setting('shared_buffers'), pg_size_pretty(t.size)) AS seen,
       CASE WHEN current_setting('howdah_doctor.provider') IN ('aurora', 'neon') THEN 'an instance with more memory' ELSE
       format('ALTER SYSTEM SET shared_buffers = ''%sMB'';  -- and a restart; at most a quarter of the memory of the machine',
              greatest(2 * b.megabytes, least(64 * ceil(1.25 * t.size / (64 * 1024 * 1024)), 16 * b.megabytes))) END AS remedy
FROM (
  SELECT sum(s.heap_blks_hit + coalesce(s.idx_blks_hit, 0) + coalesce(s.toast_blks_hit, 0)) AS hits,
         sum(s.heap_blks_read + coalesce(s.idx_blks_read, 0) + coalesce(s.toast_blks_read, 0)) AS reads,
         sum(pg_total_relation_size(s.relid)) AS size
  FROM pg_catalog.pg_statio_all_tables AS s
  WHERE s.schemaname = '${schema}'
) AS t
CROSS JOIN (SELECT greatest(pg_size_bytes(current_setting('shared_buffers')) / (1024 * 1024), 1) AS megabytes) AS b
WHERE t.reads > 10000 AND t.hits < 0.97 * (t.hits + t.reads)
