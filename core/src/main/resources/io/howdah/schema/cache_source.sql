-- Caches that follow tables (source.sql): triggers on the application's own tables evict tags, in the transaction that changes the rows.
-- Each evicts each tag once: it inserts rows of cache_eviction, waits for nobody, and is undone with the statement.

-- What makes the tag of a row r of a table, as an expression of SQL: customer:{customer_id} is 'customer:' || r.customer_id::text. NULL
-- where a column is.
CREATE OR REPLACE FUNCTION ${schema}._cache_tag_expression(source oid, tag text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  rest text := tag;
  part text[];
  value text;
  expression text := '''''';
BEGIN
  LOOP
    part := regexp_match(rest, '^([^{}]*)\{([^{}]+)\}(.*)$');
    EXIT WHEN part IS NULL;
    value := ${schema}._source_column(source, part[2]);
    IF value IS NULL THEN
      RAISE EXCEPTION 'tag: % has no column % of an integer, text, uuid, boolean or enum type', source::regclass, part[2]
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
    expression := format('%s || %L || %s', expression, part[1], value);
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
      ${schema}._source_changed(TG_OP, expression))
    INTO scopes USING TG_ARGV[0];
  END IF;
  IF scopes IS NULL OR cardinality(scopes) > 10000 THEN
    scopes := ARRAY[${schema}._cache_scope(TG_ARGV[0], 'c', '')];
  END IF;
  PERFORM ${schema}._cache_evict(TG_ARGV[0], scopes);
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_trigger(name text, tag text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'howdah_cache_' || md5('${schema}:' || octet_length(name) || ':' || name || tag) $$;

-- Which tables caches follow.
CREATE OR REPLACE FUNCTION ${schema}.cache_dependency_list() RETURNS TABLE (name text, source regclass, tag text)
LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT l.arguments[1], l.source, l.arguments[2] FROM ${schema}._source_list('${schema}._cache_follow'::regproc) AS l ORDER BY 1, 2, 3
$$;

-- From now on each committed change of a table evicts a tag of a cache, for each row that it changes, as it was and as it is:
-- {column} in tag stands for the value of a column, a row where it is NULL has no tag. TRUNCATE evicts the whole cache, as does
-- this call where it is new. Whether it was new.
CREATE OR REPLACE FUNCTION ${schema}.cache_depends_on(name text, source regclass, tag text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  is_new boolean;
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  PERFORM ${schema}._cache_check_tags(ARRAY[tag]);
  IF source IS NULL THEN
    RAISE EXCEPTION 'source: a table expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._cache_tag_expression(source, tag);
  is_new := ${schema}._source_follow(source, ${schema}._cache_trigger(name, tag), '${schema}._cache_follow'::regproc, name, tag);
  IF is_new THEN
    PERFORM ${schema}.cache_clear(name);
  END IF;
  RETURN is_new;
END
$$;

-- The cache follows the table no longer; whether it did.
CREATE OR REPLACE FUNCTION ${schema}.cache_dependency_drop(name text, source regclass, tag text) RETURNS boolean
LANGUAGE sql AS $$ SELECT ${schema}._source_unfollow($2, ${schema}._cache_trigger($1, $3), '${schema}._cache_follow'::regproc) $$;
