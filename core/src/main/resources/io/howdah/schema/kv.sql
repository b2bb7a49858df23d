-- Keys and values. Each public function checks its arguments, holds the namespace where it is, reads
-- from the registry where that is, and goes to that table (kv_table.sql).
--
-- Time is statement_timestamp(): a value is dead when expires_at <= statement_timestamp().
-- Locks of a write: the namespace, shared; then the row. Reads lock nothing.
--
-- Errors: 22023 bad argument · 22003 out of the range of bigint · HD001 wrong kind (JSON or bytes)
-- · HD002 not an integer · HD003 not searchable · HD004 the namespace is full · HD006 a batch over several durability levels
-- · HD007 a namespace can be changed under READ COMMITTED only · HD008 ephemeral values cannot be read on a standby.

-- Microseconds since 1970: a floor for versions, so that they do not repeat for a key that was
-- deleted. A sequence would be logged, and would turn each unlogged write into a flush.
CREATE OR REPLACE FUNCTION ${schema}._kv_clock() RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint $$;

CREATE OR REPLACE FUNCTION ${schema}._kv_is_integer(v jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_typeof(v) = 'number' THEN v::numeric % 1 = 0 ELSE false END
$$;

-- An integer that a sum of up to 2^62 more or less does not take out of the range of bigint.
CREATE OR REPLACE FUNCTION ${schema}._kv_is_summable(v jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN jsonb_typeof(v) = 'number'
              THEN v::numeric % 1 = 0 AND v::numeric BETWEEN -4611686018427387904 AND 4611686018427387904
              ELSE false END
$$;

-- The quick test on the arguments of a write, inlined where it is called; _kv_check says what is
-- wrong. A jsonb of 2 MiB is not longer than 16 MiB as text, unless it has numbers like 1e100000: who calls with JSON
-- that may have them measures it, by _kv_measured; Java counts before it sends.
CREATE OR REPLACE FUNCTION ${schema}._kv_fits(namespace text, key text, size int, ttl interval) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
  SELECT octet_length(namespace) BETWEEN 1 AND 64 AND octet_length(key) BETWEEN 1 AND 1024 AND size < 2097152
     AND (ttl IS NULL OR (ttl > interval '0' AND ttl <= interval '36500 days'))
$$;

-- Whether a write may try the quick way (kv_table.sql).
CREATE OR REPLACE FUNCTION ${schema}._kv_is_quick(namespace text, key text, size int, ttl interval) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT ${schema}._kv_fits(namespace, key, size, ttl) AND current_setting('transaction_isolation') = 'read committed'
$$;

-- The largest value, in bytes of text or of bytea.
CREATE OR REPLACE FUNCTION ${schema}._kv_value_limit() RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT greatest(coalesce(nullif(current_setting('howdah.max_value_bytes', true), '')::bigint, 16777216), 2097152)
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_check(namespace text, key text, value jsonb, bytes bytea, ttl interval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  size_limit constant bigint := ${schema}._kv_value_limit();
  size constant bigint := coalesce(octet_length(value::text), octet_length(bytes));
BEGIN
  IF (octet_length(namespace) BETWEEN 1 AND 64) IS NOT TRUE THEN
    RAISE EXCEPTION 'namespace: 1 to 64 bytes expected, got %', coalesce(octet_length(namespace)::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (octet_length(key) BETWEEN 1 AND 1024) IS NOT TRUE THEN
    RAISE EXCEPTION 'key: 1 to 1024 bytes expected, got %', coalesce(octet_length(key)::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF size IS NULL THEN
    RAISE EXCEPTION 'value: NULL is no value; JSON null is ''null''::jsonb' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF size > size_limit THEN
    RAISE EXCEPTION 'value: at most % bytes expected, got %', size_limit, size
      USING ERRCODE = 'invalid_parameter_value', HINT = 'The setting howdah.max_value_bytes changes the limit (2 MiB or more).';
  END IF;
  IF (ttl IS NULL OR (ttl > interval '0' AND ttl <= interval '36500 days')) IS NOT TRUE THEN
    RAISE EXCEPTION 'ttl: more than 0 and at most 36500 days expected, got %', ttl USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- The value, if its text is within the limit. It takes 16 bytes of jsonb to make 128 KiB of text, and fewer of one that
-- comes compressed out of another table.
CREATE OR REPLACE FUNCTION ${schema}._kv_measured(value jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF pg_column_size(value) >= 2048 OR pg_column_compression(value) IS NOT NULL THEN
    PERFORM ${schema}._kv_check('-', '-', value, NULL, NULL);
  END IF;
  RETURN value;
END
$$;

-- Whether none of these values can be too large for a single write. Not parsed for it: Postgres puts spaces into JSON,
-- and makes at most half as much again of it.
CREATE OR REPLACE FUNCTION ${schema}._kv_batch_fits(vals text[], blobs bytea[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(pg_column_size(vals), 0) + coalesce(pg_column_size(blobs), 0) < 1048576 $$;

CREATE OR REPLACE FUNCTION ${schema}._kv_batch_check(namespaces text[], keys text[], vals text[], blobs bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT ${schema}._kv_batch_fits(vals, blobs) THEN
    PERFORM ${schema}._kv_check(r.ns, r.k, r.v::jsonb, r.b, NULL)
    FROM unnest(namespaces, keys, vals, blobs) AS r (ns, k, v, b)
    WHERE NOT ${schema}._kv_batch_fits(ARRAY[r.v], ARRAY[r.b]);
  END IF;
END
$$;

-- Whether the text of a value is worth making, when more than so many bytes are not wanted. The text itself is measured
-- again: a compressed value is rarely less than twice as long, and may be a hundred times.
CREATE OR REPLACE FUNCTION ${schema}._kv_may_fit(value jsonb, budget int) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT pg_column_size(value) <= budget / 2 OR (pg_column_size(value) <= budget AND pg_column_compression(value) IS NULL)
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_refuse_kind(namespace text, key text, wanted text, got text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'value of % in namespace % is %, not %', quote_literal(key), quote_literal(namespace), got, wanted
    USING ERRCODE = 'HD001', HINT = 'kv_get reads JSON, kv_get_bytes reads bytes, kv_get_entry reads both.';
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_refuse_increment(namespace text, key text, value jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF value IS NULL THEN
    PERFORM ${schema}._kv_refuse_kind(namespace, key, 'an integer', 'bytes');
  END IF;
  RAISE EXCEPTION 'value of % in namespace % is no integer', quote_literal(key), quote_literal(namespace) USING ERRCODE = 'HD002';
END
$$;

-- On a standby there are no ephemeral values to read: say so, instead of "absent".
CREATE OR REPLACE FUNCTION ${schema}._kv_check_standby(namespace text) RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF pg_is_in_recovery() AND NOT EXISTS (
      SELECT FROM ${schema}.namespace n WHERE n.name = _kv_check_standby.namespace AND n.place <> 'e') THEN
    RAISE EXCEPTION 'namespace % is ephemeral: it cannot be read on a standby', namespace
      USING ERRCODE = 'HD008', HINT = 'Read it on the primary, or move it: namespace_move(name, ''relaxed'').';
  END IF;
END
$$;

-- JSON Merge Patch, RFC 7396.
CREATE OR REPLACE FUNCTION ${schema}._kv_merge(target jsonb, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  name text;
  change jsonb;
BEGIN
  IF jsonb_typeof(patch) <> 'object' THEN
    RETURN patch;
  END IF;
  IF jsonb_typeof(target) IS DISTINCT FROM 'object' THEN
    target := '{}';
  END IF;
  FOR name, change IN SELECT * FROM jsonb_each(patch) LOOP
    IF jsonb_typeof(change) = 'null' THEN
      target := target - name;
    ELSE
      target := target || jsonb_build_object(name, ${schema}._kv_merge(target -> name, change));
    END IF;
  END LOOP;
  RETURN target;
END
$$;

-- Reads. They look where most values live first, and need no registry: under the one snapshot of
-- the calling statement (STABLE) a value is in exactly one table, also while its namespace moves.

-- The JSON value; NULL when absent.
CREATE OR REPLACE FUNCTION ${schema}.kv_get(namespace text, key text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
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
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
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
LANGUAGE plpgsql STABLE ROWS 1 SET enable_seqscan = off AS $$
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

-- A namespace that refuses is full: a key that is there may be overwritten, a new one is refused.
CREATE OR REPLACE FUNCTION ${schema}._kv_check_room(namespace text, key text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  s ${schema}.namespace_size;
BEGIN
  IF NOT ${schema}.kv_exists(namespace, key) THEN
    SELECT x.* INTO s FROM ${schema}.namespace_size AS x WHERE x.name = _kv_check_room.namespace;
    RAISE EXCEPTION 'namespace % is full: it has % entries with % bytes, and may have % entries with % bytes',
      namespace, coalesce(s.entries, 0), coalesce(s.bytes, 0), coalesce(s.max_entries::text, 'any number of'), coalesce(s.max_bytes::text, 'any number of')
      USING ERRCODE = 'HD004', HINT = 'Existing keys can be overwritten and deleted. namespace_create with the same durability changes the bounds.';
  END IF;
END
$$;

-- The places of those keys that are new, in namespaces that are full; NULL when there are none. The engine's own statement
-- carries the calls of strangers: it leaves these out, and they are made again singly. Everybody else is refused.
CREATE OR REPLACE FUNCTION ${schema}._kv_batch_refused(namespaces text[], keys text[], own boolean) RETURNS int[]
LANGUAGE plpgsql AS $$
DECLARE
  refused int[];
BEGIN
  IF NOT EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.is_full AND n.name = ANY (namespaces)) THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(i) INTO refused
  FROM generate_subscripts(keys, 1) AS i
  JOIN ${schema}.namespace AS n ON n.name = namespaces[i] AND n.is_full
  WHERE NOT ${schema}.kv_exists(namespaces[i], keys[i]);
  IF own IS NOT TRUE AND refused IS NOT NULL THEN
    PERFORM ${schema}._kv_check_room(namespaces[refused[1]], keys[refused[1]]);
  END IF;
  RETURN refused;
END
$$;

-- Writes. The _kv_ functions take the value as JSON or as bytes, the other one NULL. They are the whole way: they check,
-- hold the namespace, and go where the registry says. The public functions of the hot operations try kv_ephemeral
-- first (settled = false, kv_table.sql), in one statement, and come here when that did nothing.

CREATE OR REPLACE FUNCTION ${schema}._kv_set(namespace text, key text, v jsonb, b bytea, ttl interval) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
  default_ttl interval;
  is_full boolean;
BEGIN
  IF ${schema}._kv_fits(namespace, key, coalesce(pg_column_size(v), octet_length(b)), ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, v, b, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.is_full INTO place, default_ttl, is_full FROM ${schema}.namespace AS n WHERE n.name = _kv_set.namespace;
  IF is_full THEN
    PERFORM ${schema}._kv_check_room(namespace, key);
  END IF;
  IF place = 'd' THEN
    RETURN ${schema}._kv_durable_set(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  ELSIF place = 's' THEN
    RETURN ${schema}._kv_document_set(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  END IF;
  RETURN ${schema}._kv_ephemeral_set(namespace, key, v, b, coalesce(ttl, default_ttl), true);
END
$$;

-- Sets a value; the new version. Without ttl it gets the default end of its namespace, or none.
CREATE OR REPLACE FUNCTION ${schema}.kv_set(namespace text, key text, value jsonb, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$
  SELECT CASE WHEN ${schema}._kv_is_quick(namespace, key, pg_column_size(value), ttl)
              THEN ${schema}._kv_ephemeral_set(namespace, key, ${schema}._kv_measured(value), NULL, ttl, false)
              ELSE ${schema}._kv_set(namespace, key, ${schema}._kv_measured(value), NULL, ttl) END
$$;

CREATE OR REPLACE FUNCTION ${schema}.kv_set_bytes(namespace text, key text, value bytea, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$
  SELECT CASE WHEN ${schema}._kv_is_quick(namespace, key, octet_length(value), ttl)
              THEN ${schema}._kv_ephemeral_set(namespace, key, NULL, value, ttl, false)
              ELSE ${schema}._kv_set(namespace, key, NULL, value, ttl) END
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_set_if_absent(namespace text, key text, v jsonb, b bytea, ttl interval) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
  default_ttl interval;
  is_full boolean;
BEGIN
  IF ${schema}._kv_fits(namespace, key, coalesce(pg_column_size(v), octet_length(b)), ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, v, b, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.is_full INTO place, default_ttl, is_full FROM ${schema}.namespace AS n WHERE n.name = _kv_set_if_absent.namespace;
  IF is_full THEN
    PERFORM ${schema}._kv_check_room(namespace, key);
  END IF;
  IF place = 'd' THEN
    RETURN ${schema}._kv_durable_set_if_absent(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  ELSIF place = 's' THEN
    RETURN ${schema}._kv_document_set_if_absent(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  END IF;
  RETURN ${schema}._kv_ephemeral_set_if_absent(namespace, key, v, b, coalesce(ttl, default_ttl), true);
END
$$;

-- Sets a value where there is none; the new version, NULL when there is one.
CREATE OR REPLACE FUNCTION ${schema}.kv_set_if_absent(namespace text, key text, value jsonb, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$
  SELECT CASE WHEN ${schema}._kv_is_quick(namespace, key, pg_column_size(value), ttl)
              THEN ${schema}._kv_ephemeral_set_if_absent(namespace, key, ${schema}._kv_measured(value), NULL, ttl, false)
              ELSE ${schema}._kv_set_if_absent(namespace, key, ${schema}._kv_measured(value), NULL, ttl) END
$$;

CREATE OR REPLACE FUNCTION ${schema}.kv_set_if_absent_bytes(namespace text, key text, value bytea, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$
  SELECT CASE WHEN ${schema}._kv_is_quick(namespace, key, octet_length(value), ttl)
              THEN ${schema}._kv_ephemeral_set_if_absent(namespace, key, NULL, value, ttl, false)
              ELSE ${schema}._kv_set_if_absent(namespace, key, NULL, value, ttl) END
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_replace(
  namespace text, key text, expected bigint, v jsonb, b bytea, ttl interval, keeps_end boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
  default_ttl interval;
BEGIN
  IF ${schema}._kv_fits(namespace, key, coalesce(pg_column_size(v), octet_length(b)), ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, v, b, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl INTO place, default_ttl FROM ${schema}.namespace AS n WHERE n.name = _kv_replace.namespace;
  IF place = 'd' THEN
    RETURN ${schema}._kv_durable_replace(namespace, key, expected, v, b, coalesce(ttl, default_ttl), keeps_end);
  ELSIF place = 's' THEN
    RETURN ${schema}._kv_document_replace(namespace, key, expected, v, b, coalesce(ttl, default_ttl), keeps_end);
  END IF;
  RETURN ${schema}._kv_ephemeral_replace(namespace, key, expected, v, b, coalesce(ttl, default_ttl), keeps_end);
END
$$;

-- Sets a value where there is one; the new version, NULL when there is none.
CREATE OR REPLACE FUNCTION ${schema}.kv_replace(namespace text, key text, value jsonb, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$ SELECT ${schema}._kv_replace(namespace, key, NULL, ${schema}._kv_measured(value), NULL, ttl, false) $$;

CREATE OR REPLACE FUNCTION ${schema}.kv_replace_bytes(namespace text, key text, value bytea, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$ SELECT ${schema}._kv_replace(namespace, key, NULL, NULL, value, ttl, false) $$;

-- Compare and set: replaces the value if it still has the expected version; the new version, or NULL. A NULL version
-- is a version that no value has.
CREATE OR REPLACE FUNCTION ${schema}.kv_cas(namespace text, key text, expected bigint, value jsonb, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$ SELECT ${schema}._kv_replace(namespace, key, coalesce(expected, -1), ${schema}._kv_measured(value), NULL, ttl, false) $$;

CREATE OR REPLACE FUNCTION ${schema}.kv_cas_bytes(namespace text, key text, expected bigint, value bytea, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$ SELECT ${schema}._kv_replace(namespace, key, coalesce(expected, -1), NULL, value, ttl, false) $$;

CREATE OR REPLACE FUNCTION ${schema}._kv_exchange(namespace text, key text, v jsonb, b bytea, ttl interval, OUT old_value jsonb, OUT old_bytes bytea)
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
  default_ttl interval;
  is_full boolean;
BEGIN
  IF ${schema}._kv_fits(namespace, key, coalesce(pg_column_size(v), octet_length(b)), ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, v, b, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.is_full INTO place, default_ttl, is_full FROM ${schema}.namespace AS n WHERE n.name = _kv_exchange.namespace;
  IF is_full THEN
    PERFORM ${schema}._kv_check_room(namespace, key);
  END IF;
  IF place = 'd' THEN
    SELECT x.* INTO old_value, old_bytes FROM ${schema}._kv_durable_exchange(namespace, key, v, b, coalesce(ttl, default_ttl)) AS x;
  ELSIF place = 's' THEN
    SELECT x.* INTO old_value, old_bytes FROM ${schema}._kv_document_exchange(namespace, key, v, b, coalesce(ttl, default_ttl)) AS x;
  ELSE
    SELECT x.* INTO old_value, old_bytes FROM ${schema}._kv_ephemeral_exchange(namespace, key, v, b, coalesce(ttl, default_ttl)) AS x;
  END IF;
END
$$;

-- Sets a value and returns the previous one, NULL when there was none. A previous value of the other kind is an error,
-- and stays.
CREATE OR REPLACE FUNCTION ${schema}.kv_exchange(namespace text, key text, value jsonb, ttl interval DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  old record;
BEGIN
  old := ${schema}._kv_exchange(namespace, key, ${schema}._kv_measured(value), NULL, ttl);
  IF old.old_bytes IS NOT NULL THEN
    PERFORM ${schema}._kv_refuse_kind(namespace, key, 'JSON', 'bytes');
  END IF;
  RETURN old.old_value;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}.kv_exchange_bytes(namespace text, key text, value bytea, ttl interval DEFAULT NULL) RETURNS bytea
LANGUAGE plpgsql AS $$
DECLARE
  old record;
BEGIN
  old := ${schema}._kv_exchange(namespace, key, NULL, value, ttl);
  IF old.old_value IS NOT NULL THEN
    PERFORM ${schema}._kv_refuse_kind(namespace, key, 'bytes', 'JSON');
  END IF;
  RETURN old.old_bytes;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_delete(namespace text, key text, expected bigint, OUT deleted boolean, OUT old_value jsonb, OUT old_bytes bytea)
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
BEGIN
  IF ${schema}._kv_fits(namespace, key, 0, NULL) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, '0', NULL, NULL);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place INTO place FROM ${schema}.namespace AS n WHERE n.name = _kv_delete.namespace;
  IF place = 'd' THEN
    SELECT x.* INTO deleted, old_value, old_bytes FROM ${schema}._kv_durable_delete(namespace, key, expected) AS x;
  ELSIF place = 's' THEN
    SELECT x.* INTO deleted, old_value, old_bytes FROM ${schema}._kv_document_delete(namespace, key, expected) AS x;
  ELSE
    SELECT x.* INTO deleted, old_value, old_bytes FROM ${schema}._kv_ephemeral_delete(namespace, key, expected) AS x;
  END IF;
END
$$;

-- Deletes a value of either kind; true when there was one.
CREATE OR REPLACE FUNCTION ${schema}.kv_delete(namespace text, key text) RETURNS boolean
LANGUAGE sql AS $$ SELECT (${schema}._kv_delete(namespace, key, NULL)).deleted $$;

-- Deletes a value if it still has the expected version; true when it had.
CREATE OR REPLACE FUNCTION ${schema}.kv_delete_if(namespace text, key text, expected bigint) RETURNS boolean
LANGUAGE sql AS $$ SELECT (${schema}._kv_delete(namespace, key, coalesce(expected, -1))).deleted $$;

-- Deletes a value and returns it; NULL when there was none. A value of the other kind is an error, and stays.
CREATE OR REPLACE FUNCTION ${schema}.kv_take(namespace text, key text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  old record;
BEGIN
  old := ${schema}._kv_delete(namespace, key, NULL);
  IF old.old_bytes IS NOT NULL THEN
    PERFORM ${schema}._kv_refuse_kind(namespace, key, 'JSON', 'bytes');
  END IF;
  RETURN old.old_value;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}.kv_take_bytes(namespace text, key text) RETURNS bytea
LANGUAGE plpgsql AS $$
DECLARE
  old record;
BEGIN
  old := ${schema}._kv_delete(namespace, key, NULL);
  IF old.old_value IS NOT NULL THEN
    PERFORM ${schema}._kv_refuse_kind(namespace, key, 'bytes', 'JSON');
  END IF;
  RETURN old.old_bytes;
END
$$;

-- For callers that take values of either kind: the first byte says which, j for JSON or b for bytes.
CREATE OR REPLACE FUNCTION ${schema}._kv_either(v jsonb, b bytea) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN b IS NOT NULL THEN convert_to('b', 'UTF8') || b ELSE convert_to('j' || v::text, 'UTF8') END
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_exchange_either(namespace text, key text, v jsonb, b bytea, ttl interval) RETURNS bytea
LANGUAGE sql AS $$
  SELECT ${schema}._kv_either(x.old_value, x.old_bytes) FROM ${schema}._kv_exchange(namespace, key, v, b, ttl) AS x
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_take_either(namespace text, key text) RETURNS bytea
LANGUAGE sql AS $$
  SELECT ${schema}._kv_either(x.old_value, x.old_bytes) FROM ${schema}._kv_delete(namespace, key, NULL) AS x
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_increment(namespace text, key text, delta bigint, ttl interval) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
  default_ttl interval;
  is_full boolean;
BEGIN
  IF delta IS NULL THEN
    RAISE EXCEPTION 'delta: an integer expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._kv_check(namespace, key, '0', NULL, ttl);
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.is_full INTO place, default_ttl, is_full FROM ${schema}.namespace AS n WHERE n.name = _kv_increment.namespace;
  IF is_full THEN
    PERFORM ${schema}._kv_check_room(namespace, key);
  END IF;
  IF place = 'd' THEN
    RETURN ${schema}._kv_durable_increment(namespace, key, delta, coalesce(ttl, default_ttl), ttl IS NOT NULL, true);
  ELSIF place = 's' THEN
    RETURN ${schema}._kv_document_increment(namespace, key, delta, coalesce(ttl, default_ttl), ttl IS NOT NULL, true);
  END IF;
  RETURN ${schema}._kv_ephemeral_increment(namespace, key, delta, coalesce(ttl, default_ttl), ttl IS NOT NULL, true);
END
$$;

-- Adds to an integer, from 0 where there is none; the sum. A live value keeps its end unless a ttl is given.
CREATE OR REPLACE FUNCTION ${schema}.kv_increment(namespace text, key text, delta bigint DEFAULT 1, ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$
  SELECT CASE WHEN delta IS NOT NULL AND ${schema}._kv_is_quick(namespace, key, 0, ttl)
              THEN ${schema}._kv_ephemeral_increment(namespace, key, delta, ttl, ttl IS NOT NULL, false)
              ELSE ${schema}._kv_increment(namespace, key, delta, ttl) END
$$;

-- Gives a live value a new end; true when there is one. Its version stays.
CREATE OR REPLACE FUNCTION ${schema}.kv_expire(namespace text, key text, ttl interval) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
BEGIN
  IF ttl IS NULL THEN
    RAISE EXCEPTION 'ttl: more than 0 and at most 36500 days expected, got NULL' USING ERRCODE = 'invalid_parameter_value', HINT = 'kv_persist takes the end away.';
  END IF;
  IF ${schema}._kv_fits(namespace, key, 0, ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, '0', NULL, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place INTO place FROM ${schema}.namespace AS n WHERE n.name = kv_expire.namespace;
  IF place = 'd' THEN
    RETURN ${schema}._kv_durable_expire(namespace, key, ttl);
  ELSIF place = 's' THEN
    RETURN ${schema}._kv_document_expire(namespace, key, ttl);
  END IF;
  RETURN ${schema}._kv_ephemeral_expire(namespace, key, ttl);
END
$$;

-- Takes the end of a live value away; true when it had one.
CREATE OR REPLACE FUNCTION ${schema}.kv_persist(namespace text, key text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
BEGIN
  IF ${schema}._kv_fits(namespace, key, 0, NULL) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, '0', NULL, NULL);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place INTO place FROM ${schema}.namespace AS n WHERE n.name = kv_persist.namespace;
  IF place = 'd' THEN
    RETURN ${schema}._kv_durable_expire(namespace, key, NULL);
  ELSIF place = 's' THEN
    RETURN ${schema}._kv_document_expire(namespace, key, NULL);
  END IF;
  RETURN ${schema}._kv_ephemeral_expire(namespace, key, NULL);
END
$$;

-- Merges into a live JSON value (RFC 7396); the merged value, NULL when absent. It keeps its end.
CREATE OR REPLACE FUNCTION ${schema}.kv_patch(namespace text, key text, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
BEGIN
  IF patch IS NULL THEN
    RAISE EXCEPTION 'patch: a JSON value expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF ${schema}._kv_fits(namespace, key, 0, NULL) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, '0', NULL, NULL);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place INTO place FROM ${schema}.namespace AS n WHERE n.name = kv_patch.namespace;
  IF place = 'd' THEN
    RETURN ${schema}._kv_durable_patch(namespace, key, patch);
  ELSIF place = 's' THEN
    RETURN ${schema}._kv_document_patch(namespace, key, patch);
  END IF;
  RETURN ${schema}._kv_ephemeral_patch(namespace, key, patch);
END
$$;

-- Batches: many keys in one statement, each key once, all of one durability level, and arguments that the caller has
-- checked. The engine of the Java library speaks these; kv_get_many, kv_set_many and kv_delete_many are built on them.
-- patience is the lock_timeout of the statement in milliseconds, NULL to keep the caller's; own says that
-- the statement is its own transaction, so that a relaxed one may commit without waiting for the flush.

-- Holds the namespaces; where they live. All of one level, or HD006.
CREATE OR REPLACE FUNCTION ${schema}._kv_batch_begin(namespaces text[], patience bigint, own boolean) RETURNS "char"
LANGUAGE plpgsql AS $$
DECLARE
  names text[] := CASE WHEN namespaces[1] = ALL (namespaces) THEN namespaces[1:1] ELSE ARRAY(SELECT DISTINCT n FROM unnest(namespaces) AS n ORDER BY n) END;
  name text;
  place "char";
  durability text;
  levels bigint;
BEGIN
  IF patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', patience::text, true);
  END IF;
  FOREACH name IN ARRAY names LOOP
    PERFORM ${schema}._namespace_hold(name);
  END LOOP;
  IF cardinality(names) = 1 THEN
    SELECT n.place, n.durability INTO place, durability FROM ${schema}.namespace AS n WHERE n.name = names[1];
  ELSE
    SELECT min(coalesce(n.place, 'e')::text)::"char", min(coalesce(n.durability, 'ephemeral')),
           count(DISTINCT coalesce(n.durability, 'ephemeral') || coalesce(n.place, 'e')::text)
    INTO place, durability, levels
    FROM unnest(names) AS u (name) LEFT JOIN ${schema}.namespace AS n ON n.name = u.name;
    IF levels > 1 THEN
      RAISE EXCEPTION 'a batch over namespaces of several durability levels' USING ERRCODE = 'HD006';
    END IF;
  END IF;
  IF own AND durability = 'relaxed' THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN coalesce(place, 'e');
END
$$;

-- Fills in the default ends of registered namespaces.
CREATE OR REPLACE FUNCTION ${schema}._kv_batch_ttls(namespaces text[], ttls interval[]) RETURNS interval[]
LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.default_ttl IS NOT NULL AND n.name = ANY (namespaces)) THEN
    RETURN ARRAY(
      SELECT coalesce(r.ttl, n.default_ttl)
      FROM unnest(namespaces, ttls) WITH ORDINALITY AS r (ns, ttl, ordinality)
      LEFT JOIN ${schema}.namespace AS n ON n.name = r.ns
      ORDER BY r.ordinality);
  END IF;
  RETURN ttls;
END
$$;

-- The live ones, by their place in the arrays. A value whose stored size is over row_budget comes with neither
-- value nor bytes: ask for it again, in a smaller batch with a larger budget.
CREATE OR REPLACE FUNCTION ${schema}.kv_batch_get(namespaces text[], keys text[], row_budget int)
RETURNS TABLE (ordinal bigint, value text, bytes bytea, version bigint)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
DECLARE
  elsewhere text[];
  name text;
BEGIN
  IF pg_is_in_recovery() THEN
    FOREACH name IN ARRAY namespaces LOOP
      PERFORM ${schema}._kv_check_standby(name);
    END LOOP;
  ELSIF NOT EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = ANY (namespaces) AND n.place <> 'e') THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_batch_get(namespaces, keys, row_budget);
    RETURN;
  END IF;
  elsewhere := ARRAY(SELECT n.name FROM ${schema}.namespace AS n WHERE n.name = ANY (namespaces) AND n.place <> 'e');
  IF NOT namespaces <@ elsewhere THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_batch_get(namespaces, keys, row_budget);
  END IF;
  IF EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = ANY (namespaces) AND n.place = 'd') THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_durable_batch_get(namespaces, keys, row_budget);
  END IF;
  IF EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = ANY (namespaces) AND n.place = 's') THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_document_batch_get(namespaces, keys, row_budget);
  END IF;
END
$$;

-- Which of the rows somebody else holds now, by their place in the arrays. Waits for nobody, and keeps nothing
-- where it is a statement of its own. The engine asks when a batch met such a row.
CREATE OR REPLACE FUNCTION ${schema}.kv_batch_busy(namespaces text[], keys text[]) RETURNS SETOF bigint
LANGUAGE plpgsql ROWS 100 AS $$
BEGIN
  RETURN QUERY
    SELECT b.ordinal FROM ${schema}._kv_ephemeral_batch_busy(namespaces, keys) AS b (ordinal)
    UNION ALL
    SELECT b.ordinal FROM ${schema}._kv_durable_batch_busy(namespaces, keys) AS b (ordinal)
    UNION ALL
    SELECT b.ordinal FROM ${schema}._kv_document_batch_busy(namespaces, keys) AS b (ordinal);
END
$$;

-- Sets all; their new versions, in the order of (namespace, key), COLLATE "C". steps: see _kv_ephemeral_batch_set.
-- NULL stands for a new key in a full namespace, in a statement of the engine's own.
CREATE OR REPLACE FUNCTION ${schema}.kv_batch_set(
  namespaces text[], keys text[], vals text[], blobs bytea[], ttls interval[], steps int, patience bigint, own boolean) RETURNS SETOF bigint
LANGUAGE plpgsql ROWS 100 AS $$
DECLARE
  place constant "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
  refused constant int[] := ${schema}._kv_batch_refused(namespaces, keys, own);
  kept int[];
BEGIN
  PERFORM ${schema}._kv_batch_check(namespaces, keys, vals, blobs);
  IF refused IS NOT NULL THEN
    kept := ARRAY(SELECT i FROM generate_subscripts(keys, 1) AS i WHERE i <> ALL (refused) ORDER BY namespaces[i] COLLATE "C", keys[i] COLLATE "C");
    RETURN QUERY
      SELECT s.version
      FROM generate_subscripts(keys, 1) AS i
      LEFT JOIN unnest(kept) WITH ORDINALITY AS k (i, position) ON k.i = i.i
      LEFT JOIN ${schema}.kv_batch_set(
        ARRAY(SELECT namespaces[l] FROM unnest(kept) AS l), ARRAY(SELECT keys[l] FROM unnest(kept) AS l), ARRAY(SELECT vals[l] FROM unnest(kept) AS l),
        ARRAY(SELECT blobs[l] FROM unnest(kept) AS l), ARRAY(SELECT ttls[l] FROM unnest(kept) AS l), steps, patience, own)
        WITH ORDINALITY AS s (version, position) ON s.position = k.position
      ORDER BY namespaces[i.i] COLLATE "C", keys[i.i] COLLATE "C";
    RETURN;
  END IF;
  ttls := ${schema}._kv_batch_ttls(namespaces, ttls);
  IF place = 'd' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_durable_batch_set(namespaces, keys, vals, blobs, ttls, steps, true);
  ELSIF place = 's' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_document_batch_set(namespaces, keys, vals, blobs, ttls, steps, true);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_batch_set(namespaces, keys, vals, blobs, ttls, steps, true);
  END IF;
END
$$;

-- Sets the absent ones; number is the new version. NULL stands for a new key in a full namespace, as in kv_batch_set.
CREATE OR REPLACE FUNCTION ${schema}.kv_batch_set_if_absent(namespaces text[], keys text[], vals text[], blobs bytea[], ttls interval[], patience bigint, own boolean)
RETURNS TABLE (namespace text, key text, number bigint)
LANGUAGE plpgsql ROWS 100 AS $$
DECLARE
  place constant "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
  refused constant int[] := ${schema}._kv_batch_refused(namespaces, keys, own);
  kept int[];
BEGIN
  PERFORM ${schema}._kv_batch_check(namespaces, keys, vals, blobs);
  IF refused IS NOT NULL THEN
    RETURN QUERY SELECT namespaces[l], keys[l], NULL::bigint FROM unnest(refused) AS l;
    kept := ARRAY(SELECT i FROM generate_subscripts(keys, 1) AS i WHERE i <> ALL (refused));
    namespaces := ARRAY(SELECT namespaces[l] FROM unnest(kept) AS l);
    keys := ARRAY(SELECT keys[l] FROM unnest(kept) AS l);
    vals := ARRAY(SELECT vals[l] FROM unnest(kept) AS l);
    blobs := ARRAY(SELECT blobs[l] FROM unnest(kept) AS l);
    ttls := ARRAY(SELECT ttls[l] FROM unnest(kept) AS l);
  END IF;
  ttls := ${schema}._kv_batch_ttls(namespaces, ttls);
  IF place = 'd' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_durable_batch_set_if_absent(namespaces, keys, vals, blobs, ttls);
  ELSIF place = 's' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_document_batch_set_if_absent(namespaces, keys, vals, blobs, ttls);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_batch_set_if_absent(namespaces, keys, vals, blobs, ttls);
  END IF;
END
$$;

-- Sets the live ones, where a version is given only that version; number is the new version.
CREATE OR REPLACE FUNCTION ${schema}.kv_batch_replace(
  namespaces text[], keys text[], vals text[], blobs bytea[], ttls interval[], versions bigint[], keeps_end boolean, steps int, patience bigint, own boolean)
RETURNS TABLE (namespace text, key text, number bigint)
LANGUAGE plpgsql ROWS 100 AS $$
DECLARE
  place constant "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
BEGIN
  PERFORM ${schema}._kv_batch_check(namespaces, keys, vals, blobs);
  ttls := ${schema}._kv_batch_ttls(namespaces, ttls);
  IF place = 'd' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_durable_batch_replace(namespaces, keys, vals, blobs, ttls, versions, keeps_end, steps);
  ELSIF place = 's' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_document_batch_replace(namespaces, keys, vals, blobs, ttls, versions, keeps_end, steps);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_batch_replace(namespaces, keys, vals, blobs, ttls, versions, keeps_end, steps);
  END IF;
END
$$;

-- Deletes the live ones, where a version is given only that version; what was deleted.
CREATE OR REPLACE FUNCTION ${schema}.kv_batch_delete(namespaces text[], keys text[], versions bigint[], patience bigint, own boolean)
RETURNS TABLE (namespace text, key text, value text, bytes bytea)
LANGUAGE plpgsql ROWS 100 AS $$
DECLARE
  place constant "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
BEGIN
  IF place = 'd' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_durable_batch_delete(namespaces, keys, versions);
  ELSIF place = 's' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_document_batch_delete(namespaces, keys, versions);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_batch_delete(namespaces, keys, versions);
  END IF;
END
$$;

-- Gives the live ones a new end, or takes it away where the ttl is NULL.
CREATE OR REPLACE FUNCTION ${schema}.kv_batch_expire(namespaces text[], keys text[], ttls interval[], patience bigint, own boolean)
RETURNS TABLE (namespace text, key text)
LANGUAGE plpgsql ROWS 100 AS $$
DECLARE
  place constant "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
BEGIN
  IF place = 'd' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_durable_batch_expire(namespaces, keys, ttls);
  ELSIF place = 's' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_document_batch_expire(namespaces, keys, ttls);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_batch_expire(namespaces, keys, ttls);
  END IF;
END
$$;

-- Adds to the integers; number is the sum. What is no integer, or new in a full namespace, is left alone, and not returned.
CREATE OR REPLACE FUNCTION ${schema}.kv_batch_increment(namespaces text[], keys text[], deltas bigint[], ttls interval[], replaces_end boolean, patience bigint, own boolean)
RETURNS TABLE (namespace text, key text, number bigint)
LANGUAGE plpgsql ROWS 100 AS $$
DECLARE
  place constant "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
  refused constant int[] := ${schema}._kv_batch_refused(namespaces, keys, own);
  kept int[];
BEGIN
  IF refused IS NOT NULL THEN
    kept := ARRAY(SELECT i FROM generate_subscripts(keys, 1) AS i WHERE i <> ALL (refused));
    namespaces := ARRAY(SELECT namespaces[l] FROM unnest(kept) AS l);
    keys := ARRAY(SELECT keys[l] FROM unnest(kept) AS l);
    deltas := ARRAY(SELECT deltas[l] FROM unnest(kept) AS l);
    ttls := ARRAY(SELECT ttls[l] FROM unnest(kept) AS l);
  END IF;
  ttls := ${schema}._kv_batch_ttls(namespaces, ttls);
  IF place = 'd' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_durable_batch_increment(namespaces, keys, deltas, ttls, replaces_end);
  ELSIF place = 's' THEN
    RETURN QUERY SELECT * FROM ${schema}._kv_document_batch_increment(namespaces, keys, deltas, ttls, replaces_end);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._kv_ephemeral_batch_increment(namespaces, keys, deltas, ttls, replaces_end);
  END IF;
END
$$;

-- Sets many under one ttl; how many keys were written. Of a repeated key the last value wins.
CREATE OR REPLACE FUNCTION ${schema}.kv_set_many(namespace text, keys text[], vals jsonb[], ttl interval DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  wanted text[];
  wanted_vals text[];
  i int;
BEGIN
  IF cardinality(keys) IS DISTINCT FROM cardinality(vals) THEN
    RAISE EXCEPTION 'vals: as many as keys expected, got % for %', cardinality(vals), cardinality(keys)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF coalesce(cardinality(keys), 0) = 0 THEN
    RETURN 0;
  END IF;
  FOR i IN 1 .. cardinality(keys) LOOP
    IF ${schema}._kv_fits(namespace, keys[i], pg_column_size(vals[i]), ttl) IS NOT TRUE OR pg_column_size(vals[i]) >= 2048 THEN
      PERFORM ${schema}._kv_check(namespace, keys[i], vals[i], NULL, ttl);
    END IF;
  END LOOP;
  SELECT array_agg(u.k), array_agg(u.v::text) INTO wanted, wanted_vals
  FROM (
    SELECT DISTINCT ON (r.k) r.k, r.v
    FROM unnest(keys, vals) WITH ORDINALITY AS r (k, v, ordinality)
    ORDER BY r.k, r.ordinality DESC
  ) AS u;
  RETURN count(*) FROM ${schema}.kv_batch_set(
    array_fill(namespace, ARRAY[cardinality(wanted)]), wanted, wanted_vals, NULL, array_fill(ttl, ARRAY[cardinality(wanted)]), 1, NULL, false);
END
$$;

-- Deletes many; how many live ones there were.
CREATE OR REPLACE FUNCTION ${schema}.kv_delete_many(namespace text, keys text[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  wanted constant text[] := ARRAY(SELECT DISTINCT k FROM unnest(keys) AS k WHERE k IS NOT NULL);
BEGIN
  IF cardinality(wanted) = 0 THEN
    RETURN 0;
  END IF;
  RETURN count(*) FROM ${schema}.kv_batch_delete(array_fill(namespace, ARRAY[cardinality(wanted)]), wanted, NULL, NULL, false);
END
$$;
