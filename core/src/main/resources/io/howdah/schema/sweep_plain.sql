-- What the hand does on one range of pages of a table without namespaces (${table}): see sweep_kv.sql. A row that others hold is
-- left for the next visit.
CREATE OR REPLACE FUNCTION ${schema}._${table}_sweep(
  first_page bigint, end_page bigint, at timestamptz, budget int,
  OUT removed bigint, OUT oldest timestamptz, OUT is_clean boolean, OUT entries bigint, OUT due_at timestamptz, OUT sizes jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  low constant tid := format('(%s,0)', first_page);
  high constant tid := format('(%s,0)', end_page);
BEGIN
  WITH gone AS (
    DELETE FROM ${schema}.${table} AS t
    WHERE t.ctid = ANY (ARRAY(
        SELECT x.ctid FROM ${schema}.${table} AS x
        WHERE x.ctid >= low AND x.ctid < high AND x.expires_at <= at
        LIMIT budget
        FOR UPDATE SKIP LOCKED))
      AND t.expires_at <= at
    RETURNING t.expires_at
  )
  SELECT count(*), min(g.expires_at), count(*) < budget INTO removed, oldest, is_clean FROM gone AS g;
  SELECT count(*) FILTER (WHERE t.expires_at > at), percentile_disc(0.125) WITHIN GROUP (ORDER BY t.expires_at), '{}'
  INTO entries, due_at, sizes
  FROM ${schema}.${table} AS t
  WHERE t.ctid >= low AND t.ctid < high;
END
$$;
