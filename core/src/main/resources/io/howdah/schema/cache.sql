-- Caches. An entry is what somebody computed, from the data as they were when he began; an eviction says that the data have
-- changed. Both are rows of the transaction that makes them: an eviction counts when, and only if, it commits.
--
-- An entry is valid while nobody has evicted one of its scopes (the cache, the key, each tag) in a transaction that its
-- computation had not seen. So a computation that began before an eviction is worth nothing after it, however long either
-- takes; and a transaction sees its own evictions at once, others when it commits.
--
-- Time is statement_timestamp(): an entry is dead when expires_at <= statement_timestamp(), and stale from fresh_until on.
-- Locks: a read takes none, and an eviction waits for nobody: it inserts a row that is its transaction's own. A put waits
-- for the row of its entry. Who begins a load waits for the row of that load, who stores waits for it and then for the
-- entry; several of them in the order of their keys, loads before entries. So all wait in one direction.
--
-- Errors: 22023 bad argument · HD001 wrong kind (JSON or bytes) · 40001 a put or the beginning of a load above READ COMMITTED, see _cache_check_snapshot.
-- On a standby there are no unlogged tables: any call is an error there (0A000).

-- What an eviction is of. kind: c the cache, k a key, t a tag. Where two have one hash, an entry goes too early. Known to whoever
-- listens, in any language: the first 8 bytes of the sha256 of kind, length of the cache's name in bytes, colon, cache, name.
CREATE OR REPLACE FUNCTION ${schema}._cache_scope(cache text, kind text, name text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT ('x' || encode(substring(sha256(convert_to(kind || octet_length(cache) || ':' || cache || name, 'UTF8')) FOR 8), 'hex'))::bit(64)::bigint
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_scopes(cache text, key text, tags text[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY[${schema}._cache_scope(cache, 'c', ''), ${schema}._cache_scope(cache, 'k', key)]
    || ARRAY(SELECT DISTINCT ${schema}._cache_scope(cache, 't', t) FROM unnest(tags) AS t)
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_check_name(name text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (octet_length(name) BETWEEN 1 AND 64) IS NOT TRUE THEN
    RAISE EXCEPTION 'name: 1 to 64 bytes expected, got %', coalesce(octet_length(name)::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_check_keys(keys text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  key text;
BEGIN
  FOREACH key IN ARRAY coalesce(keys, ARRAY[NULL::text]) LOOP
    IF (octet_length(key) BETWEEN 1 AND 1024) IS NOT TRUE THEN
      RAISE EXCEPTION 'key: 1 to 1024 bytes expected, got %', coalesce(octet_length(key)::text, 'NULL')
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_check_tags(tags text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  tag text;
BEGIN
  IF cardinality(tags) > 32 THEN
    RAISE EXCEPTION 'tags: at most 32 expected, got %', cardinality(tags) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  FOREACH tag IN ARRAY coalesce(tags, ARRAY[NULL::text]) LOOP
    IF (octet_length(tag) BETWEEN 1 AND 256) IS NOT TRUE THEN
      RAISE EXCEPTION 'tag: 1 to 256 bytes expected, got %', coalesce(octet_length(tag)::text, 'NULL')
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_check_interval(argument text, value interval, least_value interval) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (value >= least_value AND extract(epoch FROM value) <= 36500 * 86400::bigint) IS NOT TRUE THEN
    RAISE EXCEPTION '%: % to 36500 days expected, got %', argument, least_value, coalesce(value::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Reads.

-- The entry of a key if it is valid. Inlined where it is called, so that it costs what its queries cost.
-- Evictions by transactions that are not below unseen_from have one at the beginning of their range, if there are any.
CREATE OR REPLACE FUNCTION ${schema}._cache_live(cache text, key text)
RETURNS TABLE (value jsonb, bytes bytea, fresh_until timestamptz, expires_at timestamptz, number bigint, scopes bigint[])
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e.value, e.bytes, e.fresh_until, e.expires_at, e.number, e.scopes
  FROM ${schema}.cache_entry AS e
  WHERE e.cache = $1 AND e.key = $2 AND e.expires_at > statement_timestamp()
    AND NOT EXISTS (
      SELECT FROM ${schema}.cache_eviction AS v
      WHERE v.scope = ANY (e.scopes) AND v.xid >= e.unseen_from AND (v.xid <> e.xid OR v.number > e.number))
    AND (e.unseen IS NULL OR NOT EXISTS (
      SELECT FROM ${schema}.cache_eviction AS v
      WHERE v.scope = ANY (e.scopes) AND v.xid = ANY (e.unseen) AND (v.xid <> e.xid OR v.number > e.number)))
$$;

-- 8 bytes each. COST 1: in a read that asks for none they must not make the plan of all reads look dear, or Postgres plans each anew.
CREATE OR REPLACE FUNCTION ${schema}._cache_scope_bytes(scopes bigint[]) RETURNS bytea
LANGUAGE sql STABLE COST 1 AS $$
  SELECT string_agg(int8send(s), '') FROM unnest($1) AS s
$$;

-- For the engine. kind: j JSON, b bytes, n nothing (it was found that there is no value). fresh_for and live_for in
-- microseconds from now; a stale entry is fresh for 0 or less. A later entry of a key has a larger number. scopes, where they are
-- wanted: 8 bytes each.
CREATE OR REPLACE FUNCTION ${schema}._cache_read(cache text, key text, with_scopes boolean)
RETURNS TABLE (kind text, value jsonb, bytes bytea, fresh_for bigint, live_for bigint, number bigint, scopes bytea)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT CASE WHEN e.value IS NOT NULL THEN 'j' WHEN e.bytes IS NOT NULL THEN 'b' ELSE 'n' END, e.value, e.bytes,
         (extract(epoch FROM e.fresh_until - statement_timestamp()) * 1000000)::bigint,
         (extract(epoch FROM e.expires_at - statement_timestamp()) * 1000000)::bigint,
         e.number, CASE WHEN $3 THEN ${schema}._cache_scope_bytes(e.scopes) END
  FROM ${schema}._cache_live($1, $2) AS e
$$;

-- The same for many, as kv_quick.sql has it: what is longer than row_budget comes with neither value nor bytes.
CREATE OR REPLACE FUNCTION ${schema}._cache_batch_read(caches text, keys text, separator text, row_budget int, with_scopes boolean)
RETURNS TABLE (ordinal bigint, kind text, value text, bytes bytea, fresh_for bigint, live_for bigint, number bigint, scopes bytea)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT r.ordinality, e.kind,
         CASE WHEN octet_length(e.json) <= $4 THEN e.json END,
         CASE WHEN octet_length(e.bytes) <= $4 THEN e.bytes END,
         e.fresh_for, e.live_for, e.number, e.scopes
  FROM ROWS FROM (string_to_table($1, $3), string_to_table($2, $3)) WITH ORDINALITY AS r (cache, key, ordinality)
  CROSS JOIN LATERAL (
    SELECT x.kind, CASE WHEN ${schema}._kv_may_fit(x.value, $4) THEN x.value::text END AS json, x.bytes, x.fresh_for, x.live_for, x.number, x.scopes
    FROM ${schema}._cache_read(r.cache, r.key, $5) AS x
    OFFSET 0
  ) AS e
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_refuse_kind(name text, key text, wanted text, got text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'value of % in cache % is %, not %', quote_literal(key), quote_literal(name), got, wanted
    USING ERRCODE = 'HD001', HINT = 'cache_get reads JSON, cache_get_bytes reads bytes.';
END
$$;

-- The value, and whether it is stale; no row when there is none. A NULL value says that there is nothing to be computed.
CREATE OR REPLACE FUNCTION ${schema}.cache_get(name text, key text) RETURNS TABLE (value jsonb, stale boolean)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e.value, e.fresh_until <= statement_timestamp()
  FROM ${schema}._cache_live($1, $2) AS e
  WHERE e.bytes IS NULL OR ${schema}._cache_refuse_kind($1, $2, 'JSON', 'bytes')
$$;

CREATE OR REPLACE FUNCTION ${schema}.cache_get_bytes(name text, key text) RETURNS TABLE (bytes bytea, stale boolean)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e.bytes, e.fresh_until <= statement_timestamp()
  FROM ${schema}._cache_live($1, $2) AS e
  WHERE e.value IS NULL OR ${schema}._cache_refuse_kind($1, $2, 'bytes', 'JSON')
$$;

CREATE OR REPLACE FUNCTION ${schema}.cache_get_many(name text, keys text[]) RETURNS TABLE (key text, value jsonb, stale boolean)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT k.key, e.value, e.fresh_until <= statement_timestamp()
  FROM (SELECT DISTINCT u FROM unnest($2) AS u) AS k (key)
  CROSS JOIN LATERAL (SELECT x.* FROM ${schema}._cache_live($1, k.key) AS x OFFSET 0) AS e
  WHERE e.bytes IS NULL OR ${schema}._cache_refuse_kind($1, k.key, 'JSON', 'bytes')
$$;

-- Evictions.

-- Notifies near caches, on the one channel ${schema}.cache, with payloads as in notify.sql: base64 of the scopes, 8 bytes each.
-- Locks: as there.
CREATE OR REPLACE FUNCTION ${schema}._cache_notify(name text, scopes bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(scopes) > 740 THEN
    PERFORM pg_notify('${schema}.cache', 'n ' || name);
  ELSE
    PERFORM pg_notify('${schema}.cache', 'k ' || translate(encode(h.hashes, 'base64'), E'\n', '') || ' ' || name)
    FROM (SELECT string_agg(int8send(s), '') AS hashes FROM unnest(scopes) AS s) AS h
    WHERE h.hashes IS NOT NULL;
  END IF;
END
$$;

-- Evicts scopes. Nobody else can have these rows: they are this transaction's.
-- Whether to notify is looked up when the transaction has its xid, by a younger snapshot: so whoever sees that a cache notifies,
-- and that all xids given out before have ended, hears of every eviction from then on. Above READ COMMITTED the snapshot is that of the
-- transaction, and near caches look again once a minute.
CREATE OR REPLACE FUNCTION ${schema}._cache_evict(name text, scopes bigint[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO ${schema}.cache_eviction AS v (scope, xid, number)
  SELECT s, pg_current_xact_id(), nextval('${schema}.cache_number') FROM unnest($2) AS s
  ON CONFLICT ON CONSTRAINT cache_eviction_pkey DO UPDATE SET number = excluded.number;
  SELECT ${schema}._cache_notify(n.name, $2) FROM ${schema}.cache_notification AS n WHERE n.name = $1;
$$;

-- Has evictions and puts of a cache notify near caches, or not; whether that is new.
CREATE OR REPLACE FUNCTION ${schema}.cache_notify(name text, enabled boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  IF enabled IS NULL THEN
    RAISE EXCEPTION 'enabled: true or false expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Applications say it at each start: where nothing changes they write nothing.
  IF enabled = EXISTS (SELECT FROM ${schema}.cache_notification AS n WHERE n.name = cache_notify.name) THEN
    RETURN false;
  END IF;
  IF enabled THEN
    INSERT INTO ${schema}.cache_notification (name) VALUES (cache_notify.name) ON CONFLICT ON CONSTRAINT cache_notification_pkey DO NOTHING;
  ELSE
    DELETE FROM ${schema}.cache_notification AS n WHERE n.name = cache_notify.name;
  END IF;
  IF FOUND THEN
    PERFORM pg_notify('${schema}.cache', 's ' || name);
  END IF;
  RETURN FOUND;
END
$$;

-- The value of a key has changed; whether there was a valid entry. What anybody is computing now will not be stored.
CREATE OR REPLACE FUNCTION ${schema}.cache_evict(name text, key text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  present boolean;
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  PERFORM ${schema}._cache_check_keys(ARRAY[key]);
  present := EXISTS (SELECT FROM ${schema}._cache_live(name, key));
  PERFORM ${schema}._cache_evict(name, ARRAY[${schema}._cache_scope(name, 'k', key)]);
  RETURN present;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_evict_many(name text, keys text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  PERFORM ${schema}._cache_check_keys(keys);
  PERFORM ${schema}._cache_evict(name, ARRAY(SELECT DISTINCT ${schema}._cache_scope(name, 'k', k) FROM unnest(keys) AS k));
END
$$;

-- All entries of a cache with this tag.
CREATE OR REPLACE FUNCTION ${schema}.cache_evict_tag(name text, tag text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  PERFORM ${schema}._cache_check_tags(ARRAY[tag]);
  PERFORM ${schema}._cache_evict(name, ARRAY[${schema}._cache_scope(name, 't', tag)]);
END
$$;

-- All entries of a cache.
CREATE OR REPLACE FUNCTION ${schema}.cache_clear(name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  PERFORM ${schema}._cache_evict(name, ARRAY[${schema}._cache_scope(name, 'c', '')]);
END
$$;

-- Puts.

-- Above READ COMMITTED the snapshot may be older than evictions that the sweeper has removed: then this conflicts (40001), in a
-- transaction that has its xid. cache_sweep.sql says why that is enough. The row is not held: the sweeper waits for nobody.
CREATE OR REPLACE FUNCTION ${schema}._cache_check_snapshot() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_current_xact_id();
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    BEGIN
      PERFORM FROM ${schema}.cache_upkeep FOR SHARE;
      RAISE EXCEPTION USING ERRCODE = 'triggered_action_exception';
    EXCEPTION WHEN triggered_action_exception THEN
      NULL;
    END;
  END IF;
END
$$;

-- Stores values that somebody has, each key once. Of one with neither JSON nor bytes it is stored that there is none. A put is
-- an eviction too: what others are computing is older.
-- It has seen what its own transaction has, up to now: so unseen has its xid as well, and number tells before from after.
CREATE OR REPLACE FUNCTION ${schema}._cache_put(
  name text, keys text[], vals jsonb[], blobs bytea[], ttls interval[], stale_for interval, tags text[]) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
  PERFORM ${schema}._cache_check_snapshot();
  PERFORM ${schema}._cache_evict(name, ARRAY(SELECT ${schema}._cache_scope(name, 'k', k) FROM unnest(keys) AS k));
  INSERT INTO ${schema}.cache_entry AS e (
    created_at, updated_at, fresh_until, expires_at, xid, number, unseen_from, unseen, scopes, cache, key, value, bytes)
  SELECT statement_timestamp(), statement_timestamp(), statement_timestamp() + p.ttl,
         statement_timestamp() + p.ttl + coalesce(stale_for, interval '0'),
         pg_current_xact_id(), nextval('${schema}.cache_number'),
         pg_snapshot_xmax(s.snapshot), ARRAY(SELECT * FROM pg_snapshot_xip(s.snapshot)) || pg_current_xact_id(),
         ${schema}._cache_scopes(name, p.key, tags), name, p.key, p.value, p.bytes
  FROM (
    SELECT u.* FROM ROWS FROM (unnest(keys), unnest(vals), unnest(blobs), unnest(ttls)) AS u (key, value, bytes, ttl) ORDER BY u.key COLLATE "C"
  ) AS p
  CROSS JOIN (SELECT pg_current_snapshot() AS snapshot) AS s
  ON CONFLICT ON CONSTRAINT cache_entry_pkey DO UPDATE
  SET updated_at = excluded.updated_at, fresh_until = excluded.fresh_until, expires_at = excluded.expires_at, xid = excluded.xid,
      number = excluded.number, unseen_from = excluded.unseen_from, unseen = excluded.unseen, scopes = excluded.scopes,
      value = excluded.value, bytes = excluded.bytes;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._cache_check_put(
  name text, keys text[], vals jsonb[], blobs bytea[], ttls interval[], stale_for interval, tags text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  ttl interval;
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  PERFORM ${schema}._cache_check_keys(keys);
  PERFORM ${schema}._cache_check_tags(tags);
  FOREACH ttl IN ARRAY ttls LOOP
    PERFORM ${schema}._cache_check_interval('ttl', ttl, interval '1 microsecond');
  END LOOP;
  IF stale_for IS NOT NULL THEN
    PERFORM ${schema}._cache_check_interval('stale_for', stale_for, interval '0');
  END IF;
  FOR i IN 1 .. cardinality(keys) LOOP
    IF vals[i] IS NOT NULL OR blobs[i] IS NOT NULL THEN
      PERFORM ${schema}._kv_check('-', '-', vals[i], blobs[i], NULL);
    END IF;
  END LOOP;
END
$$;

-- For the engine: values, or the knowledge that there are none.
CREATE OR REPLACE FUNCTION ${schema}._cache_put_many(
  name text, keys text[], vals text[], blobs bytea[], ttls interval[], stale_for interval, tags text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  documents constant jsonb[] := vals::jsonb[];
BEGIN
  PERFORM ${schema}._cache_check_put(name, keys, documents, blobs, ttls, stale_for, tags);
  PERFORM ${schema}._cache_put(name, keys, documents, blobs, ttls, stale_for, tags);
END
$$;

-- Stores a value for its time to live; for stale_for after that it is handed out as stale, to those who want it. A NULL value
-- stores that there is none.
CREATE OR REPLACE FUNCTION ${schema}.cache_put(
  name text, key text, value jsonb, ttl interval, stale_for interval DEFAULT NULL, tags text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._cache_check_put(name, ARRAY[key], ARRAY[value], ARRAY[NULL::bytea], ARRAY[ttl], stale_for, tags);
  PERFORM ${schema}._cache_put(name, ARRAY[key], ARRAY[value], ARRAY[NULL::bytea], ARRAY[ttl], stale_for, tags);
END
$$;

CREATE OR REPLACE FUNCTION ${schema}.cache_put_bytes(
  name text, key text, bytes bytea, ttl interval, stale_for interval DEFAULT NULL, tags text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._cache_check_put(name, ARRAY[key], ARRAY[NULL::jsonb], ARRAY[bytes], ARRAY[ttl], stale_for, tags);
  PERFORM ${schema}._cache_put(name, ARRAY[key], ARRAY[NULL::jsonb], ARRAY[bytes], ARRAY[ttl], stale_for, tags);
END
$$;

-- Loads.

-- Whether something of one of these scopes has been evicted that a computation has not seen. It looks from now: so the
-- caller is a statement of its own, whose snapshot is younger than the locks of the one before.
CREATE OR REPLACE FUNCTION ${schema}._cache_is_evicted(scopes bigint[], unseen_from xid8, unseen xid8[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM ${schema}.cache_eviction AS v WHERE v.scope = ANY (scopes) AND v.xid >= unseen_from)
      OR EXISTS (SELECT FROM ${schema}.cache_eviction AS v WHERE v.scope = ANY (scopes) AND v.xid = ANY (unseen))
$$;

-- Begins to compute the values of some keys, each of them once in the whole cluster; each key once in keys. By place:
--   claimed  nobody else is at it: it is the caller's until the lease ends, if he does not store or abandon it before
--   present  there is a fresh entry now
--   busy     somebody else is at it
-- The row of a load is taken first; then a younger snapshot tells whether it is needed: who has stored an entry has given back the
-- row of his load in the same transaction. A load whose result could not be stored any more is taken over.
CREATE OR REPLACE FUNCTION ${schema}._cache_claim(name text, keys text[], tags text[], token uuid, lease interval)
RETURNS TABLE (place int, state text)
LANGUAGE plpgsql ROWS 10 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  claimed text[];
  fresh text[];
BEGIN
  -- Before the snapshot of the next statement: cache_sweep.sql says why.
  PERFORM ${schema}._cache_check_snapshot();
  WITH claim AS (
    INSERT INTO ${schema}.cache_load AS l (cache, key, token, expires_at, number, unseen_from, unseen, scopes)
    SELECT _cache_claim.name, k.key, _cache_claim.token, clock_timestamp() + lease, nextval('${schema}.cache_number'),
           pg_snapshot_xmax(s.snapshot),
           -- With the xid of this transaction, which its snapshot leaves out: it may still evict.
           nullif(ARRAY(SELECT * FROM pg_snapshot_xip(s.snapshot)
                        UNION ALL SELECT pg_current_xact_id() WHERE pg_current_xact_id() < pg_snapshot_xmax(s.snapshot)), '{}'),
           ${schema}._cache_scopes(_cache_claim.name, k.key, tags)
    FROM (SELECT u FROM unnest(keys) AS u ORDER BY u COLLATE "C") AS k (key)
    CROSS JOIN (SELECT pg_current_snapshot() AS snapshot) AS s
    ON CONFLICT ON CONSTRAINT cache_load_pkey DO UPDATE
    SET token = excluded.token, expires_at = excluded.expires_at, number = excluded.number, unseen_from = excluded.unseen_from,
        unseen = excluded.unseen, scopes = excluded.scopes
    WHERE l.expires_at <= clock_timestamp() OR ${schema}._cache_is_evicted(l.scopes, l.unseen_from, l.unseen)
    RETURNING l.key
  )
  SELECT coalesce(array_agg(c.key), '{}') INTO claimed FROM claim AS c;
  fresh := ARRAY(
    SELECT c FROM unnest(claimed) AS c
    WHERE EXISTS (SELECT FROM ${schema}._cache_live(_cache_claim.name, c) AS e WHERE e.fresh_until > statement_timestamp()));
  IF fresh <> '{}' THEN
    DELETE FROM ${schema}.cache_load AS l WHERE l.cache = _cache_claim.name AND l.key = ANY (fresh) AND l.token = _cache_claim.token;
  END IF;
  RETURN QUERY
    SELECT k.place::int, CASE WHEN k.key = ANY (fresh) THEN 'present' WHEN k.key = ANY (claimed) THEN 'claimed' ELSE 'busy' END
    FROM unnest(keys) WITH ORDINALITY AS k (key, place);
END
$$;

-- Goes on with a load for another lease; whether all of it is still the caller's.
CREATE OR REPLACE FUNCTION ${schema}._cache_renew(name text, keys text[], token uuid, lease interval) RETURNS boolean
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  held int;
BEGIN
  WITH own AS (
    SELECT l.cache, l.key FROM ${schema}.cache_load AS l
    WHERE l.cache = _cache_renew.name AND l.key = ANY (keys) AND l.token = _cache_renew.token
    ORDER BY l.key
    FOR UPDATE
  )
  UPDATE ${schema}.cache_load AS l SET expires_at = clock_timestamp() + lease
  FROM own AS o
  WHERE l.cache = o.cache AND l.key = o.key;
  GET DIAGNOSTICS held = ROW_COUNT;
  RETURN held = cardinality(keys);
END
$$;

-- Ends a load and stores what came out of it, where that is still the newest that there is: not when something of it was
-- evicted since the load began, or somebody has put a value, or has taken the load over. The places of what was stored.
CREATE OR REPLACE FUNCTION ${schema}._cache_store(
  name text, keys text[], token uuid, vals text[], blobs bytea[], ttls interval[], stale_for interval, tags text[])
RETURNS SETOF int
LANGUAGE plpgsql ROWS 10 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  documents constant jsonb[] := vals::jsonb[];
  patience constant text := current_setting('lock_timeout');
  load record;
BEGIN
  PERFORM ${schema}._cache_check_put(name, keys, documents, blobs, ttls, stale_for, tags);
  FOR load IN
    SELECT l.number, l.unseen_from, l.unseen, l.key, k.place::int
    FROM unnest(keys) WITH ORDINALITY AS k (key, place)
    JOIN ${schema}.cache_load AS l ON l.cache = _cache_store.name AND l.key = k.key AND l.token = _cache_store.token
    ORDER BY l.key
    FOR UPDATE OF l
  LOOP
    DELETE FROM ${schema}.cache_load AS l WHERE l.cache = _cache_store.name AND l.key = load.key AND l.token = _cache_store.token;
    IF EXISTS (
      SELECT FROM ${schema}._cache_scopes(_cache_store.name, load.key, tags) AS s (scopes)
      WHERE ${schema}._cache_is_evicted(s.scopes, load.unseen_from, load.unseen))
    THEN
      CONTINUE;
    END IF;
    -- Who holds the entry for long is putting a value that is newer.
    BEGIN
      PERFORM set_config('lock_timeout', '100ms', true);
      INSERT INTO ${schema}.cache_entry AS e (
        created_at, updated_at, fresh_until, expires_at, xid, number, unseen_from, unseen, scopes, cache, key, value, bytes)
      VALUES (
        statement_timestamp(), statement_timestamp(), statement_timestamp() + ttls[load.place],
        statement_timestamp() + ttls[load.place] + coalesce(stale_for, interval '0'),
        pg_current_xact_id(), load.number, load.unseen_from, load.unseen,
        ${schema}._cache_scopes(_cache_store.name, load.key, tags), _cache_store.name, load.key, documents[load.place], blobs[load.place])
      ON CONFLICT ON CONSTRAINT cache_entry_pkey DO UPDATE
      SET updated_at = excluded.updated_at, fresh_until = excluded.fresh_until, expires_at = excluded.expires_at, xid = excluded.xid,
          number = excluded.number, unseen_from = excluded.unseen_from, unseen = excluded.unseen, scopes = excluded.scopes,
          value = excluded.value, bytes = excluded.bytes
      WHERE (e.xid < excluded.unseen_from AND (e.xid = ANY (excluded.unseen)) IS NOT TRUE) OR e.expires_at <= statement_timestamp();
      IF FOUND THEN
        RETURN NEXT load.place;
      END IF;
    EXCEPTION WHEN lock_not_available THEN
      NULL;
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', patience, true);
END
$$;

-- Gives a load up, so that the next one need not wait for its lease; how many keys it still had.
CREATE OR REPLACE FUNCTION ${schema}._cache_abandon(name text, keys text[], token uuid) RETURNS int
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
  given_up int;
BEGIN
  WITH own AS (
    SELECT l.cache, l.key FROM ${schema}.cache_load AS l
    WHERE l.cache = _cache_abandon.name AND l.key = ANY (keys) AND l.token = _cache_abandon.token
    ORDER BY l.key
    FOR UPDATE
  )
  DELETE FROM ${schema}.cache_load AS l USING own AS o WHERE l.cache = o.cache AND l.key = o.key;
  GET DIAGNOSTICS given_up = ROW_COUNT;
  RETURN given_up;
END
$$;

-- For programs that compute themselves. Begins to compute the value of a key, once in the whole cluster; a token to store it
-- with by cache_load_end. NULL when somebody else is at it, or there is a fresh entry: then read again after a while. After
-- the lease somebody else may take it over. In a transaction of its own: others wait for its row.
CREATE OR REPLACE FUNCTION ${schema}.cache_load_begin(name text, key text, lease interval DEFAULT interval '10 seconds', tags text[] DEFAULT '{}')
RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
  token constant uuid := gen_random_uuid();
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  PERFORM ${schema}._cache_check_keys(ARRAY[key]);
  PERFORM ${schema}._cache_check_tags(tags);
  PERFORM ${schema}._cache_check_interval('lease', lease, interval '1 millisecond');
  IF (SELECT c.state FROM ${schema}._cache_claim(name, ARRAY[key], tags, token, lease) AS c) = 'claimed' THEN
    RETURN token;
  END IF;
  RETURN NULL;
END
$$;

-- Stores what was computed; false when it was not stored, because the data have changed meanwhile, or the lease was over and
-- somebody else has begun. A NULL value stores that there is none.
CREATE OR REPLACE FUNCTION ${schema}.cache_load_end(
  name text, key text, token uuid, value jsonb, ttl interval, stale_for interval DEFAULT NULL, tags text[] DEFAULT '{}') RETURNS boolean
LANGUAGE sql AS $$
  SELECT EXISTS (
    SELECT FROM ${schema}._cache_store(name, ARRAY[key], token, ARRAY[value::text], ARRAY[NULL::bytea], ARRAY[ttl], stale_for, tags))
$$;

CREATE OR REPLACE FUNCTION ${schema}.cache_load_abandon(name text, key text, token uuid) RETURNS boolean
LANGUAGE sql AS $$ SELECT ${schema}._cache_abandon(name, ARRAY[key], token) > 0 $$;

-- Bounds.

-- Keeps a cache within so many entries, and bytes; NULL is no such bound. With neither the cache shares the bound of all that
-- have none. The hand evicts what is used least.
CREATE OR REPLACE FUNCTION ${schema}.cache_bound(name text, max_entries bigint DEFAULT NULL, max_bytes bigint DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._cache_check_name(name);
  IF max_entries < 1 THEN
    RAISE EXCEPTION 'max_entries: 1 or more expected, got %', max_entries USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF max_bytes < 1 THEN
    RAISE EXCEPTION 'max_bytes: 1 or more expected, got %', max_bytes USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF max_entries IS NULL AND max_bytes IS NULL THEN
    DELETE FROM ${schema}.cache AS c WHERE c.name = cache_bound.name;
    RETURN;
  END IF;
  -- Applications say it at each start: where nothing changes they write nothing.
  INSERT INTO ${schema}.cache AS c (name, max_entries, max_bytes)
  SELECT cache_bound.name, cache_bound.max_entries, cache_bound.max_bytes
  WHERE NOT EXISTS (
    SELECT FROM ${schema}.cache AS x
    WHERE x.name = cache_bound.name AND (x.max_entries, x.max_bytes) IS NOT DISTINCT FROM (cache_bound.max_entries, cache_bound.max_bytes))
  ON CONFLICT ON CONSTRAINT cache_pkey DO UPDATE SET max_entries = excluded.max_entries, max_bytes = excluded.max_bytes;
END
$$;

-- Notes that keys were read, in a cache that has bounds of its own: see kv_mark.
CREATE OR REPLACE FUNCTION ${schema}.cache_mark(name text, keys text[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO ${schema}.kv_mark AS m (hash, expires_at)
  SELECT u.hash, statement_timestamp() + interval '1 hour'
  FROM (SELECT DISTINCT ${schema}._cache_scope(cache_mark.name, 'k', k) AS hash FROM unnest(cache_mark.keys) AS k WHERE k IS NOT NULL) AS u
  WHERE EXISTS (
    SELECT FROM ${schema}.cache AS c WHERE c.name = cache_mark.name AND (c.max_entries IS NOT NULL OR c.max_bytes IS NOT NULL))
  ORDER BY u.hash
  ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at
  WHERE m.expires_at < statement_timestamp() + interval '30 minutes'
$$;

-- Caches that have entries or bounds, or notify: their sizes as the hand last saw them, and how many entries it has evicted to keep
-- their own bounds.
CREATE OR REPLACE FUNCTION ${schema}.cache_list()
RETURNS TABLE (
  name text, entries bigint, bytes bigint, max_entries bigint, max_bytes bigint, evicted bigint, notifies boolean)
LANGUAGE sql STABLE ROWS 20 AS $$
  SELECT n.name, coalesce(s.entries, 0), coalesce(s.bytes, 0), c.max_entries, c.max_bytes, coalesce(v.entries, 0),
         EXISTS (SELECT FROM ${schema}.cache_notification AS x WHERE x.name = n.name)
  FROM (
    SELECT x.name FROM ${schema}.cache AS x
    UNION SELECT x.name FROM ${schema}.cache_notification AS x
    UNION SELECT x.name FROM ${schema}.cache_evicted AS x WHERE x.name <> ''
    UNION SELECT x.name FROM ${schema}.sweep_size AS x WHERE x.table_name = 'cache_entry' AND x.name <> ''
  ) AS n
  LEFT JOIN ${schema}.cache AS c ON c.name = n.name
  LEFT JOIN ${schema}.sweep_size AS s ON s.table_name = 'cache_entry' AND s.name = n.name
  LEFT JOIN ${schema}.cache_evicted AS v ON v.name = n.name
  ORDER BY n.name
$$;
