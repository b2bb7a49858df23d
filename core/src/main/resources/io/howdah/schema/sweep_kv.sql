-- What the hand does on one range of pages of one table of keys and values (${table}); sweep.sql decides where it goes.
--
-- Locks, for both functions: rows by FOR UPDATE SKIP LOCKED only. The sweeper waits for nobody's row, so it is part of no
-- deadlock. The lock stands inside, before the DELETE: without it a row would go that another transaction has just
-- refreshed. What is locked is looked at again in its newest version.
-- The pages are read by a TID range scan, and nothing else is a plan: hence the settings.

-- Removes the dead rows of a range, for at most about budget rows (a chunk of TOAST counts as one), and looks at the others:
--   is_clean   nothing is left to remove but what others hold; then the following are given
--   entries    live rows, and by namespace their number and bytes
--   due_at     when the first eighth of all rows will be dead, or some that others hold now should be tried again
CREATE OR REPLACE FUNCTION ${schema}._${table}_sweep(
  first_page bigint, end_page bigint, at timestamptz, budget int,
  OUT removed bigint, OUT oldest timestamptz, OUT is_clean boolean, OUT entries bigint, OUT due_at timestamptz, OUT sizes jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  low constant tid := format('(%s,0)', first_page);
  high constant tid := format('(%s,0)', end_page);
  left_behind bigint;
BEGIN
  WITH dead AS MATERIALIZED (
    SELECT d.id, d.cost < budget AS affordable
    FROM (
      SELECT t.ctid AS id,
             sum(1 + (coalesce(pg_column_size(t.value), 0) + coalesce(pg_column_size(t.bytes), 0)) / 2000)
               OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS cost
      FROM ${schema}.${table} AS t
      WHERE t.ctid >= low AND t.ctid < high AND t.expires_at <= at
    ) AS d
  ), gone AS (
    DELETE FROM ${schema}.${table} AS t
    WHERE t.ctid = ANY (ARRAY(
        SELECT x.ctid FROM ${schema}.${table} AS x
        WHERE x.ctid = ANY (ARRAY(SELECT d.id FROM dead AS d WHERE d.affordable IS NOT FALSE)) AND x.expires_at <= at
        FOR UPDATE SKIP LOCKED))
      AND t.expires_at <= at
    RETURNING t.expires_at
  )
  SELECT (SELECT count(*) FROM gone), (SELECT min(g.expires_at) FROM gone AS g), NOT EXISTS (SELECT FROM dead AS d WHERE NOT d.affordable)
  INTO removed, oldest, is_clean;
  IF NOT is_clean THEN
    RETURN;
  END IF;

  SELECT coalesce(sum(s.entries), 0), coalesce(jsonb_object_agg(s.name, jsonb_build_array(s.entries, s.bytes)), '{}')
  INTO entries, sizes
  FROM (
    SELECT g.name, sum(g.entries) AS entries, sum(g.bytes) AS bytes
    FROM (
      -- One of many small unregistered namespaces is not worth a number of its own.
      SELECT CASE WHEN 128 * count(*) >= sum(count(*)) OVER () OR EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = t.namespace)
                  THEN t.namespace ELSE '' END AS name,
             count(*) AS entries,
             sum(${schema}._kv_stored_bytes(t.namespace, t.key, t.value, t.bytes)) AS bytes
      FROM ${schema}.${table} AS t
      WHERE t.ctid >= low AND t.ctid < high AND (t.expires_at IS NULL OR t.expires_at > at)
      GROUP BY t.namespace
    ) AS g
    GROUP BY g.name
  ) AS s;

  SELECT percentile_disc(0.125) WITHIN GROUP (ORDER BY coalesce(t.expires_at, 'infinity')), count(*) FILTER (WHERE t.expires_at <= at)
  INTO due_at, left_behind
  FROM ${schema}.${table} AS t
  WHERE t.ctid >= low AND t.ctid < high;
  IF left_behind > 0 THEN
    due_at := at;
  END IF;
END
$$;

-- Evicts live rows of one namespace (NULL: of all unregistered ones), from behind the row "after" to the end of the range,
-- until so many entries and bytes are gone, and looks at budget rows at most. A row that was read (marked) or overwritten
-- since the hand last passed gets a second chance. A mark is good for eight passes, since it stands for sixteen reads: each
-- pass takes an eighth of them.
--   stopped   the last row that was looked at; NULL at the end of the range
CREATE OR REPLACE FUNCTION ${schema}._${table}_evict(
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
           ${schema}._kv_hash(t.namespace, t.key) AS hash,
           ${schema}._kv_stored_bytes(t.namespace, t.key, t.value, t.bytes) AS size
    FROM ${schema}.${table} AS t
    WHERE t.ctid > after AND t.ctid < high AND (t.expires_at IS NULL OR t.expires_at > at)
      AND (t.namespace = victim
           OR (victim IS NULL AND NOT EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = t.namespace)))
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
    DELETE FROM ${schema}.${table} AS t
    WHERE t.ctid = ANY (ARRAY(
        SELECT x.ctid FROM ${schema}.${table} AS x
        WHERE x.ctid = ANY (ARRAY(SELECT p.id FROM passed AS p WHERE p.in_reach AND p.is_cold))
          AND (victim IS NULL OR x.namespace = victim)
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
  IF at_end IS NOT FALSE THEN
    stopped := NULL;
  END IF;
END
$$;
