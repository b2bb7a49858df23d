-- Channels that follow tables (source.sql): triggers on the application's own tables publish in the transaction that changes the rows,
-- one message for each statement and distinct value of a column.

CREATE OR REPLACE FUNCTION ${schema}._channel_trigger(channel text, column_name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'howdah_channel_' || md5('${schema}:' || octet_length(channel) || ':' || channel || column_name) $$;

-- Runs after a statement that changed a table. With its owner's rights, since whoever may write to that table need have none
-- here. An empty message says that any value may have changed: after TRUNCATE, a statement with more than 1,000 values, or one value
-- that is no payload, and each statement where the column is gone: the application's writes must not fail for that.
CREATE OR REPLACE FUNCTION ${schema}._channel_follow() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  expression constant text := ${schema}._source_column(TG_RELID, TG_ARGV[1]);
  payloads text[];
BEGIN
  IF TG_OP <> 'TRUNCATE' AND expression IS NOT NULL THEN
    EXECUTE format(
      'SELECT ARRAY(SELECT v.value FROM (%s) AS v (value) WHERE v.value IS NOT NULL ORDER BY 1 LIMIT 1001)',
      ${schema}._source_changed(TG_OP, format('(%s COLLATE "C")', expression)))
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

-- From now on each statement that changes a table publishes, when it is committed, each distinct value that a column has in the
-- rows that it changes, as they were and as they are, to a channel; NULL is none. Whether that is new.
CREATE OR REPLACE FUNCTION ${schema}.notify_on(source regclass, channel text, column_name text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._channel_check(channel);
  IF source IS NULL THEN
    RAISE EXCEPTION 'source: a table expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF ${schema}._source_column(source, column_name) IS NULL THEN
    RAISE EXCEPTION 'column_name: % has no column % of an integer, text, uuid, boolean or enum type', source, coalesce(column_name, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN ${schema}._source_follow(source, ${schema}._channel_trigger(channel, column_name), '${schema}._channel_follow'::regproc, channel, column_name);
END
$$;

-- The channel follows the table no longer; whether it did.
CREATE OR REPLACE FUNCTION ${schema}.notify_on_drop(source regclass, channel text, column_name text) RETURNS boolean
LANGUAGE sql AS $$
  SELECT ${schema}._source_unfollow($1, ${schema}._channel_trigger($2, $3), '${schema}._channel_follow'::regproc)
$$;

-- Which tables channels follow.
CREATE OR REPLACE FUNCTION ${schema}.notify_on_list() RETURNS TABLE (source regclass, channel text, column_name text)
LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT l.source, l.arguments[1], l.arguments[2] FROM ${schema}._source_list('${schema}._channel_follow'::regproc) AS l ORDER BY 1, 2, 3
$$;
