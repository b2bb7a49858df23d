-- What can be done to one table of keys and values. Instantiated for kv_ephemeral, kv_durable and
-- kv_document (${table}): plpgsql needs static statements, or it would plan at each call.
-- kv_write.sql chooses the table, has checked the arguments and holds the namespace before it comes here: it
-- says "settled". Who calls kv_ephemeral's functions with settled = false (the quick way: most namespaces live there)
-- has checked the arguments, is READ COMMITTED, and lets them try: they do it if the namespace is plainly here;
-- otherwise, and when there was nothing to do, they go the whole way through kv_write.sql. Postgres prepares every node of
-- every expression anew in each transaction: that is most of what a single write costs beyond its rows, so there are few.
--
-- Locks, for every function below: a single takes one row lock, the row (ns, k). A batch takes its
-- row locks in the order of (namespace, key), COLLATE "C", and touches one table; so two batches
-- wait for each other in one direction only. Batches get each key once.
--
-- Batches need a generic plan: the custom plan that Postgres prefers for a short array costs more to make than to
-- run. An array that comes out of a sub-select has no length that a plan could look at; where that does not help, the
-- function sets plan_cache_mode, which costs on each call. No sequential scan, because a plan made while the table was
-- small is kept while it grows.

-- Live means: not past its end when the statement began.

CREATE OR REPLACE FUNCTION ${schema}._${table}_set(ns text, k text, v jsonb, b bytea, ttl interval, settled boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  new_version bigint;
BEGIN
  IF settled OR (coalesce(pg_column_size(v), octet_length(b)) < 2097152 AND ${schema}._namespace_try_hold(ns)) THEN
    INSERT INTO ${schema}.${table} AS t (namespace, key, value, bytes, version, expires_at, created_at, updated_at)
    SELECT ns, k, v, b, ${schema}._kv_version(), statement_timestamp() + ttl, statement_timestamp(), statement_timestamp()
    WHERE settled OR NOT EXISTS (
      SELECT FROM ${schema}.namespace AS n WHERE n.name = ns AND NOT n.is_plain)
    ON CONFLICT (namespace, key) DO UPDATE
    SET value = excluded.value,
        bytes = excluded.bytes,
        version = greatest(t.version + 1, excluded.version),
        expires_at = excluded.expires_at,
        created_at = CASE WHEN t.expires_at <= excluded.updated_at THEN excluded.created_at ELSE t.created_at END,
        updated_at = excluded.updated_at
    RETURNING t.version INTO new_version;
  END IF;
  IF new_version IS NULL THEN
    RETURN ${schema}._kv_set(ns, k, v, b, ttl);
  END IF;
  RETURN new_version;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_set_if_absent(ns text, k text, v jsonb, b bytea, ttl interval, settled boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  new_version bigint;
BEGIN
  IF settled OR (coalesce(pg_column_size(v), octet_length(b)) < 2097152 AND ${schema}._namespace_try_hold(ns)) THEN
    INSERT INTO ${schema}.${table} AS t (namespace, key, value, bytes, version, expires_at, created_at, updated_at)
    SELECT ns, k, v, b, ${schema}._kv_version(), statement_timestamp() + ttl, statement_timestamp(), statement_timestamp()
    WHERE settled OR NOT EXISTS (
      SELECT FROM ${schema}.namespace AS n WHERE n.name = ns AND NOT n.is_plain)
    ON CONFLICT (namespace, key) DO UPDATE
    SET value = excluded.value,
        bytes = excluded.bytes,
        version = greatest(t.version + 1, excluded.version),
        expires_at = excluded.expires_at,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at
    WHERE t.expires_at <= excluded.updated_at
    RETURNING t.version INTO new_version;
  END IF;
  IF new_version IS NULL AND NOT settled THEN
    RETURN ${schema}._kv_set_if_absent(ns, k, v, b, ttl);
  END IF;
  RETURN new_version;
END
$$;

-- Replaces a live value; with expected, only that version of it. It gets a new end, or keeps the one it has.
CREATE OR REPLACE FUNCTION ${schema}._${table}_replace(
  ns text, k text, expected bigint, v jsonb, b bytea, ttl interval, keeps_end boolean) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  new_version bigint;
BEGIN
  UPDATE ${schema}.${table} AS t
  SET value = v,
      bytes = b,
      version = greatest(t.version + 1, ${schema}._kv_version()),
      expires_at = CASE WHEN keeps_end THEN t.expires_at ELSE statement_timestamp() + ttl END,
      updated_at = statement_timestamp()
  WHERE t.namespace = ns AND t.key = k
    AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
    AND (expected IS NULL OR t.version = expected)
  RETURNING t.version INTO new_version;
  RETURN new_version;
END
$$;

-- The previous live value, both NULL when there was none.
CREATE OR REPLACE FUNCTION ${schema}._${table}_exchange(
  ns text, k text, v jsonb, b bytea, ttl interval, OUT old_value jsonb, OUT old_bytes bytea)
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  old_end timestamptz;
BEGIN
  LOOP
    SELECT t.value, t.bytes, t.expires_at INTO old_value, old_bytes, old_end
    FROM ${schema}.${table} AS t WHERE t.namespace = ns AND t.key = k FOR UPDATE;
    IF FOUND THEN
      PERFORM ${schema}._${table}_set(ns, k, v, b, ttl, true);
      IF old_end <= statement_timestamp() THEN
        old_value := NULL;
        old_bytes := NULL;
      END IF;
      RETURN;
    END IF;
    IF ${schema}._${table}_set_if_absent(ns, k, v, b, ttl, true) IS NOT NULL THEN
      RETURN;
    END IF;
  END LOOP;
END
$$;

-- Deletes, and returns what was deleted. A dead row goes too, but counts as absent.
CREATE OR REPLACE FUNCTION ${schema}._${table}_delete(
  ns text, k text, expected bigint, OUT deleted boolean, OUT old_value jsonb, OUT old_bytes bytea)
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
  DELETE FROM ${schema}.${table} AS t
  WHERE t.namespace = ns AND t.key = k AND (expected IS NULL OR t.version = expected)
  RETURNING t.expires_at IS NULL OR t.expires_at > statement_timestamp(), t.value, t.bytes
  INTO deleted, old_value, old_bytes;
  IF deleted IS NOT TRUE THEN
    deleted := false;
    old_value := NULL;
    old_bytes := NULL;
  END IF;
END
$$;

-- An absent key counts from 0 and ends after ttl; a live value keeps its end unless told otherwise.
CREATE OR REPLACE FUNCTION ${schema}._${table}_increment(ns text, k text, delta bigint, ttl interval, replaces_end boolean, settled boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  result bigint;
BEGIN
  IF settled OR ${schema}._namespace_try_hold(ns) THEN
    INSERT INTO ${schema}.${table} AS t (namespace, key, value, version, expires_at, created_at, updated_at)
    SELECT ns, k, to_jsonb(delta), ${schema}._kv_version(), statement_timestamp() + ttl, statement_timestamp(), statement_timestamp()
    WHERE settled OR NOT EXISTS (
      SELECT FROM ${schema}.namespace AS n WHERE n.name = ns AND NOT n.is_plain)
    ON CONFLICT (namespace, key) DO UPDATE
    SET value = CASE WHEN t.expires_at <= excluded.updated_at THEN excluded.value
                     ELSE to_jsonb(t.value::bigint + delta) END,
        bytes = NULL,
        version = greatest(t.version + 1, excluded.version),
        expires_at = CASE WHEN t.expires_at <= excluded.updated_at OR replaces_end THEN excluded.expires_at
                          ELSE t.expires_at END,
        created_at = CASE WHEN t.expires_at <= excluded.updated_at THEN excluded.created_at ELSE t.created_at END,
        updated_at = excluded.updated_at
    WHERE t.expires_at <= excluded.updated_at OR ${schema}._kv_is_integer(t.value)
    RETURNING t.value::bigint INTO result;
  END IF;
  IF result IS NULL THEN
    IF NOT settled THEN
      RETURN ${schema}._kv_increment(ns, k, delta, ttl);
    END IF;
    PERFORM ${schema}._kv_refuse_increment(ns, k, (SELECT t.value FROM ${schema}.${table} AS t WHERE t.namespace = ns AND t.key = k));
  END IF;
  RETURN result;
END
$$;

-- Sets the end of a live value; NULL takes it away, which is refused where there is none to take.
CREATE OR REPLACE FUNCTION ${schema}._${table}_expire(ns text, k text, ttl interval) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
  UPDATE ${schema}.${table} AS t
  SET expires_at = statement_timestamp() + ttl
  WHERE t.namespace = ns AND t.key = k
    AND (t.expires_at > statement_timestamp() OR (t.expires_at IS NULL AND ttl IS NOT NULL));
  RETURN FOUND;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_patch(ns text, k text, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  merged jsonb;
  is_bytes boolean;
BEGIN
  SELECT t.value, t.value IS NULL INTO merged, is_bytes
  FROM ${schema}.${table} AS t
  WHERE t.namespace = ns AND t.key = k AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
  FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF is_bytes THEN
    PERFORM ${schema}._kv_refuse_kind(ns, k, 'JSON', 'bytes');
  END IF;
  merged := ${schema}._kv_measured(${schema}._kv_merge(merged, patch));
  UPDATE ${schema}.${table} AS t
  SET value = merged,
      version = greatest(t.version + 1, ${schema}._kv_version()),
      updated_at = statement_timestamp()
  WHERE t.namespace = ns AND t.key = k;
  RETURN merged;
END
$$;

-- Batches. Each returns the keys that it changed; a key that is not returned was refused.

CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_get(namespaces text[], keys text[], row_budget int)
RETURNS TABLE (ordinal bigint, value text, bytes bytea, version bigint)
LANGUAGE plpgsql STABLE ROWS 100 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT r.ordinality,
           CASE WHEN octet_length(t.json) <= row_budget THEN t.json END,
           CASE WHEN octet_length(t.bytes) <= row_budget THEN t.bytes END,
           t.version
    FROM unnest(namespaces, keys) WITH ORDINALITY AS r (ns, k, ordinality)
    CROSS JOIN LATERAL (
      SELECT CASE WHEN ${schema}._kv_may_fit(x.value, row_budget) THEN x.value::text END AS json, x.bytes, x.version
      FROM ${schema}.${table} AS x
      WHERE x.namespace = r.ns AND x.key = r.k AND (x.expires_at IS NULL OR x.expires_at > statement_timestamp())
      OFFSET 0
    ) AS t;
END
$$;

-- The new versions, in the order of (namespace, key), COLLATE "C". steps is how many calls a value stands for, at most:
-- their versions end with that of the value, and no other value may have had one of them.
CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_set(
  namespaces text[], keys text[], vals text[], blobs bytea[], ttls interval[], steps int, settled boolean) RETURNS SETOF bigint
LANGUAGE plpgsql ROWS 100 AS $$
BEGIN
  IF settled OR (namespaces[1] = ALL (namespaces) AND ${schema}._kv_batch_fits(vals, blobs) AND ${schema}._namespace_try_hold(namespaces[1])) THEN
    RETURN QUERY
      INSERT INTO ${schema}.${table} AS t (namespace, key, value, bytes, version, expires_at, created_at, updated_at)
      SELECT r.ns, r.k, r.v::jsonb, r.b, ${schema}._kv_version(), statement_timestamp() + r.ttl, statement_timestamp(), statement_timestamp()
      FROM unnest((SELECT namespaces), (SELECT keys), (SELECT vals), (SELECT blobs), (SELECT ttls)) AS r (ns, k, v, b, ttl)
      WHERE settled OR NOT EXISTS (
        SELECT FROM ${schema}.namespace AS n WHERE n.name = namespaces[1] AND NOT n.is_plain)
      ORDER BY r.ns COLLATE "C", r.k COLLATE "C"
      ON CONFLICT (namespace, key) DO UPDATE
      SET value = excluded.value,
          bytes = excluded.bytes,
          version = greatest(t.version + steps, excluded.version),
          expires_at = excluded.expires_at,
          created_at = CASE WHEN t.expires_at <= excluded.updated_at THEN excluded.created_at ELSE t.created_at END,
          updated_at = excluded.updated_at
      RETURNING t.version;
    IF FOUND THEN
      RETURN;
    END IF;
  END IF;
  IF NOT settled THEN
    RETURN QUERY SELECT s.version FROM ${schema}.kv_batch_set(namespaces, keys, vals, blobs, ttls, steps, NULL, true) AS s (version);
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_set_if_absent(namespaces text[], keys text[], vals text[], blobs bytea[], ttls interval[])
RETURNS TABLE (namespace text, key text, number bigint)
LANGUAGE plpgsql ROWS 100 AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    INSERT INTO ${schema}.${table} AS t (namespace, key, value, bytes, version, expires_at, created_at, updated_at)
    SELECT r.ns, r.k, r.v::jsonb, r.b, ${schema}._kv_version(), statement_timestamp() + r.ttl, statement_timestamp(), statement_timestamp()
    FROM unnest((SELECT namespaces), (SELECT keys), (SELECT vals), (SELECT blobs), (SELECT ttls)) AS r (ns, k, v, b, ttl)
    ORDER BY r.ns COLLATE "C", r.k COLLATE "C"
    ON CONFLICT (namespace, key) DO UPDATE
    SET value = excluded.value,
        bytes = excluded.bytes,
        version = greatest(t.version + 1, excluded.version),
        expires_at = excluded.expires_at,
        created_at = excluded.created_at,
        updated_at = excluded.updated_at
    WHERE t.expires_at <= excluded.updated_at
    RETURNING t.namespace, t.key, t.version;
END
$$;

-- UPDATE and DELETE would lock in the order of their plan. So they lock first, in key order, and
-- then change only what they have locked: a row that appears in between is not waited for.
CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_lock(namespaces text[], keys text[], versions bigint[])
RETURNS int[]
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  locked int[];
BEGIN
  SELECT array_agg(l.ordinality::int) INTO locked
  FROM (
    SELECT r.ordinality
    FROM (
      SELECT * FROM unnest(namespaces, keys, versions) WITH ORDINALITY AS u (ns, k, expected, ordinality)
      ORDER BY u.ns COLLATE "C", u.k COLLATE "C"
    ) AS r
    CROSS JOIN LATERAL (
      SELECT x.version
      FROM ${schema}.${table} AS x
      WHERE x.namespace = r.ns AND x.key = r.k
      FOR UPDATE
    ) AS t
    WHERE r.expected IS NULL OR t.version = r.expected
  ) AS l;
  RETURN locked;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_replace(
  namespaces text[], keys text[], vals text[], blobs bytea[], ttls interval[], versions bigint[], keeps_end boolean, steps int)
RETURNS TABLE (namespace text, key text, number bigint)
LANGUAGE plpgsql ROWS 100 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  locked constant int[] := ${schema}._${table}_batch_lock(namespaces, keys, versions);
BEGIN
  RETURN QUERY
    UPDATE ${schema}.${table} AS t
    SET value = r.v,
        bytes = r.b,
        version = greatest(t.version + steps, ${schema}._kv_version()),
        expires_at = CASE WHEN keeps_end THEN t.expires_at ELSE statement_timestamp() + r.ttl END,
        updated_at = statement_timestamp()
    FROM (
      SELECT namespaces[l] AS ns, keys[l] AS k, vals[l]::jsonb AS v, blobs[l] AS b, ttls[l] AS ttl
      FROM unnest(locked) AS l
      OFFSET 0
    ) AS r
    WHERE t.namespace = r.ns AND t.key = r.k
      AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
    RETURNING t.namespace, t.key, t.version;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_delete(namespaces text[], keys text[], versions bigint[])
RETURNS TABLE (namespace text, key text, value text, bytes bytea)
LANGUAGE plpgsql ROWS 100 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  locked constant int[] := ${schema}._${table}_batch_lock(namespaces, keys, versions);
BEGIN
  RETURN QUERY
    WITH gone AS (
      DELETE FROM ${schema}.${table} AS t
      USING (SELECT namespaces[l] AS ns, keys[l] AS k FROM unnest(locked) AS l OFFSET 0) AS r
      WHERE t.namespace = r.ns AND t.key = r.k
      RETURNING t.namespace, t.key, t.value, t.bytes, t.expires_at
    )
    SELECT g.namespace, g.key, g.value::text, g.bytes
    FROM gone AS g
    WHERE g.expires_at IS NULL OR g.expires_at > statement_timestamp();
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_expire(namespaces text[], keys text[], ttls interval[])
RETURNS TABLE (namespace text, key text)
LANGUAGE plpgsql ROWS 100 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  locked constant int[] := ${schema}._${table}_batch_lock(namespaces, keys, NULL);
BEGIN
  RETURN QUERY
    UPDATE ${schema}.${table} AS t
    SET expires_at = statement_timestamp() + r.ttl
    FROM (SELECT namespaces[l] AS ns, keys[l] AS k, ttls[l] AS ttl FROM unnest(locked) AS l OFFSET 0) AS r
    WHERE t.namespace = r.ns AND t.key = r.k
      AND (t.expires_at > statement_timestamp() OR (t.expires_at IS NULL AND r.ttl IS NOT NULL))
    RETURNING t.namespace, t.key;
END
$$;

-- A key whose value is no integer, or is near the end of the range, is left alone and not returned.
CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_increment(
  namespaces text[], keys text[], deltas bigint[], ttls interval[], replaces_end boolean)
RETURNS TABLE (namespace text, key text, number bigint)
LANGUAGE plpgsql ROWS 100 AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    INSERT INTO ${schema}.${table} AS t (namespace, key, value, version, expires_at, created_at, updated_at)
    SELECT r.ns, r.k, to_jsonb(r.delta), ${schema}._kv_version(), statement_timestamp() + r.ttl, statement_timestamp(), statement_timestamp()
    FROM unnest((SELECT namespaces), (SELECT keys), (SELECT deltas), (SELECT ttls)) AS r (ns, k, delta, ttl)
    ORDER BY r.ns COLLATE "C", r.k COLLATE "C"
    ON CONFLICT (namespace, key) DO UPDATE
    SET value = CASE WHEN t.expires_at <= excluded.updated_at THEN excluded.value
                     ELSE to_jsonb(t.value::bigint + excluded.value::bigint) END,
        bytes = NULL,
        version = greatest(t.version + 1, excluded.version),
        expires_at = CASE WHEN t.expires_at <= excluded.updated_at OR replaces_end THEN excluded.expires_at
                          ELSE t.expires_at END,
        created_at = CASE WHEN t.expires_at <= excluded.updated_at THEN excluded.created_at ELSE t.created_at END,
        updated_at = excluded.updated_at
    WHERE t.expires_at <= excluded.updated_at OR ${schema}._kv_is_summable(t.value)
    RETURNING t.namespace, t.key, t.value::bigint;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_busy(namespaces text[], keys text[]) RETURNS SETOF bigint
LANGUAGE plpgsql ROWS 100 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
  RETURN QUERY
    SELECT r.ordinality
    FROM unnest(namespaces, keys) WITH ORDINALITY AS r (ns, k, ordinality)
    CROSS JOIN LATERAL (
      SELECT x.version FROM ${schema}.${table} AS x WHERE x.namespace = r.ns AND x.key = r.k OFFSET 0
    ) AS present
    LEFT JOIN LATERAL (
      SELECT x.version FROM ${schema}.${table} AS x WHERE x.namespace = r.ns AND x.key = r.k FOR UPDATE SKIP LOCKED
    ) AS taken ON true
    WHERE taken.version IS NULL;
END
$$;

-- JSON as its text, which is what is sent, so that the page is bounded by its real size: pg_column_size would be that
-- of the compressed value, and nothing for bytes. A value behind the bound is not fetched, but for the first of them.
CREATE OR REPLACE FUNCTION ${schema}._${table}_scan(ns text, prefix text, after text, max_rows int)
RETURNS TABLE (key text, value text, bytes bytea, version bigint, expires_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 100 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  r record;
  size bigint := 0;
BEGIN
  -- No key is longer than 1,024 bytes, so none that begins with prefix is behind this upper end.
  FOR r IN
    SELECT t.key, t.value, t.bytes, t.version, t.expires_at
    FROM ${schema}.${table} AS t
    WHERE t.namespace = ns AND t.key >= prefix AND t.key > after AND t.key <= prefix || repeat(U&'\+10FFFF', 256)
      AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
    ORDER BY t.key
    LIMIT max_rows
  LOOP
    value := r.value::text;
    bytes := r.bytes;
    EXIT WHEN size > 0 AND size + coalesce(octet_length(value), octet_length(bytes)) > ${schema}._kv_page_bytes();
    size := size + 1 + coalesce(octet_length(value), octet_length(bytes));
    key := r.key;
    version := r.version;
    expires_at := r.expires_at;
    RETURN NEXT;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_count(ns text, prefix text) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT count(*)
  FROM ${schema}.${table} AS t
  WHERE t.namespace = ns AND t.key >= prefix AND t.key <= prefix || repeat(U&'\+10FFFF', 256)
    AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
$$;
