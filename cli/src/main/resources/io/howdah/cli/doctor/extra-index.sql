-- Indexes that the library has not made. One on a column that refreshes change makes each of them an index entry more.
SELECT CASE WHEN c.relname IN ('kv_ephemeral', 'kv_durable', 'session_durable', 'session_ephemeral', 'rate_limit', 'cache_entry') THEN 'warning' ELSE 'notice' END AS severity,
       c.relname::text AS subject,
       format('%s, %s, used %s times', x.relname, pg_size_pretty(pg_relation_size(x.oid)), pg_stat_get_numscans(x.oid)) AS seen,
       format('DROP INDEX CONCURRENTLY ${schema}.%I;  -- a searchable namespace has an index of its own', x.relname) AS remedy
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
WHERE c.relnamespace = to_regnamespace('${schema}') AND c.relkind = 'r' AND NOT i.indisprimary
  AND x.relname NOT IN ('kv_document_value', 'session_durable_user', 'session_ephemeral_user', 'token_subject', 'job_waiting', 'job_running',
                        'job_unique_key', 'job_ended_state', 'preference_hstore_prefs_idx')
ORDER BY pg_relation_size(x.oid) DESC
