-- Caches that follow tables: triggers on the application's own tables evict tags, in the transaction that changes the rows.
--
-- Each trigger belongs to a statement: it looks at all rows that changed, by their transition tables, and evicts each tag
-- once. It inserts rows of cache_eviction, waits for nobody, and is undone with the statement.
-- Locks: who adds or drops a dependency locks the table against writers (SHARE ROW EXCLUSIVE), asking in short slices, so that
-- nobody queues behind the request for long. It holds nothing else while it waits.

-- What makes the tag of a row r of a table, as an expression of SQL: customer:{customer_id} is 'customer:' || r.customer_id::text. NULL
-- where a column is. Only types whose text is the same under all settings.
CREATE OR REPLACE FUNCTION ${schema}._cache_tag_expression(source oid, tag text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  rest text := tag;
  part text[];
  is_enum boolean;
  expression text := '''''';
BEGIN
  LOOP
    part := regexp_match(rest, '^([^{}]*)\{([^{}]+)\}(.*)$');
    EXIT WHEN part IS NULL;
    SELECT t.typtype = 'e' INTO is_enum
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = source AND a.attname = part[2] AND a.attnum > 0 AND NOT a.attisdropped
      AND (t.typtype = 'e' OR (
        t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ('int2', 'int4', 'int8', 'text', 'varchar', 'bpchar', 'uuid', 'bool')));
    IF NOT FOUND THEN
      RAISE EXCEPTION 'tag: % has no column % of an integer, text, uuid, boolean or enum type', source::regclass, part[2]
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- An enum by its output function: whoever has the type may have made a cast to text, which would run with the rights of
    -- _cache_follow.
    expression := expression
      || format(CASE WHEN is_enum THEN ' || %L || textin(enum_out(r.%I))' ELSE ' || %L || r.%I::text' END, part[1], part[2]);
    rest := part[3];
  END LOOP;
  IF rest ~ '[{}]' THEN
    RAISE EXCEPTION 'tag: a text with {columns} expected, got %', tag USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Whatever collations the columns have: tags are the same when their bytes are.
  RETURN format('((%s || %L) COLLATE "C")', expression, rest);
END
$$;

-- Runs after a statement that changed a table. With its owner's rights, since whoever may write to that table need have none here.
-- One that changes more than 10,000 tags evicts the whole cache, and so does each where the tag names no column any more.
CREATE OR REPLACE FUNCTION ${schema}._cache_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  expression text;
  scopes bigint[];
BEGIN
  IF TG_OP <> 'TRUNCATE' THEN
    BEGIN
      expression := ${schema}._cache_tag_expression(TG_RELID, TG_ARGV[1]);
    EXCEPTION WHEN invalid_parameter_value THEN
      NULL; -- A column has been dropped, or renamed: the application's writes must not fail for that.
    END;
  END IF;
  IF expression IS NOT NULL THEN
    EXECUTE format(
      'SELECT ARRAY(SELECT ${schema}._cache_scope($1, ''t'', t.tag) FROM (%s) AS t (tag) WHERE t.tag IS NOT NULL LIMIT 10001)',
      CASE TG_OP
        WHEN 'INSERT' THEN format('SELECT DISTINCT %s FROM howdah_new AS r', expression)
        WHEN 'DELETE' THEN format('SELECT DISTINCT %s FROM howdah_old AS r', expression)
        ELSE format('SELECT %1$s FROM howdah_old AS r UNION SELECT %1$s FROM howdah_new AS r', expression)
      END)
    INTO scopes USING TG_ARGV[0];
  END IF;
  IF scopes IS NULL OR cardinality(scopes) > 10000 THEN
    scopes := ARRAY[${schema}._cache_scope(TG_ARGV[0], 'c', '')];
  END IF;
  PERFORM ${schema}._cache_evict(TG_ARGV[0], scopes);
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_trigger(name text, tag text, event text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'howdah_cache_' || md5('${schema}:' || octet_length(name) || ':' || name || tag) || '_' || lower(event) $$;

CREATE OR REPLACE FUNCTION ${schema}._cache_lock_source(source regclass) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  patience constant text := current_setting('lock_timeout');
  give_up_at constant timestamptz := clock_timestamp() + interval '10 seconds';
BEGIN
  LOOP
    BEGIN
      PERFORM set_config('lock_timeout', '20ms', true);
      EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', source);
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF clock_timestamp() > give_up_at THEN
        RAISE EXCEPTION '%: open transactions have been writing to it for 10 seconds', source
          USING ERRCODE = 'HD009', HINT = 'End the long transactions that write to it, or try again later.';
      END IF;
      PERFORM pg_sleep(0.1);
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', patience, true);
END
$$;

-- Which tables caches follow.
CREATE OR REPLACE FUNCTION ${schema}.cache_dependency_list() RETURNS TABLE (name text, source regclass, tag text)
LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT DISTINCT a.args[1], t.tgrelid::regclass, a.args[2]
  FROM pg_catalog.pg_trigger AS t
  CROSS JOIN LATERAL (
    SELECT array_agg(convert_from(x.arg, current_setting('server_encoding')) ORDER BY x.place)
    FROM (
      SELECT decode(u.arg, 'hex') AS arg, u.place
      FROM unnest(string_to_array(encode(t.tgargs, 'hex'), '00')) WITH ORDINALITY AS u (arg, place)
      WHERE u.place <= t.tgnargs
    ) AS x
  ) AS a (args)
  WHERE t.tgfoid = '${schema}._cache_follow'::regproc
  ORDER BY 1, 2, 3
$$;

-- From now on each committed change of a table evicts a tag of a cache, for each row that it changes, as it was and as it is:
-- {column} in tag stands for the value of a column, a row where it is NULL has no tag. TRUNCATE evicts the whole cache, as does
-- this call where it is new. Whether it was new; where not it waits for nobody. It takes the TRIGGER right on the table.
CREATE OR REPLACE FUNCTION ${schema}.cache_depends_on(name text, source regclass, tag text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  event text;
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  PERFORM ${schema}._cache_check_tags(ARRAY[tag]);
  IF source IS NULL THEN
    RAISE EXCEPTION 'source: a table expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._cache_tag_expression(source, tag);
  IF EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid = source AND t.tgname = ${schema}._cache_trigger(name, tag, 'TRUNCATE') AND t.tgfoid = '${schema}._cache_follow'::regproc)
  THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._cache_lock_source(source);
  FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] LOOP
    EXECUTE format(
      'CREATE OR REPLACE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION ${schema}._cache_follow(%L, %L)',
      ${schema}._cache_trigger(name, tag, event), event, source,
      CASE event
        WHEN 'INSERT' THEN 'REFERENCING NEW TABLE AS howdah_new'
        WHEN 'UPDATE' THEN 'REFERENCING OLD TABLE AS howdah_old NEW TABLE AS howdah_new'
        WHEN 'DELETE' THEN 'REFERENCING OLD TABLE AS howdah_old'
        ELSE ''
      END,
      name, tag);
  END LOOP;
  PERFORM ${schema}.cache_clear(name);
  RETURN true;
END
$$;

-- The cache follows the table no longer; whether it did.
CREATE OR REPLACE FUNCTION ${schema}.cache_dependency_drop(name text, source regclass, tag text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  event text;
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid = source AND t.tgname = ${schema}._cache_trigger(name, tag, 'TRUNCATE') AND t.tgfoid = '${schema}._cache_follow'::regproc)
  THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._cache_lock_source(source);
  FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', ${schema}._cache_trigger(name, tag, event), source);
  END LOOP;
  RETURN true;
END
$$;
