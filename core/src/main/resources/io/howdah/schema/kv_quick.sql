-- The quick reads of the engine, for namespaces that it believes to live in this table. Postgres inlines them into the
-- statement that calls them, so they cost what a bare SELECT costs.
-- Batches take texts that string_to_table splits, and not arrays: the estimate for unnest depends on the array, and
-- Postgres would plan anew for each short one, at three times the price of running it.

-- One key, only where it is believed to be: a caller that finds nothing asks kv_get.
CREATE OR REPLACE FUNCTION ${schema}._${table}_quick_get(namespace text, key text)
RETURNS TABLE (value jsonb, bytes bytea)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT x.value, x.bytes
  FROM ${schema}.${table} AS x
  WHERE x.namespace = $1 AND x.key = $2 AND (x.expires_at IS NULL OR x.expires_at > statement_timestamp())
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_quick_get_entry(namespace text, key text) RETURNS SETOF ${schema}.kv_entry
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT x.key, x.value, x.bytes, x.version, x.expires_at, x.created_at, x.updated_at
  FROM ${schema}.${table} AS x
  WHERE x.namespace = $1 AND x.key = $2 AND (x.expires_at IS NULL OR x.expires_at > statement_timestamp())
$$;

-- Many keys. What is not here is looked for in its right place. A value that is longer than row_budget comes with
-- neither value nor bytes. octet_length of bytea looks at no more than its head; that of JSON needs the text.
CREATE OR REPLACE FUNCTION ${schema}._${table}_quick_batch_get(namespaces text, keys text, separator text, row_budget int)
RETURNS TABLE (ordinal bigint, value text, bytes bytea, version bigint)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT r.ordinality,
         CASE WHEN octet_length(t.json) <= $4 THEN t.json END,
         CASE WHEN octet_length(t.bytes) <= $4 THEN t.bytes END,
         t.version
  FROM ROWS FROM (string_to_table($1, $3), string_to_table($2, $3)) WITH ORDINALITY AS r (ns, k, ordinality)
  CROSS JOIN LATERAL (
    SELECT CASE WHEN ${schema}._kv_may_fit(x.value, $4) THEN x.value::text END AS json, x.bytes, x.version
    FROM ${schema}.${table} AS x
    WHERE x.namespace = r.ns AND x.key = r.k AND (x.expires_at IS NULL OR x.expires_at > statement_timestamp())
    UNION ALL
    SELECT CASE WHEN ${schema}._kv_may_fit(e.value, $4) THEN e.value::text END, e.bytes, e.version
    FROM ${schema}._kv_elsewhere(r.ns, r.k, '${table}') AS e
    LIMIT 1
  ) AS t
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_quick_batch_get_entry(namespaces text, keys text, separator text, row_budget int)
RETURNS TABLE (
  ordinal bigint, value text, bytes bytea, version bigint,
  expires_at timestamptz, created_at timestamptz, updated_at timestamptz)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT r.ordinality,
         CASE WHEN octet_length(t.json) <= $4 THEN t.json END,
         CASE WHEN octet_length(t.bytes) <= $4 THEN t.bytes END,
         t.version, t.expires_at, t.created_at, t.updated_at
  FROM ROWS FROM (string_to_table($1, $3), string_to_table($2, $3)) WITH ORDINALITY AS r (ns, k, ordinality)
  CROSS JOIN LATERAL (
    SELECT CASE WHEN ${schema}._kv_may_fit(x.value, $4) THEN x.value::text END AS json,
           x.bytes, x.version, x.expires_at, x.created_at, x.updated_at
    FROM ${schema}.${table} AS x
    WHERE x.namespace = r.ns AND x.key = r.k AND (x.expires_at IS NULL OR x.expires_at > statement_timestamp())
    UNION ALL
    SELECT CASE WHEN ${schema}._kv_may_fit(e.value, $4) THEN e.value::text END,
           e.bytes, e.version, e.expires_at, e.created_at, e.updated_at
    FROM ${schema}._kv_elsewhere(r.ns, r.k, '${table}') AS e
    LIMIT 1
  ) AS t
$$;
