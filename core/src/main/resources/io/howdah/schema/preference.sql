-- Preferences. Those of a user are one JSON document; setting one key merges it into the document under the lock of its row, so
-- of many writers each changes its own key, and none another's. Below a user's own lie those of his groups, and below them those
-- of the system. JSON null is a value like any other; absent is what was never set, or unset.
--
-- Locks: each function takes at most one row of one table, and preference_forget one of preference before one of
-- preference_hstore. Who changes several users in one transaction does so in the order of their ids, as with any rows.
--
-- Errors: 22023 bad argument.

CREATE OR REPLACE FUNCTION ${schema}._preference_text(argument text, value text, longest int) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (octet_length(value) BETWEEN 1 AND longest) IS NOT TRUE THEN
    RAISE EXCEPTION '%: 1 to % bytes expected, got %', argument, longest, coalesce(octet_length(value)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._preference_value(value jsonb) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF value IS NULL THEN
    RAISE EXCEPTION 'value: a JSON value expected, got NULL; preference_unset takes one away' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(value::text) > 65536 THEN
    RAISE EXCEPTION 'value: at most 65536 bytes expected, got %', octet_length(value::text) USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- The bounds of one document. Fewer bytes than 8,000 cannot be 1,000 keys: then nobody counts.
CREATE OR REPLACE FUNCTION ${schema}._preference_fits(prefs jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  size constant int := pg_column_size(prefs || '{}');  -- || takes it out of its compression
  keys int;
BEGIN
  IF size > 8000 THEN
    SELECT count(*) INTO keys FROM jsonb_object_keys(prefs);
    IF keys > 1000 THEN
      RAISE EXCEPTION 'key: at most 1000 keys of one user or layer expected, got %', keys USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF size > 1048576 THEN
      RAISE EXCEPTION 'value: at most 1048576 bytes in all preferences of one user or layer expected, got %', size USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END IF;
  RETURN true;
END
$$;

-- Notifies near caches, where they are to be, on the one channel ${schema}.preference: "k HASH preference", with base64 of the first
-- 8 bytes of the sha256 of a letter (u, g or s), a colon, and the name of the user or group. Called when the transaction has its xid,
-- as _cache_evict says. Locks: none until the commit, where Postgres takes one that all share who notify, after all others.
CREATE OR REPLACE FUNCTION ${schema}._preference_notify(layer text, name text) RETURNS void
LANGUAGE sql AS $$
  SELECT pg_notify(
    '${schema}.preference',
    'k ' || encode(substring(sha256(convert_to($1 || ':' || $2, 'UTF8')) FOR 8), 'base64') || ' preference')
  FROM ${schema}.preference_notification
$$;

-- Has changes of preferences notify near caches, or not; whether that is new.
CREATE OR REPLACE FUNCTION ${schema}.preference_notify(enabled boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF enabled IS NULL THEN
    RAISE EXCEPTION 'enabled: true or false expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Applications say it at each start: where nothing changes they write nothing.
  IF enabled = EXISTS (SELECT FROM ${schema}.preference_notification) THEN
    RETURN false;
  END IF;
  IF enabled THEN
    INSERT INTO ${schema}.preference_notification (name) VALUES ('preference') ON CONFLICT ON CONSTRAINT preference_notification_pkey DO NOTHING;
  ELSE
    DELETE FROM ${schema}.preference_notification;
  END IF;
  IF FOUND THEN
    PERFORM pg_notify('${schema}.preference', 's preference');
  END IF;
  RETURN FOUND;
END
$$;

-- Sets one preference of a user, and leaves the others as they are.
CREATE OR REPLACE FUNCTION ${schema}.preference_set(user_id text, key text, value jsonb) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  fits boolean;
BEGIN
  PERFORM ${schema}._preference_text('user_id', preference_set.user_id, 1024);
  PERFORM ${schema}._preference_text('key', preference_set.key, 256);
  PERFORM ${schema}._preference_value(preference_set.value);
  INSERT INTO ${schema}.preference AS p (user_id, prefs, updated_at)
  VALUES (preference_set.user_id, jsonb_build_object(preference_set.key, preference_set.value), clock_timestamp())
  ON CONFLICT ON CONSTRAINT preference_pkey DO UPDATE
  SET prefs = p.prefs || excluded.prefs, updated_at = greatest(p.updated_at + interval '1 microsecond', clock_timestamp())
  RETURNING ${schema}._preference_fits(p.prefs) INTO fits;
  PERFORM ${schema}._preference_notify('u', preference_set.user_id);
END
$$;

-- A preference that the user has set himself; NULL when there is none.
CREATE OR REPLACE FUNCTION ${schema}.preference_get(user_id text, key text) RETURNS jsonb
LANGUAGE sql STABLE AS $$ SELECT p.prefs -> $2 FROM ${schema}.preference AS p WHERE p.user_id = $1 $$;

-- The same for many: the texts are joined by the separator. Rows of those that are there, without the value where that is larger
-- than the budget. LIMIT keeps the planner from joining the whole table.
CREATE OR REPLACE FUNCTION ${schema}._preference_batch_get(user_ids text, keys text, separator text, row_budget int)
RETURNS TABLE (ordinal bigint, value text)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT r.ordinality, CASE WHEN octet_length(v.json) <= $4 THEN v.json END
  FROM ROWS FROM (string_to_table($1, $3), string_to_table($2, $3)) WITH ORDINALITY AS r (u, k, ordinality)
  CROSS JOIN LATERAL (SELECT (p.prefs -> r.k)::text AS json FROM ${schema}.preference AS p WHERE p.user_id = r.u LIMIT 1) AS v
  WHERE v.json IS NOT NULL
$$;

-- Takes one preference away, so that the layers below count; whether there was one.
CREATE OR REPLACE FUNCTION ${schema}.preference_unset(user_id text, key text) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._preference_text('user_id', preference_unset.user_id, 1024);
  PERFORM ${schema}._preference_text('key', preference_unset.key, 256);
  UPDATE ${schema}.preference AS p
  SET prefs = p.prefs - preference_unset.key, updated_at = greatest(p.updated_at + interval '1 microsecond', clock_timestamp())
  WHERE p.user_id = preference_unset.user_id AND p.prefs ? preference_unset.key;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._preference_notify('u', preference_unset.user_id);
  RETURN true;
END
$$;

-- All that the user has set himself, by key. updated_at is when any of them was last changed.
CREATE OR REPLACE FUNCTION ${schema}.preference_all(user_id text) RETURNS TABLE (key text, value jsonb, updated_at timestamptz)
LANGUAGE sql STABLE ROWS 20 AS $$
  SELECT e.key, e.value, p.updated_at
  FROM ${schema}.preference AS p CROSS JOIN LATERAL jsonb_each(p.prefs) AS e
  WHERE p.user_id = $1
  ORDER BY e.key COLLATE "C"
$$;

-- Forgets all that a user has set, here and in the hstore twin; whether there was anything.
CREATE OR REPLACE FUNCTION ${schema}.preference_forget(user_id text) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  n bigint;
  found_any boolean;
BEGIN
  PERFORM ${schema}._preference_text('user_id', preference_forget.user_id, 1024);
  DELETE FROM ${schema}.preference AS p WHERE p.user_id = preference_forget.user_id;
  found_any := FOUND;
  IF found_any THEN
    PERFORM ${schema}._preference_notify('u', preference_forget.user_id);
  END IF;
  IF to_regclass('${schema}.preference_hstore') IS NOT NULL THEN
    EXECUTE 'DELETE FROM ${schema}.preference_hstore AS p WHERE p.user_id = $1' USING preference_forget.user_id;
    GET DIAGNOSTICS n = ROW_COUNT;
  END IF;
  RETURN found_any OR coalesce(n, 0) > 0;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._preference_layer_set(layer text, key text, value jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  fits boolean;
BEGIN
  PERFORM ${schema}._preference_text('key', key, 256);
  PERFORM ${schema}._preference_value(value);
  INSERT INTO ${schema}.preference_layer AS p (group_name, prefs, updated_at)
  VALUES (layer, jsonb_build_object(key, value), clock_timestamp())
  ON CONFLICT ON CONSTRAINT preference_layer_pkey DO UPDATE
  SET prefs = p.prefs || excluded.prefs, updated_at = greatest(p.updated_at + interval '1 microsecond', clock_timestamp())
  RETURNING ${schema}._preference_fits(p.prefs) INTO fits;
  PERFORM ${schema}._preference_notify(CASE layer WHEN '' THEN 's' ELSE 'g' END, layer);
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._preference_layer_unset(layer text, key text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._preference_text('key', key, 256);
  UPDATE ${schema}.preference_layer AS p
  SET prefs = p.prefs - key, updated_at = greatest(p.updated_at + interval '1 microsecond', clock_timestamp())
  WHERE p.group_name = layer AND p.prefs ? key;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._preference_notify(CASE layer WHEN '' THEN 's' ELSE 'g' END, layer);
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._preference_layer_all(layer text) RETURNS TABLE (key text, value jsonb, updated_at timestamptz)
LANGUAGE sql STABLE ROWS 20 AS $$
  SELECT e.key, e.value, p.updated_at
  FROM ${schema}.preference_layer AS p CROSS JOIN LATERAL jsonb_each(p.prefs) AS e
  WHERE p.group_name = $1
  ORDER BY e.key COLLATE "C"
$$;

-- What holds for everybody who has set nothing else.
CREATE OR REPLACE FUNCTION ${schema}.preference_system_set(key text, value jsonb) RETURNS void
LANGUAGE sql AS $$ SELECT ${schema}._preference_layer_set('', $1, $2) $$;

CREATE OR REPLACE FUNCTION ${schema}.preference_system_unset(key text) RETURNS boolean
LANGUAGE sql AS $$ SELECT ${schema}._preference_layer_unset('', $1) $$;

CREATE OR REPLACE FUNCTION ${schema}.preference_system_all() RETURNS TABLE (key text, value jsonb, updated_at timestamptz)
LANGUAGE sql STABLE ROWS 20 AS $$ SELECT * FROM ${schema}._preference_layer_all('') $$;

-- What holds for a group.
CREATE OR REPLACE FUNCTION ${schema}.preference_group_set(group_name text, key text, value jsonb) RETURNS void
LANGUAGE sql AS $$
  SELECT ${schema}._preference_text('group_name', $1, 256);
  SELECT ${schema}._preference_layer_set($1, $2, $3);
$$;

CREATE OR REPLACE FUNCTION ${schema}.preference_group_unset(group_name text, key text) RETURNS boolean
LANGUAGE sql AS $$
  SELECT ${schema}._preference_text('group_name', $1, 256);
  SELECT ${schema}._preference_layer_unset($1, $2);
$$;

CREATE OR REPLACE FUNCTION ${schema}.preference_group_all(group_name text) RETURNS TABLE (key text, value jsonb, updated_at timestamptz)
LANGUAGE sql STABLE ROWS 20 AS $$ SELECT * FROM ${schema}._preference_layer_all(nullif($1, '')) $$;

-- Forgets all that holds for a group; whether there was anything.
CREATE OR REPLACE FUNCTION ${schema}.preference_group_forget(group_name text) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._preference_text('group_name', preference_group_forget.group_name, 256);
  DELETE FROM ${schema}.preference_layer AS p WHERE p.group_name = preference_group_forget.group_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._preference_notify('g', preference_group_forget.group_name);
  RETURN true;
END
$$;

-- What holds for a user, by key: his own, over that of his groups, over that of the system. Of several groups the later one in the
-- array wins. origin is 'user', 'group:NAME' or 'system'.
CREATE OR REPLACE FUNCTION ${schema}.preference_effective(user_id text, groups text[]) RETURNS TABLE (key text, value jsonb, origin text)
LANGUAGE plpgsql STABLE ROWS 20 AS $$
#variable_conflict use_column
DECLARE
  name text;
BEGIN
  PERFORM ${schema}._preference_text('user_id', preference_effective.user_id, 1024);
  IF cardinality(groups) > 1000 THEN
    RAISE EXCEPTION 'groups: at most 1000 expected, got %', cardinality(groups) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOREACH name IN ARRAY coalesce(groups, '{}') LOOP
    PERFORM ${schema}._preference_text('groups', name, 256);
  END LOOP;
  RETURN QUERY
    SELECT DISTINCT ON (e.key COLLATE "C") e.key, e.value, l.origin
    FROM (
      SELECT 0 AS place, 'system' AS origin, b.prefs FROM ${schema}.preference_layer AS b WHERE b.group_name = ''
      UNION ALL
      SELECT g.n, 'group:' || g.name, b.prefs
      FROM unnest(groups) WITH ORDINALITY AS g (name, n) JOIN ${schema}.preference_layer AS b ON b.group_name = g.name
      UNION ALL
      SELECT 2147483647, 'user', p.prefs FROM ${schema}.preference AS p WHERE p.user_id = preference_effective.user_id
    ) AS l
    CROSS JOIN LATERAL jsonb_each(l.prefs) AS e
    ORDER BY e.key COLLATE "C", l.place DESC;
END
$$;

-- Who has set a preference to this value himself: ids in their order, those after the given one. Without preference_index it reads
-- the table until the page is full. The text of the statement is planned with the value in it: rare values go by the index.
CREATE OR REPLACE FUNCTION ${schema}.preference_find(key text, value jsonb, after text DEFAULT '', max_rows int DEFAULT 100)
RETURNS TABLE (user_id text)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
BEGIN
  PERFORM ${schema}._preference_text('key', preference_find.key, 256);
  PERFORM ${schema}._preference_value(preference_find.value);
  IF after IS NULL THEN
    RAISE EXCEPTION 'after: a user_id or an empty text expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (max_rows BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows: 1 to 1000 expected, got %', coalesce(max_rows::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- To contain is not yet to be equal: {"a": 1} contains {}.
  RETURN QUERY EXECUTE
    'SELECT p.user_id::text FROM ${schema}.preference AS p '
    'WHERE p.prefs @> jsonb_build_object($1, $2) AND p.prefs -> $1 = $2 AND p.user_id > $3 ORDER BY p.user_id LIMIT $4'
    USING preference_find.key, preference_find.value, after, max_rows;
END
$$;

-- Makes the index that preference_find can use, or drops it; whether that is new. It is not there from the start, because with it
-- every write to a user's preferences writes to the index too, and none is HOT any more. The owner makes the call; writers wait
-- while it is made. For a large table: CREATE INDEX CONCURRENTLY preference_prefs_idx ON ${schema}.preference USING gin (prefs jsonb_path_ops).
-- Locks: SHARE, or to drop ACCESS EXCLUSIVE, on preference: writers hold no more than ROW EXCLUSIVE on it, and wait for nothing while
-- they hold rows of other tables of Howdah.
CREATE OR REPLACE FUNCTION ${schema}.preference_index(enabled boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  is_there constant boolean := to_regclass('${schema}.preference_prefs_idx') IS NOT NULL;
BEGIN
  IF enabled IS NULL THEN
    RAISE EXCEPTION 'enabled: true or false expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF enabled AND NOT is_there THEN
    CREATE INDEX IF NOT EXISTS preference_prefs_idx ON ${schema}.preference USING gin (prefs jsonb_path_ops);
  ELSIF is_there AND NOT enabled THEN
    DROP INDEX IF EXISTS ${schema}.preference_prefs_idx;
  END IF;
  RETURN enabled <> is_there;
END
$$;
