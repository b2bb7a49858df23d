-- Writes. The _kv_ functions take the value as JSON or as bytes, the other one NULL. They are the whole way: they check,
-- hold the namespace, and go where the registry says. The public functions of the hot operations try kv_ephemeral
-- first (settled = false, kv_table.sql), in one statement, and come here when that did nothing.
-- In a namespace that notifies, what has changed something notifies (notify.sql).

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

CREATE OR REPLACE FUNCTION ${schema}._kv_set(namespace text, key text, v jsonb, b bytea, ttl interval) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
  default_ttl interval;
  is_full boolean;
  notifies boolean;
  result bigint;
BEGIN
  IF ${schema}._kv_fits(namespace, key, coalesce(pg_column_size(v), octet_length(b)), ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, v, b, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.is_full, n.notifies INTO place, default_ttl, is_full, notifies FROM ${schema}.namespace AS n WHERE n.name = _kv_set.namespace;
  IF is_full THEN
    PERFORM ${schema}._kv_check_room(namespace, key);
  END IF;
  IF place = 'd' THEN
    result := ${schema}._kv_durable_set(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  ELSIF place = 's' THEN
    result := ${schema}._kv_document_set(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  ELSE
    result := ${schema}._kv_ephemeral_set(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  END IF;
  IF notifies THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
  END IF;
  RETURN result;
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
  notifies boolean;
  result bigint;
BEGIN
  IF ${schema}._kv_fits(namespace, key, coalesce(pg_column_size(v), octet_length(b)), ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, v, b, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.is_full, n.notifies INTO place, default_ttl, is_full, notifies FROM ${schema}.namespace AS n WHERE n.name = _kv_set_if_absent.namespace;
  IF is_full THEN
    PERFORM ${schema}._kv_check_room(namespace, key);
  END IF;
  IF place = 'd' THEN
    result := ${schema}._kv_durable_set_if_absent(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  ELSIF place = 's' THEN
    result := ${schema}._kv_document_set_if_absent(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  ELSE
    result := ${schema}._kv_ephemeral_set_if_absent(namespace, key, v, b, coalesce(ttl, default_ttl), true);
  END IF;
  IF notifies AND result IS NOT NULL THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
  END IF;
  RETURN result;
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
  notifies boolean;
  result bigint;
BEGIN
  IF ${schema}._kv_fits(namespace, key, coalesce(pg_column_size(v), octet_length(b)), ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, v, b, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.notifies INTO place, default_ttl, notifies FROM ${schema}.namespace AS n WHERE n.name = _kv_replace.namespace;
  IF place = 'd' THEN
    result := ${schema}._kv_durable_replace(namespace, key, expected, v, b, coalesce(ttl, default_ttl), keeps_end);
  ELSIF place = 's' THEN
    result := ${schema}._kv_document_replace(namespace, key, expected, v, b, coalesce(ttl, default_ttl), keeps_end);
  ELSE
    result := ${schema}._kv_ephemeral_replace(namespace, key, expected, v, b, coalesce(ttl, default_ttl), keeps_end);
  END IF;
  IF notifies AND result IS NOT NULL THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
  END IF;
  RETURN result;
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
  notifies boolean;
BEGIN
  IF ${schema}._kv_fits(namespace, key, coalesce(pg_column_size(v), octet_length(b)), ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, v, b, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.is_full, n.notifies INTO place, default_ttl, is_full, notifies FROM ${schema}.namespace AS n WHERE n.name = _kv_exchange.namespace;
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
  IF notifies THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
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
  notifies boolean;
BEGIN
  IF ${schema}._kv_fits(namespace, key, 0, NULL) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, '0', NULL, NULL);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.notifies INTO place, notifies FROM ${schema}.namespace AS n WHERE n.name = _kv_delete.namespace;
  IF place = 'd' THEN
    SELECT x.* INTO deleted, old_value, old_bytes FROM ${schema}._kv_durable_delete(namespace, key, expected) AS x;
  ELSIF place = 's' THEN
    SELECT x.* INTO deleted, old_value, old_bytes FROM ${schema}._kv_document_delete(namespace, key, expected) AS x;
  ELSE
    SELECT x.* INTO deleted, old_value, old_bytes FROM ${schema}._kv_ephemeral_delete(namespace, key, expected) AS x;
  END IF;
  IF notifies AND deleted THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
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
  notifies boolean;
  result bigint;
BEGIN
  IF delta IS NULL THEN
    RAISE EXCEPTION 'delta: an integer expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._kv_check(namespace, key, '0', NULL, ttl);
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.default_ttl, n.is_full, n.notifies INTO place, default_ttl, is_full, notifies FROM ${schema}.namespace AS n WHERE n.name = _kv_increment.namespace;
  IF is_full THEN
    PERFORM ${schema}._kv_check_room(namespace, key);
  END IF;
  IF place = 'd' THEN
    result := ${schema}._kv_durable_increment(namespace, key, delta, coalesce(ttl, default_ttl), ttl IS NOT NULL, true);
  ELSIF place = 's' THEN
    result := ${schema}._kv_document_increment(namespace, key, delta, coalesce(ttl, default_ttl), ttl IS NOT NULL, true);
  ELSE
    result := ${schema}._kv_ephemeral_increment(namespace, key, delta, coalesce(ttl, default_ttl), ttl IS NOT NULL, true);
  END IF;
  IF notifies THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
  END IF;
  RETURN result;
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
  notifies boolean;
  result boolean;
BEGIN
  IF ttl IS NULL THEN
    RAISE EXCEPTION 'ttl: more than 0 and at most 36500 days expected, got NULL' USING ERRCODE = 'invalid_parameter_value', HINT = 'kv_persist takes the end away.';
  END IF;
  IF ${schema}._kv_fits(namespace, key, 0, ttl) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, '0', NULL, ttl);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.notifies INTO place, notifies FROM ${schema}.namespace AS n WHERE n.name = kv_expire.namespace;
  IF place = 'd' THEN
    result := ${schema}._kv_durable_expire(namespace, key, ttl);
  ELSIF place = 's' THEN
    result := ${schema}._kv_document_expire(namespace, key, ttl);
  ELSE
    result := ${schema}._kv_ephemeral_expire(namespace, key, ttl);
  END IF;
  IF notifies AND result THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
  END IF;
  RETURN result;
END
$$;

-- Takes the end of a live value away; true when it had one.
CREATE OR REPLACE FUNCTION ${schema}.kv_persist(namespace text, key text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
  notifies boolean;
  result boolean;
BEGIN
  IF ${schema}._kv_fits(namespace, key, 0, NULL) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, '0', NULL, NULL);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.notifies INTO place, notifies FROM ${schema}.namespace AS n WHERE n.name = kv_persist.namespace;
  IF place = 'd' THEN
    result := ${schema}._kv_durable_expire(namespace, key, NULL);
  ELSIF place = 's' THEN
    result := ${schema}._kv_document_expire(namespace, key, NULL);
  ELSE
    result := ${schema}._kv_ephemeral_expire(namespace, key, NULL);
  END IF;
  IF notifies AND result THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
  END IF;
  RETURN result;
END
$$;

-- Merges into a live JSON value (RFC 7396); the merged value, NULL when absent. It keeps its end.
CREATE OR REPLACE FUNCTION ${schema}.kv_patch(namespace text, key text, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  place "char";
  notifies boolean;
  result jsonb;
BEGIN
  IF patch IS NULL THEN
    RAISE EXCEPTION 'patch: a JSON value expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF ${schema}._kv_fits(namespace, key, 0, NULL) IS NOT TRUE THEN
    PERFORM ${schema}._kv_check(namespace, key, '0', NULL, NULL);
  END IF;
  PERFORM ${schema}._namespace_hold(namespace);
  SELECT n.place, n.notifies INTO place, notifies FROM ${schema}.namespace AS n WHERE n.name = kv_patch.namespace;
  IF place = 'd' THEN
    result := ${schema}._kv_durable_patch(namespace, key, patch);
  ELSIF place = 's' THEN
    result := ${schema}._kv_document_patch(namespace, key, patch);
  ELSE
    result := ${schema}._kv_ephemeral_patch(namespace, key, patch);
  END IF;
  IF notifies AND result IS NOT NULL THEN
    PERFORM ${schema}._kv_notify(namespace, ARRAY[key]);
  END IF;
  RETURN result;
END
$$;
