-- Configuration values: a durable namespace that notifies, and whose changes are written down in the transaction that makes them.
-- Reading one is kv_get. What is written by kv_set is a value too, but has no history.
--
-- Locks: the row of the value, and nothing after it but a new row of config_change. The first change in a namespace that is not
-- registered yet takes its lock before that, as namespace_create does.
--
-- Errors: 22023 bad argument · HD001 the value is bytes · HD005 the namespace is registered otherwise.

CREATE OR REPLACE FUNCTION ${schema}._config_check(namespace text, key text, changed_by text, reason text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (octet_length(namespace) BETWEEN 1 AND 64) IS NOT TRUE THEN
    RAISE EXCEPTION 'namespace: 1 to 64 bytes expected, got %', coalesce(octet_length(namespace)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (octet_length(key) BETWEEN 1 AND 256) IS NOT TRUE THEN
    RAISE EXCEPTION 'key: 1 to 256 bytes expected, got %', coalesce(octet_length(key)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (octet_length(changed_by) BETWEEN 1 AND 256) IS NOT TRUE THEN
    RAISE EXCEPTION 'changed_by: 1 to 256 bytes expected, got %', coalesce(octet_length(changed_by)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(reason) > 4096 THEN
    RAISE EXCEPTION 'reason: at most 4096 bytes expected, got %', octet_length(reason) USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Sets a value; the revision of this change. reason may be NULL. The first one registers the namespace.
CREATE OR REPLACE FUNCTION ${schema}.config_set(namespace text, key text, value jsonb, changed_by text, reason text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  known record;
  old_value jsonb;
  entries bigint;
  revision bigint;
BEGIN
  PERFORM ${schema}._config_check(namespace, key, changed_by, reason);
  IF value IS NULL THEN
    RAISE EXCEPTION 'value: a JSON value expected, got NULL; config_unset takes one away' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(value::text) > 65536 THEN
    RAISE EXCEPTION 'value: at most 65536 bytes expected, got %', octet_length(value::text) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT n.durability = 'durable' AND NOT n.searchable AS is_fit, n.notifies INTO known FROM ${schema}.namespace AS n WHERE n.name = config_set.namespace;
  IF known.is_fit IS NOT TRUE THEN
    PERFORM ${schema}.namespace_create(namespace, 'durable');
  END IF;
  IF known.notifies IS NOT TRUE THEN
    PERFORM ${schema}.namespace_notify(namespace, true);
  END IF;
  old_value := ${schema}.kv_exchange(namespace, key, value);
  IF old_value IS NULL THEN
    SELECT count(*) INTO entries FROM ${schema}.kv_durable AS t WHERE t.namespace = config_set.namespace;
    IF entries > 10000 THEN
      RAISE EXCEPTION 'key: at most 10000 keys of one namespace expected, got %', entries USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END IF;
  revision := nextval('${schema}.config_revision');
  INSERT INTO ${schema}.config_change VALUES (namespace, key, revision, clock_timestamp(), changed_by, reason, old_value, value);
  RETURN revision;
END
$$;

-- Takes a value away, so that the default counts; whether there was one.
CREATE OR REPLACE FUNCTION ${schema}.config_unset(namespace text, key text, changed_by text, reason text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  old_value jsonb;
BEGIN
  PERFORM ${schema}._config_check(namespace, key, changed_by, reason);
  old_value := ${schema}.kv_take(namespace, key);
  IF old_value IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO ${schema}.config_change
  VALUES (namespace, key, nextval('${schema}.config_revision'), clock_timestamp(), changed_by, reason, old_value, NULL);
  RETURN true;
END
$$;

-- All values, by key.
CREATE OR REPLACE FUNCTION ${schema}.config_list(namespace text) RETURNS TABLE (key text, value jsonb, version bigint, updated_at timestamptz)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT t.key, t.value, t.version, t.updated_at FROM ${schema}.kv_durable AS t
  WHERE t.namespace = $1 AND t.value IS NOT NULL AND (t.expires_at IS NULL OR t.expires_at > statement_timestamp())
  ORDER BY t.key
$$;

-- The changes of a key, the last one first, also when it was taken away.
CREATE OR REPLACE FUNCTION ${schema}.config_history(namespace text, key text, max_rows int DEFAULT 100)
RETURNS TABLE (revision bigint, changed_at timestamptz, changed_by text, reason text, before jsonb, after jsonb)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._config_check(config_history.namespace, config_history.key, 'nobody', NULL);
  IF (max_rows BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows: 1 to 1000 expected, got %', coalesce(max_rows::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN QUERY
    SELECT c.revision, c.changed_at, c.changed_by, c.reason, c.before, c.after
    FROM ${schema}.config_change AS c
    WHERE c.namespace = config_history.namespace AND c.key = config_history.key
    ORDER BY c.revision DESC LIMIT max_rows;
END
$$;
