-- Makes everything that is stored as old as if the time howdah.advance had passed, but for limits and locks (advance_limits.sql).
-- Left as they are, because nothing depends on them, or because they are dates and not ages: flags, configuration, the registry of
-- namespaces, when the schema was made, and when the last wipe was found.

UPDATE ${schema}.kv_ephemeral SET expires_at = expires_at - age, created_at = created_at - age, updated_at = updated_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.kv_durable SET expires_at = expires_at - age, created_at = created_at - age, updated_at = updated_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.kv_document SET expires_at = expires_at - age, created_at = created_at - age, updated_at = updated_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;

UPDATE ${schema}.session_durable
SET created_at = created_at - age, last_accessed_at = last_accessed_at - age, expires_at = expires_at - age, ends_at = ends_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.session_ephemeral
SET created_at = created_at - age, last_accessed_at = last_accessed_at - age, expires_at = expires_at - age, ends_at = ends_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.session_event SET happened_at = happened_at - age, expires_at = expires_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;

UPDATE ${schema}.token SET created_at = created_at - age, expires_at = expires_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;

UPDATE ${schema}.cache_entry
SET created_at = created_at - age, updated_at = updated_at - age, fresh_until = fresh_until - age, expires_at = expires_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.cache_load SET expires_at = expires_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;

UPDATE ${schema}.job
SET run_at = run_at - age, enqueued_at = enqueued_at - age, taken_at = taken_at - age, leased_until = leased_until - age, check_at = check_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.job_ended
SET run_at = run_at - age, enqueued_at = enqueued_at - age, taken_at = taken_at - age, ended_at = ended_at - age, expires_at = expires_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;

UPDATE ${schema}.channel_message SET published_at = published_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.channel_large SET expires_at = expires_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;

UPDATE ${schema}.preference SET updated_at = updated_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
UPDATE ${schema}.preference_layer SET updated_at = updated_at - age
FROM (SELECT current_setting('howdah.advance')::interval AS age) AS x;
