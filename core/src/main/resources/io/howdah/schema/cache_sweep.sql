-- What the hand does on one range of pages of the caches: see sweep_kv.sql for what it takes, returns and locks.
--
-- An eviction may go when no entry is left that it concerns, and nobody can make one any more. That takes some calls of the
-- sweeper, in this order (cache_upkeep is where it stands):
--   1. turn_below: the evictions below it have been committed. Whoever begins to compute from now on has seen them.
--   2. turn_from: an xid that was given out after that, whatever the sweeper's transaction has done before. Who was there
--      before has one below.
--   3. Those have ended, and so have the loads that they began. turn_began_at: from now on each entry that the evictions concern
--      can be seen, and no new one comes.
--   4. The hand has looked at all pages since, and removed those entries. The evictions below turn_below can go.
-- A put, and who begins a load, gets an xid before it looks at what is evicted: that is what 2. and 3. rest on. Above READ COMMITTED
-- they look earlier: so with their xid they look whether cache_upkeep is still as they see it, and conflict when it is not. Then
-- what has been removed they have seen, and what comes after waits for their xid.

-- Goes on by one step, where it can.
CREATE OR REPLACE FUNCTION ${schema}._cache_upkeep(at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  upkeep ${schema}.cache_upkeep;
  own constant bigint := pg_current_xact_id()::text::bigint;
  sub bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RETURN;
  END IF;
  SELECT u.* INTO upkeep FROM ${schema}.cache_upkeep AS u FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  -- These xids are of another cluster, from which this row was restored: here they mean nothing.
  IF greatest(upkeep.removable_below, upkeep.turn_below) > pg_current_xact_id() THEN
    UPDATE ${schema}.cache_upkeep
    SET removable_below = '0', turn_below = NULL, turn_from = NULL, turn_began_at = NULL, turn_pages = NULL;
    RETURN;
  END IF;
  IF upkeep.turn_below IS NULL THEN
    UPDATE ${schema}.cache_upkeep SET turn_below = pg_snapshot_xmin(pg_current_snapshot());
  ELSIF upkeep.turn_from IS NULL THEN
    -- The xid of this transaction may be older than turn_below; that of a subtransaction is given out now. Of it xmin shows the
    -- lower half: it is the next such number above ours.
    BEGIN
      UPDATE ${schema}.cache_upkeep SET turn_from = own::text::xid8;
      SELECT u.xmin::text::bigint INTO sub FROM ${schema}.cache_upkeep AS u;
    EXCEPTION WHEN triggered_action_exception THEN
      RAISE;
    END;
    UPDATE ${schema}.cache_upkeep SET turn_from = (own + ((sub - own) & 4294967295))::text::xid8;
  ELSIF upkeep.turn_began_at IS NULL THEN
    IF pg_snapshot_xmin(pg_current_snapshot()) >= upkeep.turn_from
      AND NOT EXISTS (SELECT FROM ${schema}.cache_load AS l WHERE l.unseen_from <= upkeep.turn_from)
    THEN
      UPDATE ${schema}.cache_upkeep
      -- Not at: another sweeper may have begun later than this one, and looked before it.
      SET turn_began_at = greatest(
            at, clock_timestamp(), (SELECT max(r.looked_at) FROM ${schema}.sweep_range AS r WHERE r.table_name = 'cache_entry')),
          turn_pages = pg_relation_size('${schema}.cache_entry') / current_setting('block_size')::bigint;
    END IF;
  ELSIF NOT EXISTS (SELECT FROM ${schema}.sweep_range AS r WHERE r.table_name = 'cache_entry' AND r.looked_at <= upkeep.turn_began_at)
    AND EXISTS (
      SELECT FROM ${schema}.sweep_hand AS h
      WHERE h.table_name = 'cache_entry'
        AND h.pages >= least(upkeep.turn_pages, pg_relation_size('${schema}.cache_entry') / current_setting('block_size')::bigint))
  THEN
    UPDATE ${schema}.cache_upkeep
    SET removable_below = upkeep.turn_below, turn_below = NULL, turn_from = NULL, turn_began_at = NULL, turn_pages = NULL;
  END IF;
END
$$;

-- Removes evictions that concern nothing any more.
CREATE OR REPLACE FUNCTION ${schema}._cache_eviction_sweep(
  first_page bigint, end_page bigint, at timestamptz, budget int,
  OUT removed bigint, OUT oldest timestamptz, OUT is_clean boolean, OUT entries bigint, OUT due_at timestamptz, OUT sizes jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  low constant tid := format('(%s,0)', first_page);
  high constant tid := format('(%s,0)', end_page);
  below constant xid8 := (
    SELECT CASE WHEN u.removable_below <= pg_snapshot_xmin(pg_current_snapshot()) THEN u.removable_below ELSE '0' END
    FROM ${schema}.cache_upkeep AS u);
BEGIN
  DELETE FROM ${schema}.cache_eviction AS v
  WHERE v.ctid = ANY (ARRAY(
    SELECT x.ctid FROM ${schema}.cache_eviction AS x
    WHERE x.ctid >= low AND x.ctid < high AND x.xid < below
    LIMIT budget
    FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS removed = ROW_COUNT;
  is_clean := removed < budget;
  SELECT count(*), '{}' INTO entries, sizes FROM ${schema}.cache_eviction AS v WHERE v.ctid >= low AND v.ctid < high;
  due_at := 'infinity';
  IF entries > 0 THEN
    PERFORM ${schema}._cache_upkeep(at);
    due_at := at;
  END IF;
END
$$;

-- Removes entries that are dead or evicted.
CREATE OR REPLACE FUNCTION ${schema}._cache_entry_sweep(
  first_page bigint, end_page bigint, at timestamptz, budget int,
  OUT removed bigint, OUT oldest timestamptz, OUT is_clean boolean, OUT entries bigint, OUT due_at timestamptz, OUT sizes jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  low constant tid := format('(%s,0)', first_page);
  high constant tid := format('(%s,0)', end_page);
  evictions constant boolean := EXISTS (SELECT FROM ${schema}.cache_eviction);
  evicted tid[];
BEGIN
  WITH dead AS MATERIALIZED (
    SELECT d.id, d.is_evicted, d.cost < budget AS affordable
    FROM (
      SELECT x.id, x.is_evicted, sum(x.cost) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS cost
      FROM (
        SELECT t.ctid AS id, 1 + (coalesce(pg_column_size(t.value), 0) + coalesce(pg_column_size(t.bytes), 0)) / 2000 AS cost, t.expires_at,
               evictions AND (
                 EXISTS (
                   SELECT FROM ${schema}.cache_eviction AS v
                   WHERE v.scope = ANY (t.scopes) AND v.xid >= t.unseen_from AND (v.xid <> t.xid OR v.number > t.number))
                 OR EXISTS (
                   SELECT FROM ${schema}.cache_eviction AS v
                   WHERE v.scope = ANY (t.scopes) AND v.xid = ANY (t.unseen) AND (v.xid <> t.xid OR v.number > t.number))) AS is_evicted
        FROM ${schema}.cache_entry AS t
        WHERE t.ctid >= low AND t.ctid < high
        OFFSET 0
      ) AS x
      WHERE x.expires_at <= at OR x.is_evicted
    ) AS d
  ), gone AS (
    DELETE FROM ${schema}.cache_entry AS t
    WHERE t.ctid = ANY (ARRAY(
        SELECT x.ctid FROM ${schema}.cache_entry AS x
        WHERE x.ctid = ANY (ARRAY(SELECT d.id FROM dead AS d WHERE d.affordable IS NOT FALSE))
        FOR UPDATE SKIP LOCKED))
    RETURNING least(t.expires_at, at) AS died_at
  )
  SELECT (SELECT count(*) FROM gone), (SELECT min(g.died_at) FROM gone AS g), NOT EXISTS (SELECT FROM dead AS d WHERE NOT d.affordable),
         ARRAY(SELECT d.id FROM dead AS d WHERE d.is_evicted)
  INTO removed, oldest, is_clean, evicted;
  IF NOT is_clean THEN
    RETURN;
  END IF;

  SELECT coalesce(sum(s.entries), 0), coalesce(jsonb_object_agg(s.name, jsonb_build_array(s.entries, s.bytes)), '{}')
  INTO entries, sizes
  FROM (
    SELECT g.name, sum(g.entries) AS entries, sum(g.bytes) AS bytes
    FROM (
      -- One of many small caches without bounds is not worth a number of its own.
      SELECT CASE WHEN 128 * count(*) >= sum(count(*)) OVER () OR EXISTS (SELECT FROM ${schema}.cache AS c WHERE c.name = t.cache)
                  THEN t.cache ELSE '' END AS name,
             count(*) AS entries,
             sum(${schema}._kv_stored_bytes(t.cache, t.key, t.value, t.bytes)) AS bytes
      FROM ${schema}.cache_entry AS t
      WHERE t.ctid >= low AND t.ctid < high AND t.expires_at > at
      GROUP BY t.cache
    ) AS g
    GROUP BY g.name
  ) AS s;

  SELECT coalesce(percentile_disc(0.125) WITHIN GROUP (ORDER BY t.expires_at), 'infinity')
  INTO due_at
  FROM ${schema}.cache_entry AS t
  WHERE t.ctid >= low AND t.ctid < high;
  -- What others hold waits for the next look, and what is evicted of it for the next turn: see above.
  IF EXISTS (SELECT FROM ${schema}.cache_entry AS t WHERE t.ctid = ANY (evicted)) THEN
    UPDATE ${schema}.cache_upkeep SET turn_began_at = NULL WHERE turn_began_at IS NOT NULL;
    due_at := at;
  END IF;
END
$$;

-- Evicts entries for want of room: see sweep_kv.sql.
CREATE OR REPLACE FUNCTION ${schema}._cache_entry_evict(
  after tid, end_page bigint, at timestamptz, passed_at timestamptz, victim text, excess_entries bigint, excess_bytes bigint, turn int, budget int,
  OUT evicted bigint, OUT stopped tid)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  high constant tid := format('(%s,0)', end_page);
  at_end boolean;
BEGIN
  WITH candidate AS (
    -- A TID range scan goes in the order of the pages.
    SELECT t.ctid AS id, t.updated_at = t.created_at OR coalesce(t.updated_at <= passed_at, false) AS is_old,
           ${schema}._cache_scope(t.cache, 'k', t.key) AS hash,
           ${schema}._kv_stored_bytes(t.cache, t.key, t.value, t.bytes) AS size
    FROM ${schema}.cache_entry AS t
    WHERE t.ctid > after AND t.ctid < high AND t.expires_at > at
      AND (t.cache = victim
           OR (victim IS NULL AND NOT EXISTS (SELECT FROM ${schema}.cache AS c WHERE c.name = t.cache)))
    LIMIT budget
  ), judged AS (
    SELECT c.id, c.size, m.hash, c.is_old AND m.hash IS NULL AS is_cold
    FROM candidate AS c
    LEFT JOIN ${schema}.kv_mark AS m ON m.hash = c.hash AND m.expires_at > at
  ), counted AS (
    SELECT j.*,
           coalesce(count(*) FILTER (WHERE j.is_cold) OVER before, 0) AS entries,
           coalesce(sum(j.size) FILTER (WHERE j.is_cold) OVER before, 0) AS bytes
    FROM judged AS j
    WINDOW before AS (ORDER BY j.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ), passed AS MATERIALIZED (
    SELECT c.*, (c.entries < excess_entries OR c.bytes < excess_bytes) AND c.entries + c.bytes / 2000 < budget AS in_reach
    FROM counted AS c
  ), gone AS (
    DELETE FROM ${schema}.cache_entry AS t
    WHERE t.ctid = ANY (ARRAY(
        SELECT x.ctid FROM ${schema}.cache_entry AS x
        WHERE x.ctid = ANY (ARRAY(SELECT p.id FROM passed AS p WHERE p.in_reach AND p.is_cold))
        FOR UPDATE SKIP LOCKED))
    RETURNING true
  ), unmarked AS (
    DELETE FROM ${schema}.kv_mark AS m
    WHERE m.ctid = ANY (ARRAY(
        SELECT x.ctid FROM ${schema}.kv_mark AS x
        WHERE x.hash = ANY (ARRAY(SELECT p.hash FROM passed AS p WHERE p.in_reach AND p.hash & 7 = turn & 7))
        FOR UPDATE SKIP LOCKED))
  )
  SELECT (SELECT count(*) FROM gone), max(p.id) FILTER (WHERE p.in_reach), bool_and(p.in_reach) AND count(*) < budget
  INTO evicted, stopped, at_end
  FROM passed AS p;
  IF evicted > 0 THEN
    INSERT INTO ${schema}.cache_evicted AS e (name, entries) VALUES (coalesce(victim, ''), evicted)
    ON CONFLICT ON CONSTRAINT cache_evicted_pkey DO UPDATE SET entries = e.entries + excluded.entries;
  END IF;
  IF at_end IS NOT FALSE THEN
    stopped := NULL;
  END IF;
END
$$;
