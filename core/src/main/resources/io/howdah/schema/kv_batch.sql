-- Batches: many keys in one statement, each key once, all of one durability level, and arguments that the caller has
-- checked. The engine of the Java library speaks these; kv_get_many, kv_set_many and kv_delete_many are built on them.
-- patience is the lock_timeout of the statement in milliseconds, NULL to keep the caller's; own says that
-- the statement is its own transaction, so that a relaxed one may commit without waiting for the flush.

-- Whether none of these values can be too large for a single write. Not parsed for it: Postgres puts spaces into JSON,
-- and makes at most half as much again of it.
CREATE OR REPLACE FUNCTION ${schema}._kv_batch_fits(vals text[], blobs bytea[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(pg_column_size(vals), 0) + coalesce(pg_column_size(blobs), 0) < 1048576 $$;

-- Checks the values that are too large for that.
CREATE OR REPLACE FUNCTION ${schema}._kv_batch_check(namespaces text[], keys text[], vals text[], blobs bytea[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._kv_check(r.ns, r.k, r.v::jsonb, r.b, NULL)
  FROM unnest(namespaces, keys, vals, blobs) AS r (ns, k, v, b)
  WHERE NOT ${schema}._kv_batch_fits(ARRAY[r.v], ARRAY[r.b]);
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

-- Holds the namespaces; where they live, as a capital letter when one of them has a default time to live, is full, or
-- notifies: then there is more to do. All of one level, or HD006.
CREATE OR REPLACE FUNCTION ${schema}._kv_batch_begin(namespaces text[], patience bigint, own boolean) RETURNS "char"
LANGUAGE plpgsql AS $$
DECLARE
  name text;
  place text;
  durability text;
  levels bigint;
BEGIN
  IF patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', patience::text, true);
  END IF;
  IF namespaces[1] = ALL (namespaces) THEN
    PERFORM ${schema}._namespace_hold(namespaces[1]);
    SELECT CASE WHEN n.default_ttl IS NOT NULL OR n.is_full OR n.notifies THEN upper(n.place::text) ELSE n.place::text END, n.durability
    INTO place, durability
    FROM ${schema}.namespace AS n
    WHERE n.name = namespaces[1];
  ELSE
    FOR name IN SELECT DISTINCT n FROM unnest(namespaces) AS n ORDER BY n LOOP
      PERFORM ${schema}._namespace_hold(name);
    END LOOP;
    SELECT CASE WHEN bool_or(n.default_ttl IS NOT NULL OR n.is_full OR n.notifies) THEN upper(min(coalesce(n.place::text, 'e'))) ELSE min(coalesce(n.place::text, 'e')) END,
           min(coalesce(n.durability, 'ephemeral')),
           count(DISTINCT coalesce(n.durability, 'ephemeral') || coalesce(n.place::text, 'e'))
    INTO place, durability, levels
    FROM (SELECT DISTINCT x AS name FROM unnest(namespaces) AS x) AS u
    LEFT JOIN ${schema}.namespace AS n ON n.name = u.name;
    IF levels > 1 THEN
      RAISE EXCEPTION 'a batch over namespaces of several durability levels' USING ERRCODE = 'HD006';
    END IF;
  END IF;
  IF own AND durability = 'relaxed' THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN coalesce(place, 'e')::"char";
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
  place "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
  refused int[];
  kept int[];
BEGIN
  IF place IN ('E', 'D', 'S') THEN
    place := lower(place::text);
    refused := ${schema}._kv_batch_refused(namespaces, keys, own);
    ttls := ${schema}._kv_batch_ttls(namespaces, ttls);
    IF refused IS NULL THEN
      PERFORM ${schema}._kv_batch_notify(namespaces, keys);
    END IF;
  END IF;
  IF NOT ${schema}._kv_batch_fits(vals, blobs) THEN
    PERFORM ${schema}._kv_batch_check(namespaces, keys, vals, blobs);
  END IF;
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
  place "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
  refused int[];
  kept int[];
BEGIN
  IF place IN ('E', 'D', 'S') THEN
    place := lower(place::text);
    PERFORM ${schema}._kv_batch_notify(namespaces, keys);
    refused := ${schema}._kv_batch_refused(namespaces, keys, own);
    ttls := ${schema}._kv_batch_ttls(namespaces, ttls);
  END IF;
  IF NOT ${schema}._kv_batch_fits(vals, blobs) THEN
    PERFORM ${schema}._kv_batch_check(namespaces, keys, vals, blobs);
  END IF;
  IF refused IS NOT NULL THEN
    RETURN QUERY SELECT namespaces[l], keys[l], NULL::bigint FROM unnest(refused) AS l;
    kept := ARRAY(SELECT i FROM generate_subscripts(keys, 1) AS i WHERE i <> ALL (refused));
    namespaces := ARRAY(SELECT namespaces[l] FROM unnest(kept) AS l);
    keys := ARRAY(SELECT keys[l] FROM unnest(kept) AS l);
    vals := ARRAY(SELECT vals[l] FROM unnest(kept) AS l);
    blobs := ARRAY(SELECT blobs[l] FROM unnest(kept) AS l);
    ttls := ARRAY(SELECT ttls[l] FROM unnest(kept) AS l);
  END IF;
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
  place "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
BEGIN
  IF place IN ('E', 'D', 'S') THEN
    place := lower(place::text);
    PERFORM ${schema}._kv_batch_notify(namespaces, keys);
    ttls := ${schema}._kv_batch_ttls(namespaces, ttls);
  END IF;
  IF NOT ${schema}._kv_batch_fits(vals, blobs) THEN
    PERFORM ${schema}._kv_batch_check(namespaces, keys, vals, blobs);
  END IF;
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
  place "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
BEGIN
  IF place IN ('E', 'D', 'S') THEN
    place := lower(place::text);
    PERFORM ${schema}._kv_batch_notify(namespaces, keys);
  END IF;
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
  place "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
BEGIN
  IF place IN ('E', 'D', 'S') THEN
    place := lower(place::text);
    PERFORM ${schema}._kv_batch_notify(namespaces, keys);
  END IF;
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
  place "char" := ${schema}._kv_batch_begin(namespaces, patience, own);
  refused int[];
  kept int[];
BEGIN
  IF place IN ('E', 'D', 'S') THEN
    place := lower(place::text);
    PERFORM ${schema}._kv_batch_notify(namespaces, keys);
    refused := ${schema}._kv_batch_refused(namespaces, keys, own);
    ttls := ${schema}._kv_batch_ttls(namespaces, ttls);
  END IF;
  IF refused IS NOT NULL THEN
    kept := ARRAY(SELECT i FROM generate_subscripts(keys, 1) AS i WHERE i <> ALL (refused));
    namespaces := ARRAY(SELECT namespaces[l] FROM unnest(kept) AS l);
    keys := ARRAY(SELECT keys[l] FROM unnest(kept) AS l);
    deltas := ARRAY(SELECT deltas[l] FROM unnest(kept) AS l);
    ttls := ARRAY(SELECT ttls[l] FROM unnest(kept) AS l);
  END IF;
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
