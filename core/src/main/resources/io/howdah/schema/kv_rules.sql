-- Keys and values: what all their functions keep to. Each public function (kv_read.sql, kv_write.sql, kv_batch.sql) checks
-- its arguments; a write holds the namespace where it is, reads from the registry where that is, and goes to that table
-- (kv_table.sql).
--
-- Time is statement_timestamp(): a value is dead when expires_at <= statement_timestamp().
-- Locks of a write: the namespace, shared; then the row. Reads lock nothing.
--
-- Errors: 22023 bad argument · 22003 out of the range of bigint · HD001 wrong kind (JSON or bytes)
-- · HD002 not an integer · HD003 not searchable · HD004 the namespace is full · HD006 a batch over several durability levels
-- · HD007 a namespace can be changed under READ COMMITTED only · HD008 ephemeral values cannot be read on a standby.

-- Microseconds since 1970.
CREATE OR REPLACE FUNCTION ${schema}._kv_clock() RETURNS bigint
LANGUAGE sql VOLATILE AS $$ SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint $$;

-- A floor for versions, so that they do not repeat for a key that was deleted. A sequence would be logged, and would turn each
-- unlogged write into a flush. A thousandth of a microsecond is the unit: one statement hands out up to 64 versions, the ones
-- below that of its value, and what it waits for may be deleted before it goes on. So each microsecond has room for the
-- statements of fifteen backends.
CREATE OR REPLACE FUNCTION ${schema}._kv_version() RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT (date_part('epoch', clock_timestamp()) * 1000000)::bigint * 1000 + pg_backend_pid() % 15 * 64
$$;

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
