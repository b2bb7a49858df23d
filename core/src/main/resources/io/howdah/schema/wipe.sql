-- Wipes: when Postgres recovers from a crash, or a standby takes over, every unlogged table is empty afterwards.

-- The present epoch, a name that changes with each wipe: whoever saw another one before has lost what was in the tables
-- named by gone. Finds a wipe, and says is_new to the one caller that found it first. No row on a standby, which
-- has no such tables. Cheap: it reads two tables of one row.
CREATE OR REPLACE FUNCTION ${schema}.wipe_check()
RETURNS TABLE (epoch uuid, began_at timestamptz, wipes bigint, gone text[], is_new boolean)
LANGUAGE plpgsql ROWS 1 AS $$
#variable_conflict use_column
DECLARE
  intact boolean;
BEGIN
  IF pg_is_in_recovery() THEN
    RETURN;
  END IF;
  SELECT m.epoch, m.began_at, m.wipes, m.gone, EXISTS (SELECT FROM ${schema}.wipe_witness AS w WHERE w.epoch = m.epoch)
  INTO epoch, began_at, wipes, gone, intact
  FROM ${schema}.wipe_marker AS m;
  is_new := false;
  -- Whoever cannot write, or has an old snapshot, leaves it to others.
  IF intact IS NOT TRUE AND current_setting('transaction_read_only') = 'off' AND current_setting('transaction_isolation') = 'read committed' THEN
    RETURN QUERY SELECT r.epoch, r.began_at, r.wipes, r.gone, r.is_new FROM ${schema}._wipe_repair() AS r;
  ELSE
    RETURN NEXT;
  END IF;
END
$$;

-- Begins a new epoch, unless somebody else has just done so.
-- It also makes the first 64 pages of the tables again that plans rely on (see V001__kv.sql), and has every session plan anew that made
-- a plan for the empty table: it would read the whole table from then on, however large it grows.
-- ANALYZE does that, and is the owner's alone: hence this function runs with its owner's rights.
-- Locks: an advisory lock, tried for a second at most and never waited for; then the one row of wipe_marker.
CREATE OR REPLACE FUNCTION ${schema}._wipe_repair()
RETURNS TABLE (epoch uuid, began_at timestamptz, wipes bigint, gone text[], is_new boolean)
LANGUAGE plpgsql ROWS 1 SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
  give_up_at constant timestamptz := clock_timestamp() + interval '1 second';
  next_epoch uuid;
BEGIN
  WHILE NOT pg_try_advisory_xact_lock(hashtextextended('${schema}.wipe', 0)) AND clock_timestamp() < give_up_at LOOP
    PERFORM pg_sleep(0.01);
  END LOOP;
  IF pg_try_advisory_xact_lock(hashtextextended('${schema}.wipe', 0))
    AND NOT EXISTS (SELECT FROM ${schema}.wipe_witness AS w JOIN ${schema}.wipe_marker AS m ON m.epoch = w.epoch)
  THEN
    UPDATE ${schema}.wipe_marker AS m
    SET epoch = gen_random_uuid(), began_at = clock_timestamp(), wipes = m.wipes + 1,
        gone = ARRAY(
          SELECT c.relname::text FROM pg_catalog.pg_class AS c
          WHERE c.relnamespace = '${schema}'::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'u' AND c.relname <> 'wipe_witness'
          ORDER BY 1)
    RETURNING m.epoch INTO next_epoch;
    DELETE FROM ${schema}.wipe_witness;
    INSERT INTO ${schema}.wipe_witness (epoch) VALUES (next_epoch);
    IF pg_relation_size('${schema}.kv_ephemeral') < 64 * current_setting('block_size')::bigint THEN
      -- No value has an empty namespace, so these rows meet none that were written since.
      INSERT INTO ${schema}.kv_ephemeral (namespace, key, bytes, version, created_at, updated_at)
      SELECT '', i::text, decode(repeat('00', 1000), 'hex'), 0, now(), now() FROM generate_series(1, 448) AS i;
      DELETE FROM ${schema}.kv_ephemeral AS t WHERE t.namespace = '';
      ANALYZE ${schema}.kv_ephemeral;
    END IF;
    IF pg_relation_size('${schema}.cache_entry') < 64 * current_setting('block_size')::bigint THEN
      INSERT INTO ${schema}.cache_entry (created_at, updated_at, fresh_until, expires_at, xid, number, unseen_from, scopes, cache, key, bytes)
      SELECT now(), now(), now(), now(), '0', 0, '0', '{}', '', i::text, decode(repeat('00', 1000), 'hex') FROM generate_series(1, 448) AS i;
      DELETE FROM ${schema}.cache_entry AS t WHERE t.cache = '';
      INSERT INTO ${schema}.cache_eviction (scope, xid, number) SELECT i, '0', 0 FROM generate_series(1, 10000) AS i;
      DELETE FROM ${schema}.cache_eviction AS v WHERE v.xid = '0';
      ANALYZE ${schema}.cache_entry;
      ANALYZE ${schema}.cache_eviction;
    END IF;
  END IF;
  RETURN QUERY
    SELECT m.epoch, m.began_at, m.wipes, m.gone, m.epoch IS NOT DISTINCT FROM next_epoch FROM ${schema}.wipe_marker AS m;
END
$$;
