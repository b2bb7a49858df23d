-- What follows the application's own tables, for caches and channels: triggers that belong to a statement, and look at all rows that it
-- changed by their transition tables, howdah_old and howdah_new.
-- Locks: who adds or drops triggers locks the table against writers (SHARE ROW EXCLUSIVE), asking in short slices, so that
-- nobody queues behind the request for long. It holds nothing else while it waits.

-- The value of a column of a row r of a table as text, as an expression of SQL; NULL where there is no such column. Only types
-- whose text is the same under all settings: integer, text, uuid, boolean, enum. An enum by its output function: whoever has the
-- type may have made a cast to text, which would run with the rights of the trigger's function.
CREATE OR REPLACE FUNCTION ${schema}._source_column(source oid, column_name text) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT format(CASE WHEN t.typtype = 'e' THEN 'textin(enum_out(r.%I))' ELSE 'r.%I::text' END, a.attname)
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  WHERE a.attrelid = $1 AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped
    AND (t.typtype = 'e' OR (
      t.typnamespace = 'pg_catalog'::regnamespace AND t.typname IN ('int2', 'int4', 'int8', 'text', 'varchar', 'bpchar', 'uuid', 'bool')))
$$;

-- The distinct values of an expression over the rows that a statement of this kind changed, as they were and as they are: a query.
CREATE OR REPLACE FUNCTION ${schema}._source_changed(event text, expression text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT format(
    CASE event
      WHEN 'INSERT' THEN 'SELECT DISTINCT %s FROM howdah_new AS r'
      WHEN 'DELETE' THEN 'SELECT DISTINCT %s FROM howdah_old AS r'
      ELSE 'SELECT %1$s FROM howdah_old AS r UNION SELECT %1$s FROM howdah_new AS r'
    END,
    expression)
$$;

CREATE OR REPLACE FUNCTION ${schema}._source_lock(source regclass) RETURNS void
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

-- Whether these triggers are there: the one for TRUNCATE stands for all.
CREATE OR REPLACE FUNCTION ${schema}._source_is_followed(source regclass, trigger_name text, follower regproc) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = $1 AND t.tgname = $2 || '_truncate' AND t.tgfoid = $3)
$$;

-- Puts a trigger for each kind of statement on a table, or finds them there; whether they are new. Where they are not it waits for
-- nobody. It takes the TRIGGER right on the table.
CREATE OR REPLACE FUNCTION ${schema}._source_follow(source regclass, trigger_name text, follower regproc, first_argument text, second_argument text)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  event text;
BEGIN
  IF ${schema}._source_is_followed(source, trigger_name, follower) THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._source_lock(source);
  FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] LOOP
    EXECUTE format(
      'CREATE OR REPLACE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s(%L, %L)',
      trigger_name || '_' || lower(event), event, source,
      CASE event
        WHEN 'INSERT' THEN 'REFERENCING NEW TABLE AS howdah_new'
        WHEN 'UPDATE' THEN 'REFERENCING OLD TABLE AS howdah_old NEW TABLE AS howdah_new'
        WHEN 'DELETE' THEN 'REFERENCING OLD TABLE AS howdah_old'
        ELSE ''
      END,
      follower, first_argument, second_argument);
  END LOOP;
  RETURN true;
END
$$;

-- Takes them off again; whether they were there.
CREATE OR REPLACE FUNCTION ${schema}._source_unfollow(source regclass, trigger_name text, follower regproc) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  event text;
BEGIN
  IF NOT ${schema}._source_is_followed(source, trigger_name, follower) THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._source_lock(source);
  FOREACH event IN ARRAY ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] LOOP
    EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', trigger_name || '_' || lower(event), source);
  END LOOP;
  RETURN true;
END
$$;

-- Which tables a function follows, with the arguments of its triggers.
CREATE OR REPLACE FUNCTION ${schema}._source_list(follower regproc) RETURNS TABLE (source regclass, arguments text[])
LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT DISTINCT t.tgrelid::regclass, a.args
  FROM pg_catalog.pg_trigger AS t
  CROSS JOIN LATERAL (
    SELECT array_agg(convert_from(x.arg, current_setting('server_encoding')) ORDER BY x.place)
    FROM (
      SELECT decode(u.arg, 'hex') AS arg, u.place
      FROM unnest(string_to_array(encode(t.tgargs, 'hex'), '00')) WITH ORDINALITY AS u (arg, place)
      WHERE u.place <= t.tgnargs
    ) AS x
  ) AS a (args)
  WHERE t.tgfoid = $1
$$;
