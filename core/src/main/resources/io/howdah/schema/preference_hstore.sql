-- Preferences in the type hstore, for those who have them so: keys and texts, in a table of their own, which preference_hstore_enable
-- makes: the type comes with an extension, and that may be in any schema. So each statement is made with the name of that schema; all
-- keys and values are arguments, never text of a statement.
--
-- Locks: one row of preference_hstore. preference_hstore_enable first takes an advisory lock of its own, so that two of them come one
-- after the other; the second waits until the first has committed.
--
-- Errors: 22023 bad argument · 0A000 the extension, or the table, is not there; the hint says what to do.

-- The schema that the extension is in, in quotes where it needs them.
CREATE OR REPLACE FUNCTION ${schema}._preference_hstore_home() RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  home text;
BEGIN
  SELECT quote_ident(n.nspname) INTO home
  FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'hstore';
  IF home IS NULL THEN
    RAISE EXCEPTION 'the extension hstore is not in this database'
      USING ERRCODE = 'feature_not_supported',
            HINT = 'CREATE EXTENSION hstore, then SELECT ${schema}.preference_hstore_enable(). preference_set and the others need no extension.';
  END IF;
  RETURN home;
END
$$;

-- The same where the table has to be there.
CREATE OR REPLACE FUNCTION ${schema}._preference_hstore_ready() RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  home constant text := ${schema}._preference_hstore_home();
BEGIN
  IF to_regclass('${schema}.preference_hstore') IS NULL THEN
    RAISE EXCEPTION 'preferences in hstore are not enabled in the schema ${schema}'
      USING ERRCODE = 'feature_not_supported', HINT = 'The owner calls SELECT ${schema}.preference_hstore_enable().';
  END IF;
  RETURN home;
END
$$;

-- Makes the table, with an index of this kind for preference_hstore_find: 'gin', 'gist', or NULL for none; another call changes the
-- index. Whether anything is new. With an index no update is HOT. The owner makes the call; writers wait while an index is made.
CREATE OR REPLACE FUNCTION ${schema}.preference_hstore_enable(index_kind text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  home constant text := ${schema}._preference_hstore_home();
  is_new boolean;
  kind_there text;
  r record;
BEGIN
  IF index_kind NOT IN ('gin', 'gist') THEN
    RAISE EXCEPTION 'index_kind: gin, gist or NULL expected, got %', left(index_kind, 100) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('${schema}.preference_hstore', 0));
  is_new := to_regclass('${schema}.preference_hstore') IS NULL;
  IF is_new THEN
    EXECUTE format(
      'CREATE TABLE ${schema}.preference_hstore ('
      'user_id text COLLATE "C" NOT NULL, prefs %s.hstore NOT NULL, updated_at timestamptz NOT NULL, '
      'CONSTRAINT preference_hstore_pkey PRIMARY KEY (user_id)) WITH (fillfactor = 80)', home);
    FOR r IN SELECT g.role_name FROM ${schema}.granted_role AS g JOIN pg_catalog.pg_roles AS p ON p.rolname = g.role_name WHERE g.kind = 'app' LOOP
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.preference_hstore TO %I', r.role_name);
    END LOOP;
  END IF;
  SELECT m.amname INTO kind_there
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
  WHERE c.oid = to_regclass('${schema}.preference_hstore_prefs_idx');
  IF kind_there IS NOT DISTINCT FROM index_kind THEN
    RETURN is_new;
  END IF;
  DROP INDEX IF EXISTS ${schema}.preference_hstore_prefs_idx;
  IF index_kind IS NOT NULL THEN
    EXECUTE format(
      'CREATE INDEX preference_hstore_prefs_idx ON ${schema}.preference_hstore USING %1$s (prefs %2$s.%1$s_hstore_ops)', index_kind, home);
  END IF;
  RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}.preference_hstore_set(user_id text, key text, value text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  home constant text := ${schema}._preference_hstore_ready();
  size int;
  keys int;
BEGIN
  PERFORM ${schema}._preference_text('user_id', user_id, 1024);
  PERFORM ${schema}._preference_text('key', key, 256);
  IF (octet_length(value) <= 65536) IS NOT TRUE THEN
    RAISE EXCEPTION 'value: at most 65536 bytes expected, got %', coalesce(octet_length(value)::text, 'NULL; preference_hstore_unset takes one away')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  EXECUTE format(
    'INSERT INTO ${schema}.preference_hstore AS p (user_id, prefs, updated_at) VALUES ($1, %1$s.hstore($2, $3), clock_timestamp()) '
    'ON CONFLICT ON CONSTRAINT preference_hstore_pkey DO UPDATE '
    'SET prefs = p.prefs OPERATOR(%1$s.||) excluded.prefs, updated_at = greatest(p.updated_at, clock_timestamp()) '
    'RETURNING pg_column_size(%1$s.hs_concat(p.prefs, '''')), cardinality(%1$s.akeys(p.prefs))', home)
  INTO size, keys USING user_id, key, value;
  IF keys > 1000 THEN
    RAISE EXCEPTION 'key: at most 1000 keys of one user expected, got %', keys USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF size > 1048576 THEN
    RAISE EXCEPTION 'value: at most 1048576 bytes in all preferences of one user expected, got %', size USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- NULL when absent.
CREATE OR REPLACE FUNCTION ${schema}.preference_hstore_get(user_id text, key text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  home constant text := ${schema}._preference_hstore_ready();
  value text;
BEGIN
  EXECUTE format('SELECT %s.fetchval(p.prefs, $2) FROM ${schema}.preference_hstore AS p WHERE p.user_id = $1', home) INTO value USING user_id, key;
  RETURN value;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}.preference_hstore_unset(user_id text, key text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  home constant text := ${schema}._preference_hstore_ready();
  n bigint;
BEGIN
  PERFORM ${schema}._preference_text('user_id', user_id, 1024);
  PERFORM ${schema}._preference_text('key', key, 256);
  EXECUTE format(
    'UPDATE ${schema}.preference_hstore AS p SET prefs = %1$s.delete(p.prefs, $2), updated_at = greatest(p.updated_at, clock_timestamp()) '
    'WHERE p.user_id = $1 AND %1$s.exist(p.prefs, $2)', home) USING user_id, key;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n > 0;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}.preference_hstore_all(user_id text) RETURNS TABLE (key text, value text, updated_at timestamptz)
LANGUAGE plpgsql STABLE ROWS 20 AS $$
BEGIN
  RETURN QUERY EXECUTE format(
    'SELECT e.key, e.value, p.updated_at FROM ${schema}.preference_hstore AS p CROSS JOIN LATERAL %s.each(p.prefs) AS e '
    'WHERE p.user_id = $1 ORDER BY e.key COLLATE "C"', ${schema}._preference_hstore_ready()) USING user_id;
END
$$;

-- Who has this value under this key: ids in their order, those after the given one.
CREATE OR REPLACE FUNCTION ${schema}.preference_hstore_find(key text, value text, after text DEFAULT '', max_rows int DEFAULT 100)
RETURNS TABLE (user_id text)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
DECLARE
  home constant text := ${schema}._preference_hstore_ready();
BEGIN
  PERFORM ${schema}._preference_text('key', key, 256);
  IF (octet_length(value) <= 65536) IS NOT TRUE THEN
    RAISE EXCEPTION 'value: at most 65536 bytes expected, got %', coalesce(octet_length(value)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF after IS NULL THEN
    RAISE EXCEPTION 'after: a user_id or an empty text expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (max_rows BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows: 1 to 1000 expected, got %', coalesce(max_rows::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN QUERY EXECUTE format(
    'SELECT p.user_id::text FROM ${schema}.preference_hstore AS p '
    'WHERE p.prefs OPERATOR(%1$s.@>) %1$s.hstore($1, $2) AND p.user_id > $3 ORDER BY p.user_id LIMIT $4', home)
  USING key, value, after, max_rows;
END
$$;
