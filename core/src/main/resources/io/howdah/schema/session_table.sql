-- What can be done to one table of sessions. Instantiated for session_durable and session_ephemeral (${table}); session.sql
-- chooses the table, and has checked the arguments.
--
-- Locks: a touch waits for no row (SKIP LOCKED): who holds one is using the session himself, or ending it. The others wait for
-- one row, or for several in the order of their hashes, so that two such calls wait in one direction only. They lock
-- first, and delete in a second statement what they hold then: under the snapshot of the first one, a session whose token was
-- replaced meanwhile would not be found, and would live on.
--
-- Live means: expires_at > statement_timestamp(). What is dead is left to the sweeper, which records that it expired.
-- No sequential scan, because a plan made while the table was small is kept while it grows.

-- The live ones of many sessions, which hashes has one behind the other, 32 bytes each; ordinal counts from 0. data is its
-- text, NULL where it is longer than row_budget: ask for it again, with less besides.
CREATE OR REPLACE FUNCTION ${schema}._${table}_read(hashes bytea, row_budget int)
RETURNS TABLE (
  ordinal int, handle uuid, user_id text, data text, created_at timestamptz, last_accessed_at timestamptz, expires_at timestamptz,
  ip inet, user_agent text)
LANGUAGE plpgsql STABLE ROWS 50 SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT w.ordinal, s.handle, s.user_id, CASE WHEN octet_length(s.text) <= row_budget THEN s.text END,
           s.created_at, s.last_accessed_at, s.expires_at, s.ip, s.user_agent
    FROM generate_series(0, octet_length((SELECT hashes)) / 32 - 1) AS w (ordinal)
    CROSS JOIN LATERAL (
      SELECT x.*, CASE WHEN ${schema}._kv_may_fit(x.data, row_budget) THEN x.data::text END AS text
      FROM ${schema}.${table} AS x
      WHERE x.token_hash = substring(hashes FROM 32 * w.ordinal + 1 FOR 32) AND x.expires_at > statement_timestamp()
      OFFSET 0
    ) AS s;
END
$$;

-- The same, and notes that they are being used, where that was noted longer ago than touch_interval, or than a quarter of the time
-- that they live without it.
CREATE OR REPLACE FUNCTION ${schema}._${table}_touch(hashes bytea, row_budget int, touch_interval interval)
RETURNS TABLE (
  ordinal int, handle uuid, user_id text, data text, created_at timestamptz, last_accessed_at timestamptz, expires_at timestamptz,
  ip inet, user_agent text)
LANGUAGE plpgsql ROWS 50 SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH found AS MATERIALIZED (
      SELECT w.ordinal, s.*
      FROM generate_series(0, octet_length((SELECT hashes)) / 32 - 1) AS w (ordinal)
      CROSS JOIN LATERAL (
        SELECT x.*
        FROM ${schema}.${table} AS x
        WHERE x.token_hash = substring(hashes FROM 32 * w.ordinal + 1 FOR 32) AND x.expires_at > statement_timestamp()
        OFFSET 0
      ) AS s
    ), touched AS (
      UPDATE ${schema}.${table} AS t
      SET last_accessed_at = statement_timestamp(),
          expires_at = least(t.ends_at, greatest(t.expires_at, statement_timestamp() + t.idle))
      WHERE t.ctid = ANY (ARRAY(
          SELECT x.ctid FROM ${schema}.${table} AS x
          WHERE x.token_hash = ANY (ARRAY(
              SELECT f.token_hash FROM found AS f WHERE f.last_accessed_at <= statement_timestamp() - least(touch_interval, f.idle / 4)))
            AND x.last_accessed_at <= statement_timestamp() - least(touch_interval, x.idle / 4)
          FOR UPDATE SKIP LOCKED))
      RETURNING t.token_hash, t.last_accessed_at, t.expires_at
    )
    SELECT f.ordinal, f.handle, f.user_id, CASE WHEN octet_length(d.text) <= row_budget THEN d.text END,
           f.created_at, coalesce(t.last_accessed_at, f.last_accessed_at), coalesce(t.expires_at, f.expires_at), f.ip, f.user_agent
    FROM found AS f
    CROSS JOIN LATERAL (SELECT CASE WHEN ${schema}._kv_may_fit(f.data, row_budget) THEN f.data::text END OFFSET 0) AS d (text)
    LEFT JOIN touched AS t ON t.token_hash = f.token_hash;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_insert(
  hash bytea, handle uuid, user_id text, data jsonb, idle interval, lifetime interval, ip inet, user_agent text)
RETURNS timestamptz
LANGUAGE sql AS $$
  INSERT INTO ${schema}.${table} AS t (created_at, last_accessed_at, expires_at, ends_at, idle, handle, token_hash, user_id, ip, user_agent, data)
  VALUES (statement_timestamp(), statement_timestamp(), statement_timestamp() + least(idle, lifetime), statement_timestamp() + lifetime,
          idle, handle, hash, user_id, ip, user_agent, data)
  RETURNING t.expires_at
$$;

-- Sets and removes attributes; two calls at once both win, since the second one merges into what the first one has made.
CREATE OR REPLACE FUNCTION ${schema}._${table}_set(hash bytea, patch jsonb) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
  UPDATE ${schema}.${table} AS t
  SET data = ${schema}._session_merge(t.data, patch)
  WHERE t.token_hash = hash AND t.expires_at > statement_timestamp();
  RETURN FOUND;
END
$$;

-- The same for many sessions, each once; the places of those that are there. They lock first, in the order of their hashes.
CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_set(hashes bytea[], patches jsonb[]) RETURNS SETOF int
LANGUAGE plpgsql ROWS 50 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  locked constant int[] := ARRAY(
    SELECT w.ordinality::int
    FROM (SELECT * FROM unnest(hashes) WITH ORDINALITY AS u (hash, ordinality) ORDER BY u.hash) AS w
    CROSS JOIN LATERAL (
      SELECT x.token_hash FROM ${schema}.${table} AS x
      WHERE x.token_hash = w.hash AND x.expires_at > statement_timestamp()
      FOR UPDATE
    ) AS t);
BEGIN
  RETURN QUERY
    UPDATE ${schema}.${table} AS t
    SET data = ${schema}._session_merge(t.data, w.patch)
    FROM (SELECT l AS place, hashes[l] AS hash, patches[l] AS patch FROM unnest(locked) AS l OFFSET 0) AS w
    WHERE t.token_hash = w.hash
    RETURNING w.place;
END
$$;

-- Which of the sessions somebody else holds now, by their places. Waits for nobody.
CREATE OR REPLACE FUNCTION ${schema}._${table}_batch_busy(hashes bytea[]) RETURNS SETOF bigint
LANGUAGE plpgsql ROWS 50 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
  RETURN QUERY
    SELECT w.ordinality
    FROM unnest(hashes) WITH ORDINALITY AS w (hash, ordinality)
    CROSS JOIN LATERAL (SELECT x.handle FROM ${schema}.${table} AS x WHERE x.token_hash = w.hash OFFSET 0) AS present
    LEFT JOIN LATERAL (
      SELECT x.handle FROM ${schema}.${table} AS x WHERE x.token_hash = w.hash FOR UPDATE SKIP LOCKED
    ) AS taken ON true
    WHERE taken.handle IS NULL;
END
$$;

-- Whose session it is, and locks it, with those of a user if there is one; no row when it is not there.
CREATE OR REPLACE FUNCTION ${schema}._${table}_lock(hash bytea, with_user text) RETURNS TABLE (user_id text)
LANGUAGE plpgsql ROWS 1 SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT l.user_id
    FROM (
      SELECT t.token_hash, t.user_id
      FROM ${schema}.${table} AS t
      WHERE (t.token_hash = hash OR t.user_id = with_user) AND t.expires_at > statement_timestamp()
      ORDER BY t.token_hash
      OFFSET 0
      FOR UPDATE
    ) AS l
    WHERE l.token_hash = hash;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._${table}_rotate(hash bytea, new_hash bytea, new_user_id text) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
  UPDATE ${schema}.${table} AS t
  SET token_hash = new_hash, user_id = coalesce(new_user_id, t.user_id)
  WHERE t.token_hash = hash AND t.expires_at > statement_timestamp();
  RETURN FOUND;
END
$$;

-- Changes several things of a session in one update; what is NULL stays as it is. The user changes where assigns says so.
CREATE OR REPLACE FUNCTION ${schema}._${table}_change(
  hash bytea, new_hash bytea, patch jsonb, new_idle interval, assigns boolean, new_user_id text) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
  UPDATE ${schema}.${table} AS t
  SET token_hash = coalesce(new_hash, t.token_hash),
      data = CASE WHEN patch IS NULL THEN t.data ELSE ${schema}._session_merge(t.data, patch) END,
      idle = coalesce(new_idle, t.idle),
      expires_at = CASE WHEN new_idle IS NULL THEN t.expires_at ELSE least(t.ends_at, statement_timestamp() + new_idle) END,
      user_id = CASE WHEN assigns THEN new_user_id ELSE t.user_id END
  WHERE t.token_hash = hash AND t.expires_at > statement_timestamp();
  RETURN FOUND;
END
$$;

-- What the token of a session of a user hashes to; NULL when he has no such session.
CREATE OR REPLACE FUNCTION ${schema}._${table}_hash(user_id text, handle uuid) RETURNS bytea
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
BEGIN
  RETURN (
    SELECT t.token_hash FROM ${schema}.${table} AS t
    WHERE t.user_id = _${table}_hash.user_id AND t.handle = _${table}_hash.handle AND t.expires_at > statement_timestamp());
END
$$;

-- Deletes live sessions, and records that they were revoked, if keep_events says for how long; how many there were.
CREATE OR REPLACE FUNCTION ${schema}._${table}_delete(hashes bytea[], keep_events interval) RETURNS int
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  deleted int;
  told text[];
BEGIN
  WITH gone AS (
    DELETE FROM ${schema}.${table} AS t
    WHERE t.token_hash = ANY (hashes) AND t.expires_at > statement_timestamp()
    RETURNING t.handle, t.user_id
  ), recorded AS (
    INSERT INTO ${schema}.session_event (kind, handle, user_id, happened_at, expires_at)
    SELECT 'revoked', g.handle, g.user_id, statement_timestamp(), statement_timestamp() + keep_events
    FROM gone AS g
    WHERE keep_events IS NOT NULL
    RETURNING kind, handle, user_id, happened_at
  )
  SELECT count(*), (SELECT array_agg(${schema}._session_told(r.kind, r.handle, r.user_id, r.happened_at)) FROM recorded AS r)
  INTO deleted, told
  FROM gone;
  IF told IS NOT NULL THEN
    PERFORM ${schema}._session_tell(told);
  END IF;
  RETURN deleted;
END
$$;

-- Deletes the live sessions of a user, but for one; with a handle only that one.
CREATE OR REPLACE FUNCTION ${schema}._${table}_delete_user(
  user_id text, except_hash bytea, handle uuid, keep_events interval) RETURNS int
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  locked constant bytea[] := ARRAY(
    SELECT t.token_hash FROM ${schema}.${table} AS t
    WHERE t.user_id = _${table}_delete_user.user_id AND t.expires_at > statement_timestamp()
      AND (except_hash IS NULL OR t.token_hash <> except_hash)
      AND (_${table}_delete_user.handle IS NULL OR t.handle = _${table}_delete_user.handle)
    ORDER BY t.token_hash
    FOR UPDATE);
BEGIN
  RETURN ${schema}._${table}_delete(locked, keep_events);
END
$$;

-- Makes room for one more session of a user who may have so many, by deleting those that were not used for longest; false where
-- there is none and on_full is refuse. The caller holds the user.
CREATE OR REPLACE FUNCTION ${schema}._${table}_make_room(user_id text, most int, on_full text, keep_events interval) RETURNS boolean
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
  present constant bigint := ${schema}._${table}_count(_${table}_make_room.user_id);
  deleted int;
BEGIN
  IF present < most THEN
    RETURN true;
  END IF;
  IF on_full = 'refuse' THEN
    RETURN false;
  END IF;
  SELECT ${schema}._${table}_delete(array_agg(v.token_hash), keep_events) INTO deleted
  FROM (
    SELECT l.token_hash
    FROM (
      SELECT t.token_hash, t.last_accessed_at, t.created_at
      FROM ${schema}.${table} AS t
      WHERE t.user_id = _${table}_make_room.user_id AND t.expires_at > statement_timestamp()
      ORDER BY t.token_hash
      FOR UPDATE
    ) AS l
    ORDER BY l.last_accessed_at DESC, l.created_at DESC, l.token_hash
    OFFSET most - 1
  ) AS v;
  RETURN true;
END
$$;

-- The live sessions of a user, the last used first.
CREATE OR REPLACE FUNCTION ${schema}._${table}_list(user_id text) RETURNS SETOF ${schema}.session_entry
LANGUAGE plpgsql STABLE ROWS 10 SET enable_seqscan = off SET jit = off AS $$
DECLARE
  entry ${schema}.session_entry;
  size bigint := 0;
BEGIN
  FOR entry IN
    SELECT t.handle, t.user_id, t.data, t.created_at, t.last_accessed_at, t.expires_at, t.ip, t.user_agent
    FROM ${schema}.${table} AS t
    WHERE t.user_id = _${table}_list.user_id AND t.expires_at > statement_timestamp()
    ORDER BY t.last_accessed_at DESC, t.handle
    LIMIT 1000
  LOOP
    size := size + octet_length(entry.data::text);
    EXIT WHEN size > ${schema}._kv_page_bytes();
    RETURN NEXT entry;
  END LOOP;
END
$$;

-- Some live sessions whose data contain a JSON object. Reads the whole table, unless there is a GIN index on data.
CREATE OR REPLACE FUNCTION ${schema}._${table}_find(contains jsonb, max_rows int) RETURNS SETOF ${schema}.session_entry
LANGUAGE plpgsql STABLE ROWS 100 AS $$
DECLARE
  entry ${schema}.session_entry;
  size bigint := 0;
BEGIN
  FOR entry IN
    SELECT t.handle, t.user_id, t.data, t.created_at, t.last_accessed_at, t.expires_at, t.ip, t.user_agent
    FROM ${schema}.${table} AS t
    WHERE t.data @> contains AND t.expires_at > statement_timestamp()
    LIMIT max_rows
  LOOP
    size := size + octet_length(entry.data::text);
    EXIT WHEN size > ${schema}._kv_page_bytes();
    RETURN NEXT entry;
  END LOOP;
END
$$;

-- How many live sessions a user has.
CREATE OR REPLACE FUNCTION ${schema}._${table}_count(user_id text) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
BEGIN
  RETURN count(*) FROM ${schema}.${table} AS t WHERE t.user_id = _${table}_count.user_id AND t.expires_at > statement_timestamp();
END
$$;

-- Removes dead sessions, and records that they expired: see sweep_kv.sql for what it takes and returns. The deletion and its
-- record are one transaction, and of two sweepers only one gets to delete a row: so each session expires once.
CREATE OR REPLACE FUNCTION ${schema}._${table}_sweep(
  first_page bigint, end_page bigint, at timestamptz, budget int,
  OUT removed bigint, OUT oldest timestamptz, OUT is_clean boolean, OUT entries bigint, OUT due_at timestamptz, OUT sizes jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  low constant tid := format('(%s,0)', first_page);
  high constant tid := format('(%s,0)', end_page);
  keep_events interval;
  told text[];
  left_behind bigint;
BEGIN
  SELECT s.keep_events INTO keep_events FROM ${schema}.session_settings AS s WHERE s.id = 1;
  WITH dead AS MATERIALIZED (
    SELECT d.id, d.cost < budget AS affordable
    FROM (
      SELECT t.ctid AS id, sum(1 + pg_column_size(t.data) / 2000) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS cost
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
    RETURNING t.expires_at, t.handle, t.user_id
  ), recorded AS (
    INSERT INTO ${schema}.session_event (kind, handle, user_id, happened_at, expires_at)
    SELECT 'expired', g.handle, g.user_id, g.expires_at, at + keep_events
    FROM gone AS g
    WHERE keep_events IS NOT NULL
    RETURNING kind, handle, user_id, happened_at
  )
  SELECT (SELECT count(*) FROM gone), (SELECT min(g.expires_at) FROM gone AS g), NOT EXISTS (SELECT FROM dead AS d WHERE NOT d.affordable),
         (SELECT array_agg(${schema}._session_told(r.kind, r.handle, r.user_id, r.happened_at)) FROM recorded AS r)
  INTO removed, oldest, is_clean, told;
  IF told IS NOT NULL THEN
    PERFORM ${schema}._session_tell(told);
  END IF;
  IF NOT is_clean THEN
    RETURN;
  END IF;
  SELECT count(*) FILTER (WHERE t.expires_at > at), count(*) FILTER (WHERE t.expires_at <= at),
         percentile_disc(0.125) WITHIN GROUP (ORDER BY t.expires_at), '{}'
  INTO entries, left_behind, due_at, sizes
  FROM ${schema}.${table} AS t
  WHERE t.ctid >= low AND t.ctid < high;
  IF left_behind > 0 THEN
    due_at := at;
  END IF;
END
$$;
