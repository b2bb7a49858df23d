-- Channels that follow tables: triggers on the application's own tables publish in the transaction that changes the rows, one message
-- for each statement and distinct value of a column. As cache_source.sql, whose locks they take.

-- The value of a column of the row r, as an expression of SQL. Only types whose text is the same under all settings.
CREATE OR REPLACE FUNCTION ${schema}._channel_column(source oid, column_name text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  is_enum boolean;
BEGIN
  SELECT t.typtype = 'e' INTO is_enum
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  WHERE a.attrelid = source AND a.attname = column_name AND a.attnum > 0 AND NOT a.attisdropped
    AND (t.typtype = 'e' OR (
      t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ('int2', 'int4', 'int8', 'text', 'varchar', 'bpchar', 'uuid', 'bool')));
  IF NOT FOUND THEN
    RAISE EXCEPTION 'column_name: % has no column % of an integer, text, uuid, boolean or enum type',
      source::regclass, coalesce(column_name, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- An enum by its output function: see _cache_tag_expression.
  RETURN format(CASE WHEN is_enum THEN '(textin(enum_out(r.%I)) COLLATE "C")' ELSE '(r.%I::text COLLATE "C")' END, column_name);
END
$$;

-- Runs after a statement that changed a table. With its owner's rights, since whoever may write to that table need have none
-- here. An empty message says that any value may have changed: after TRUNCATE, a statement with more than 1,000 values, or one value
-- that is no payload, and each statement where the column is gone.
CREATE OR REPLACE FUNCTION ${schema}._channel_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  expression text;
  payloads text[];
BEGIN
  IF TG_OP <> 'TRUNCATE' THEN
    BEGIN
      expression := ${schema}._channel_column(TG_RELID, TG_ARGV[1]);
    EXCEPTION WHEN invalid_parameter_value THEN
      NULL; -- A column has been dropped, or renamed: the application's writes must not fail for that.
    END;
  END IF;
  IF expression IS NOT NULL THEN
    EXECUTE format(
      'SELECT ARRAY(SELECT v.value FROM (%s) AS v (value) WHERE v.value IS NOT NULL ORDER BY 1 LIMIT 1001)',
      CASE TG_OP
        WHEN 'INSERT' THEN format('SELECT DISTINCT %s FROM howdah_new AS r', expression)
        WHEN 'DELETE' THEN format('SELECT DISTINCT %s FROM howdah_old AS r', expression)
        ELSE format('SELECT %1$s FROM howdah_old AS r UNION SELECT %1$s FROM howdah_new AS r', expression)
      END)
    INTO payloads;
    IF cardinality(payloads) > 1000 OR EXISTS (SELECT FROM unnest(payloads) AS p WHERE octet_length(p) > 1048576) THEN
      payloads := NULL;
    END IF;
  END IF;
  payloads := coalesce(payloads, ARRAY['']);
  PERFORM ${schema}._channel_publish(array_fill(TG_ARGV[0], ARRAY[cardinality(payloads)]), payloads);
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._channel_trigger(channel text, column_name text, event text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT 'howdah_channel_' || md5('${schema}:' || octet_length(channel) || ':' || channel || column_name) || '_' || lower(event)
$$;

CREATE OR REPLACE FUNCTION ${schema}._channel_follows(source regclass, channel text, column_name text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t
    WHERE t.tgrelid = source AND t.tgname = ${schema}._channel_trigger(channel, column_name, 'TRUNCATE')
      AND t.tgfoid = '${schema}._channel_follow'::regproc)
$$;

-- From now on each statement that changes a table publishes, when it is committed, each distinct value that a column has in the
-- rows that it changes, as they were and as they are, to a channel; NULL is none. Whether that is new; where not it waits
-- for nobody. It takes the TRIGGER right on the table.
CREATE OR REPLACE FUNCTION ${schema}.notify_on(source regclass, channel text, column_name text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  event text;
BEGIN
  PERFORM ${schema}._channel_check(channel);
  IF source IS NULL THEN
    RAISE EXCEPTION 'source: a table expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._channel_column(source, column_name);
  IF ${schema}._channel_follows(source, channel, column_name) THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._cache_lock_source(source);
  FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] LOOP
    EXECUTE format(
      'CREATE OR REPLACE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION ${schema}._channel_follow(%L, %L)',
      ${schema}._channel_trigger(channel, column_name, event), event, source,
      CASE event
        WHEN 'INSERT' THEN 'REFERENCING NEW TABLE AS howdah_new'
        WHEN 'UPDATE' THEN 'REFERENCING OLD TABLE AS howdah_old NEW TABLE AS howdah_new'
        WHEN 'DELETE' THEN 'REFERENCING OLD TABLE AS howdah_old'
        ELSE ''
      END,
      channel, column_name);
  END LOOP;
  RETURN true;
END
$$;

-- The channel follows the table no longer; whether it did.
CREATE OR REPLACE FUNCTION ${schema}.notify_on_drop(source regclass, channel text, column_name text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  event text;
BEGIN
  IF NOT ${schema}._channel_follows(source, channel, column_name) THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._cache_lock_source(source);
  FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', ${schema}._channel_trigger(channel, column_name, event), source);
  END LOOP;
  RETURN true;
END
$$;

-- Which tables channels follow.
CREATE OR REPLACE FUNCTION ${schema}.notify_on_list() RETURNS TABLE (source regclass, channel text, column_name text)
LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT DISTINCT t.tgrelid::regclass, a.args[1], a.args[2]
  FROM pg_catalog.pg_trigger AS t
  CROSS JOIN LATERAL (
    SELECT array_agg(convert_from(x.arg, current_setting('server_encoding')) ORDER BY x.place)
    FROM (
      SELECT decode(u.arg, 'hex') AS arg, u.place
      FROM unnest(string_to_array(encode(t.tgargs, 'hex'), '00')) WITH ORDINALITY AS u (arg, place)
      WHERE u.place <= t.tgnargs
    ) AS x
  ) AS a (args)
  WHERE t.tgfoid = '${schema}._channel_follow'::regproc
  ORDER BY 1, 2, 3
$$;
