-- Namespaces: where the values of a name live, and under which bounds.
-- An unregistered name is ephemeral, without bounds and without a default time to live.

-- Holds a namespace in place until the transaction ends. Every write calls it before it reads the
-- registry; whoever changes where a namespace lives takes the same lock exclusively.
-- Locks: one shared advisory lock. Shared locks never wait for each other, and the exclusive holder
-- waits for nothing while it holds this one but rows of that namespace, which nobody else can hold.
CREATE OR REPLACE FUNCTION ${schema}._namespace_hold(namespace text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock_shared(hashtextextended('${schema}.namespace:' || namespace, 0)) THEN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('${schema}.namespace:' || namespace, 0));
  END IF;
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    PERFORM FROM ${schema}.namespace_guard FOR SHARE;
  END IF;
END
$$;

-- The same under READ COMMITTED, without waiting; false when it would have to. Inlined where it is called.
CREATE OR REPLACE FUNCTION ${schema}._namespace_try_hold(namespace text) RETURNS boolean
LANGUAGE sql AS $$
  SELECT pg_try_advisory_xact_lock_shared(hashtextextended('${schema}.namespace:' || namespace, 0))
$$;

-- Takes something (by the key of its advisory lock) for a change of its place. Waits in short slices, and holds nothing between
-- them, so that writers who queue behind the request are never held up for longer than a slice by somebody's long transaction.
-- Locks: the exclusive advisory lock, then the row of namespace_guard. All callers take them in this order; who has to wait
-- for the second one longer than a slice gives the first one back.
-- The end of its patience is an error of its own: after a lock_not_available the engine tries again.
-- Above READ COMMITTED the snapshot may be older than the lock, and would miss rows to be moved.
CREATE OR REPLACE FUNCTION ${schema}._seize(key bigint, what text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  patience constant text := current_setting('lock_timeout');
  give_up_at constant timestamptz := clock_timestamp() + interval '10 seconds';
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION '%: it can be changed under READ COMMITTED only, this transaction is %', what, upper(current_setting('transaction_isolation'))
      USING ERRCODE = 'HD007';
  END IF;
  LOOP
    BEGIN
      PERFORM set_config('lock_timeout', '20ms', true);
      PERFORM pg_advisory_xact_lock(key);
      UPDATE ${schema}.namespace_guard SET changes = changes + 1;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF clock_timestamp() > give_up_at THEN
        RAISE EXCEPTION '%: open transactions have been writing to it for 10 seconds', what
          USING ERRCODE = 'HD009', HINT = 'End the long transactions that write to it, or try again later.';
      END IF;
      PERFORM pg_sleep(0.1);
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', patience, true);
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._namespace_seize(namespace text) RETURNS void
LANGUAGE sql AS $$
  SELECT ${schema}._seize(hashtextextended('${schema}.namespace:' || namespace, 0), 'namespace ' || namespace)
$$;

-- Moves every row of a namespace that lives somewhere else than its registry entry says.
-- The caller has seized the namespace: no writer is under way, and readers see one snapshot. A row may be held for the
-- moment in which the engine looks which rows are held (kv_batch_busy): that is waited for, however busy the machine is.
CREATE OR REPLACE FUNCTION ${schema}._namespace_settle(namespace text, target "char") RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  patience constant text := current_setting('lock_timeout');
  moved bigint := 0;
  n bigint;
BEGIN
  PERFORM set_config('lock_timeout', '10s', true);
  IF target <> 'e' THEN
    IF target = 'd' THEN
      WITH gone AS (DELETE FROM ${schema}.kv_ephemeral t WHERE t.namespace = _namespace_settle.namespace RETURNING t.*)
      INSERT INTO ${schema}.kv_durable SELECT gone.* FROM gone;
    ELSE
      WITH gone AS (DELETE FROM ${schema}.kv_ephemeral t WHERE t.namespace = _namespace_settle.namespace RETURNING t.*)
      INSERT INTO ${schema}.kv_document SELECT gone.* FROM gone;
    END IF;
    GET DIAGNOSTICS n = ROW_COUNT;
    moved := moved + n;
  END IF;
  IF target = 'e' THEN
    WITH gone AS (DELETE FROM ${schema}.kv_durable t WHERE t.namespace = _namespace_settle.namespace RETURNING t.*)
    INSERT INTO ${schema}.kv_ephemeral SELECT gone.* FROM gone;
    GET DIAGNOSTICS n = ROW_COUNT;
    moved := moved + n;
  END IF;
  PERFORM set_config('lock_timeout', patience, true);
  RETURN moved;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._namespace_check(name text, durability text, on_full text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF (octet_length(name) BETWEEN 1 AND 64) IS NOT TRUE THEN
    RAISE EXCEPTION 'namespace: 1 to 64 bytes expected, got %', coalesce(octet_length(name)::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (durability IN ('ephemeral', 'relaxed', 'durable')) IS NOT TRUE THEN
    RAISE EXCEPTION 'durability: ephemeral, relaxed or durable expected, got %', coalesce(durability, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (on_full IN ('evict', 'refuse')) IS NOT TRUE THEN
    RAISE EXCEPTION 'on_full: evict or refuse expected, got %', coalesce(on_full, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Gives a registered namespace its settings; false when it is not registered. It does not move, so nobody has to wait:
-- applications register their namespaces at each start, and others may be writing for long.
CREATE OR REPLACE FUNCTION ${schema}._namespace_adjust(
  name text, durability text, searchable boolean, default_ttl interval, max_entries bigint, max_bytes bigint, on_full text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  found_row ${schema}.namespace;
BEGIN
  SELECT n.* INTO found_row FROM ${schema}.namespace AS n WHERE n.name = _namespace_adjust.name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF found_row.durability <> _namespace_adjust.durability OR found_row.searchable <> _namespace_adjust.searchable THEN
    RAISE EXCEPTION 'namespace % is registered as %, searchable %', _namespace_adjust.name, found_row.durability, found_row.searchable
      USING ERRCODE = 'HD005', HINT = 'Use namespace_move to change the durability; searchable is chosen once.';
  END IF;
  IF (found_row.default_ttl, found_row.max_entries, found_row.max_bytes, found_row.on_full)
    IS NOT DISTINCT FROM (_namespace_adjust.default_ttl, _namespace_adjust.max_entries, _namespace_adjust.max_bytes, _namespace_adjust.on_full) THEN
    RETURN true;
  END IF;
  UPDATE ${schema}.namespace AS n
  SET default_ttl = _namespace_adjust.default_ttl, max_entries = _namespace_adjust.max_entries,
      max_bytes = _namespace_adjust.max_bytes, on_full = _namespace_adjust.on_full, is_full = false
  WHERE n.name = _namespace_adjust.name;
  RETURN FOUND;
END
$$;

-- True when the namespace was registered now; false when it was registered with the same durability
-- and searchable, in which case the other settings are updated. Registering a name that already
-- holds unregistered values moves them to their new place.
CREATE OR REPLACE FUNCTION ${schema}.namespace_create(
  name text, durability text DEFAULT 'ephemeral', searchable boolean DEFAULT false,
  default_ttl interval DEFAULT NULL, max_entries bigint DEFAULT NULL, max_bytes bigint DEFAULT NULL,
  on_full text DEFAULT 'evict') RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  found_row ${schema}.namespace;
BEGIN
  PERFORM ${schema}._namespace_check(namespace_create.name, namespace_create.durability, namespace_create.on_full);
  IF (default_ttl <= interval '0' OR default_ttl > interval '36500 days') THEN
    RAISE EXCEPTION 'default_ttl: more than 0 and at most 36500 days expected, got %', default_ttl
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF max_entries <= 0 OR max_bytes <= 0 THEN
    RAISE EXCEPTION 'max_entries, max_bytes: positive numbers expected, got %, %', max_entries, max_bytes
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  searchable := coalesce(searchable, false);
  -- A searchable namespace lives in a logged table: it keeps more than an ephemeral one promises.
  IF searchable AND durability = 'ephemeral' THEN
    durability := 'relaxed';
  END IF;
  IF ${schema}._namespace_adjust(namespace_create.name, namespace_create.durability, searchable, default_ttl, max_entries, max_bytes, on_full) THEN
    RETURN false;
  END IF;
  PERFORM ${schema}._namespace_seize(namespace_create.name);
  -- Somebody else may have registered it meanwhile.
  IF ${schema}._namespace_adjust(namespace_create.name, namespace_create.durability, searchable, default_ttl, max_entries, max_bytes, on_full) THEN
    RETURN false;
  END IF;
  INSERT INTO ${schema}.namespace (name, durability, searchable, default_ttl, max_entries, max_bytes, on_full, created_at)
  VALUES (namespace_create.name, namespace_create.durability, namespace_create.searchable, namespace_create.default_ttl,
          namespace_create.max_entries, namespace_create.max_bytes, namespace_create.on_full, statement_timestamp())
  RETURNING * INTO found_row;
  PERFORM ${schema}._namespace_settle(found_row.name, found_row.place);
  RETURN true;
END
$$;

-- Changes the durability of a namespace with its values; the number of values moved. Writers to this
-- namespace wait meanwhile, readers do not. An unregistered name is registered.
-- Between relaxed and durable nothing moves, but writers have to end all the same: one that has not waited for its
-- flush must not be acknowledged after the namespace has become durable.
CREATE OR REPLACE FUNCTION ${schema}.namespace_move(name text, durability text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  target "char";
BEGIN
  PERFORM ${schema}._namespace_check(namespace_move.name, namespace_move.durability, 'evict');
  IF EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = namespace_move.name AND n.durability = namespace_move.durability) THEN
    RETURN 0;
  END IF;
  PERFORM ${schema}._namespace_seize(namespace_move.name);
  INSERT INTO ${schema}.namespace AS n (name, durability, searchable, on_full, created_at)
  VALUES (namespace_move.name, namespace_move.durability, false, 'evict', statement_timestamp())
  ON CONFLICT ON CONSTRAINT namespace_pkey DO UPDATE
  SET durability = CASE WHEN n.searchable AND excluded.durability = 'ephemeral' THEN 'relaxed' ELSE excluded.durability END
  RETURNING n.place INTO target;
  RETURN ${schema}._namespace_settle(namespace_move.name, target);
END
$$;

-- Deletes every value of a namespace; how many there were, dead ones included. It stays registered.
-- Locks: the namespace, exclusively; hence no other transaction holds rows of it, and the order in
-- which the rows are locked does not matter.
CREATE OR REPLACE FUNCTION ${schema}.namespace_clear(name text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  cleared bigint := 0;
  n bigint;
BEGIN
  PERFORM ${schema}._namespace_check(namespace_clear.name, 'ephemeral', 'evict');
  PERFORM ${schema}._namespace_seize(namespace_clear.name);
  PERFORM pg_notify('${schema}.kv', 'n ' || n.name) FROM ${schema}.namespace AS n WHERE n.name = namespace_clear.name AND n.notifies;
  UPDATE ${schema}.namespace n SET is_full = false WHERE n.name = namespace_clear.name AND n.is_full;
  DELETE FROM ${schema}.kv_ephemeral t WHERE t.namespace = namespace_clear.name;
  GET DIAGNOSTICS n = ROW_COUNT;
  cleared := cleared + n;
  DELETE FROM ${schema}.kv_durable t WHERE t.namespace = namespace_clear.name;
  GET DIAGNOSTICS n = ROW_COUNT;
  cleared := cleared + n;
  DELETE FROM ${schema}.kv_document t WHERE t.namespace = namespace_clear.name;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN cleared + n;
END
$$;

-- Clears and unregisters; true when there was anything to drop.
CREATE OR REPLACE FUNCTION ${schema}.namespace_drop(name text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  cleared constant bigint := ${schema}.namespace_clear(namespace_drop.name);
BEGIN
  PERFORM pg_notify('${schema}.kv', 's ' || n.name) FROM ${schema}.namespace AS n WHERE n.name = namespace_drop.name AND n.notifies;
  DELETE FROM ${schema}.namespace n WHERE n.name = namespace_drop.name;
  RETURN FOUND OR cleared > 0;
END
$$;

-- The registered namespaces, and the unregistered ones that hold values (found by skipping through
-- the index: one probe a name), in the order of their names.
CREATE OR REPLACE FUNCTION ${schema}.namespace_list() RETURNS TABLE (
  name text, durability text, searchable boolean, default_ttl interval, max_entries bigint,
  max_bytes bigint, on_full text, created_at timestamptz, registered boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  seen text;
  unregistered text[] := '{}';
BEGIN
  IF NOT pg_is_in_recovery() THEN
    LOOP
      SELECT t.namespace INTO seen FROM ${schema}.kv_ephemeral t
      WHERE t.namespace > coalesce(seen, '') ORDER BY t.namespace LIMIT 1;
      EXIT WHEN NOT FOUND;
      IF NOT EXISTS (SELECT FROM ${schema}.namespace n WHERE n.name = seen) THEN
        unregistered := unregistered || seen;
      END IF;
    END LOOP;
  END IF;
  RETURN QUERY
    SELECT n.name, n.durability, n.searchable, n.default_ttl, n.max_entries, n.max_bytes, n.on_full, n.created_at, true
    FROM ${schema}.namespace n
    UNION ALL
    SELECT u.name, 'ephemeral', false, NULL, NULL, NULL, 'evict', NULL, false
    FROM unnest(unregistered) AS u (name)
    ORDER BY 1;
END
$$;

-- For a statement that is its own transaction: lets it commit without waiting for the flush when the
-- namespace is relaxed. NULL does nothing. It looks after it has the namespace, which may have moved meanwhile.
CREATE OR REPLACE FUNCTION ${schema}._relax(namespace text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF namespace IS NOT NULL THEN
    PERFORM ${schema}._namespace_hold(namespace);
    IF EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = _relax.namespace AND n.durability = 'relaxed') THEN
      PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
  END IF;
END
$$;
