-- Reads. They look where most values live first, and need no registry: under the one snapshot of
-- the calling statement (STABLE) a value is in exactly one table, also while its namespace moves.

-- The JSON value; NULL when absent.
CREATE OR REPLACE FUNCTION ${schema}.kv_get(namespace text, key text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
DECLARE
  v jsonb;
BEGIN
  IF NOT pg_is_in_recovery() THEN
    SELECT t.value INTO v FROM ${schema}.kv_ephemeral AS t
    WHERE t.namespace = kv_get.namespace AND t.key = kv_get.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
    IF v IS NOT NULL THEN
      RETURN v;
    END IF;
    IF FOUND THEN
      PERFORM ${schema}._kv_refuse_kind(namespace, key, 'JSON', 'bytes');
    END IF;
  ELSE
    PERFORM ${schema}._kv_check_standby(namespace);
  END IF;
  SELECT t.value INTO v FROM ${schema}.kv_durable AS t
  WHERE t.namespace = kv_get.namespace AND t.key = kv_get.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
  IF NOT FOUND THEN
    SELECT t.value INTO v FROM ${schema}.kv_document AS t
    WHERE t.namespace = kv_get.namespace AND t.key = kv_get.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
  END IF;
  IF FOUND AND v IS NULL THEN
    PERFORM ${schema}._kv_refuse_kind(namespace, key, 'JSON', 'bytes');
  END IF;
  RETURN v;
END
$$;

-- The bytes; NULL when absent.
CREATE OR REPLACE FUNCTION ${schema}.kv_get_bytes(namespace text, key text) RETURNS bytea
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
DECLARE
  b bytea;
BEGIN
  IF NOT pg_is_in_recovery() THEN
    SELECT t.bytes INTO b FROM ${schema}.kv_ephemeral AS t
    WHERE t.namespace = kv_get_bytes.namespace AND t.key = kv_get_bytes.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
    IF b IS NOT NULL THEN
      RETURN b;
    END IF;
    IF FOUND THEN
      PERFORM ${schema}._kv_refuse_kind(namespace, key, 'bytes', 'JSON');
    END IF;
  ELSE
    PERFORM ${schema}._kv_check_standby(namespace);
  END IF;
  SELECT t.bytes INTO b FROM ${schema}.kv_durable AS t
  WHERE t.namespace = kv_get_bytes.namespace AND t.key = kv_get_bytes.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
  IF NOT FOUND THEN
    SELECT t.bytes INTO b FROM ${schema}.kv_document AS t
    WHERE t.namespace = kv_get_bytes.namespace AND t.key = kv_get_bytes.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
  END IF;
  IF FOUND AND b IS NULL THEN
    PERFORM ${schema}._kv_refuse_kind(namespace, key, 'bytes', 'JSON');
  END IF;
  RETURN b;
END
$$;

-- Everything about one key, of either kind; no row when absent.
CREATE OR REPLACE FUNCTION ${schema}.kv_get_entry(namespace text, key text) RETURNS SETOF ${schema}.kv_entry
LANGUAGE plpgsql STABLE ROWS 1 SET enable_seqscan = off SET jit = off AS $$
BEGIN
  IF NOT pg_is_in_recovery() THEN
    RETURN QUERY
      SELECT t.key, t.value, t.bytes, t.version, t.expires_at, t.created_at, t.updated_at FROM ${schema}.kv_ephemeral AS t
      WHERE t.namespace = kv_get_entry.namespace AND t.key = kv_get_entry.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
    IF FOUND THEN
      RETURN;
    END IF;
  ELSE
    PERFORM ${schema}._kv_check_standby(namespace);
  END IF;
  RETURN QUERY
    SELECT t.key, t.value, t.bytes, t.version, t.expires_at, t.created_at, t.updated_at FROM ${schema}.kv_durable AS t
    WHERE t.namespace = kv_get_entry.namespace AND t.key = kv_get_entry.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
  IF FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT t.key, t.value, t.bytes, t.version, t.expires_at, t.created_at, t.updated_at FROM ${schema}.kv_document AS t
    WHERE t.namespace = kv_get_entry.namespace AND t.key = kv_get_entry.key AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp());
END
$$;

CREATE OR REPLACE FUNCTION ${schema}.kv_exists(namespace text, key text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM ${schema}.kv_get_entry(namespace, key))
$$;

-- How long a value still has; NULL when absent or without end.
CREATE OR REPLACE FUNCTION ${schema}.kv_ttl(namespace text, key text) RETURNS interval
LANGUAGE sql STABLE AS $$
  SELECT e.expires_at - statement_timestamp() FROM ${schema}.kv_get_entry(namespace, key) AS e
$$;

-- A live value that is not in this table, because its namespace lives in another one; else nothing.
CREATE OR REPLACE FUNCTION ${schema}._kv_elsewhere(namespace text, key text, this_table text) RETURNS SETOF ${schema}.kv_entry
LANGUAGE plpgsql STABLE ROWS 1 AS $$
DECLARE
  home text;
BEGIN
  SELECT CASE n.place WHEN 'd' THEN 'kv_durable' WHEN 's' THEN 'kv_document' ELSE 'kv_ephemeral' END INTO home
  FROM ${schema}.namespace AS n WHERE n.name = _kv_elsewhere.namespace;
  IF coalesce(home, 'kv_ephemeral') <> this_table THEN
    RETURN QUERY SELECT * FROM ${schema}.kv_get_entry(_kv_elsewhere.namespace, _kv_elsewhere.key);
  END IF;
END
$$;

-- The live ones of the keys. Bytes are refused, as in kv_get.
CREATE OR REPLACE FUNCTION ${schema}.kv_get_many(namespace text, keys text[]) RETURNS TABLE (key text, value jsonb)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
DECLARE
  wanted constant text[] := ARRAY(SELECT DISTINCT k FROM unnest(keys) AS k);
  found_row record;
BEGIN
  FOR found_row IN
    SELECT b.ordinal, b.value, b.bytes IS NOT NULL AS is_bytes
    FROM ${schema}.kv_batch_get(array_fill(kv_get_many.namespace, ARRAY[cardinality(wanted)]), wanted, 2147483647) AS b
  LOOP
    key := wanted[found_row.ordinal::int];
    IF found_row.is_bytes THEN
      PERFORM ${schema}._kv_refuse_kind(namespace, key, 'JSON', 'bytes');
    END IF;
    value := found_row.value;
    RETURN NEXT;
  END LOOP;
END
$$;

-- How much a page brings at most; a larger value comes alone.
CREATE OR REPLACE FUNCTION ${schema}._kv_page_bytes() RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT 16777216::bigint $$;

-- A page of live values in the order of their keys (COLLATE "C"), from behind the key "after", JSON as its text.
CREATE OR REPLACE FUNCTION ${schema}._kv_scan(namespace text, prefix text, after text, max_rows int)
RETURNS TABLE (key text, value text, bytes bytea, version bigint, expires_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._kv_check_page(max_rows);
  PERFORM ${schema}._kv_check_standby(_kv_scan.namespace);
  prefix := coalesce(prefix, '');
  after := coalesce(after, '');
  IF NOT pg_is_in_recovery() THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_scan(_kv_scan.namespace, prefix, after, max_rows);
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  RETURN QUERY SELECT * FROM ${schema}._kv_durable_scan(_kv_scan.namespace, prefix, after, max_rows);
  IF FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT * FROM ${schema}._kv_document_scan(_kv_scan.namespace, prefix, after, max_rows);
END
$$;

-- The same, public. value is NULL where it is bytes. A page also ends at 16 MiB, so the end is an empty page.
CREATE OR REPLACE FUNCTION ${schema}.kv_scan(
  namespace text, prefix text DEFAULT '', after text DEFAULT '', max_rows int DEFAULT 100)
RETURNS TABLE (key text, value jsonb, version bigint, expires_at timestamptz)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT s.key, s.value::jsonb, s.version, s.expires_at FROM ${schema}._kv_scan(namespace, prefix, after, max_rows) AS s
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_check_page(max_rows int) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (max_rows BETWEEN 1 AND 10000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows: 1 to 10000 expected, got %', coalesce(max_rows::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- A page of the live values that contain a JSON value (jsonb @>), by the GIN index; searchable namespaces only.
CREATE OR REPLACE FUNCTION ${schema}._kv_find(namespace text, contains jsonb, after text, max_rows int)
RETURNS TABLE (key text, value text, bytes bytea, version bigint, expires_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
#variable_conflict use_column
DECLARE
  r record;
  size bigint := 0;
BEGIN
  PERFORM ${schema}._kv_check_page(max_rows);
  IF contains IS NULL THEN
    RAISE EXCEPTION 'contains: a JSON value expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = _kv_find.namespace AND n.searchable) THEN
    RAISE EXCEPTION 'namespace % is not searchable', quote_literal(_kv_find.namespace)
      USING ERRCODE = 'HD003', HINT = 'Register it so: namespace_create(name, ''durable'', searchable => true).';
  END IF;
  FOR r IN
    SELECT t.key, t.value, t.version, t.expires_at
    FROM ${schema}.kv_document AS t
    WHERE t.namespace = _kv_find.namespace AND t.value @> contains AND t.key > coalesce(after, '')
      AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
    ORDER BY t.key
    LIMIT max_rows
  LOOP
    value := r.value::text;
    EXIT WHEN size > 0 AND size + octet_length(value) > ${schema}._kv_page_bytes();
    size := size + octet_length(value);
    key := r.key;
    version := r.version;
    expires_at := r.expires_at;
    RETURN NEXT;
  END LOOP;
END
$$;

-- The same, public. A page also ends at 16 MiB, so the end is an empty page.
CREATE OR REPLACE FUNCTION ${schema}.kv_find(
  namespace text, contains jsonb, after text DEFAULT '', max_rows int DEFAULT 100)
RETURNS TABLE (key text, value jsonb, version bigint, expires_at timestamptz)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT f.key, f.value::jsonb, f.version, f.expires_at FROM ${schema}._kv_find(namespace, contains, after, max_rows) AS f
$$;

-- How many live values there are whose key begins with prefix. Reads them all.
CREATE OR REPLACE FUNCTION ${schema}.kv_count(namespace text, prefix text DEFAULT '') RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
  n bigint := 0;
BEGIN
  IF NOT pg_is_in_recovery() THEN
    n := ${schema}._kv_ephemeral_count(namespace, prefix);
  ELSE
    PERFORM ${schema}._kv_check_standby(namespace);
  END IF;
  RETURN n + ${schema}._kv_durable_count(namespace, prefix) + ${schema}._kv_document_count(namespace, prefix);
END
$$;
