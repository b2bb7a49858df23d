-- The sweeper: a hand that goes round over the pages of each table, in ranges of 128 (1 MiB), removes what is dead, and
-- evicts where a namespace is too large. docs/expiry.md says what it promises.
--
-- A range is looked at when
--   its due_at has come: an eighth of the rows seen there is dead by then, or its pause is over. The pause halves when a
--     look finds much to have changed, and doubles when little has, up to _sweep_most_pause; or
--   a quarter of the table has been inserted since the last look (a tenth, where a namespace is nearly full), or
--   it is new.
-- All else is left alone: a hand that read everything all the time would push the hot pages out of the shared buffers.
--
-- Locks: one sweeper at a time in the cluster, by an advisory lock of its transaction that nobody waits for. Rows by SKIP
-- LOCKED only, those of the registry included; the sweep_ tables are written by the one sweeper. So a sweeper never waits,
-- and those who wait for its rows wait for a moment.
--
-- A swept table T has a row in sweep_hand and a function _T_sweep (sweep_kv.sql says what it returns, sweep_plain.sql has it
-- for tables whose rows just end); tables with namespaces have a function _T_evict as well.

-- How many bytes a row counts for: what key and value take as stored (compressed), and 100 for its header, times and index.
CREATE OR REPLACE FUNCTION ${schema}._kv_stored_bytes(namespace text, key text, value jsonb, bytes bytea) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT 100::bigint + 2 * (octet_length(namespace) + octet_length(key)) + coalesce(pg_column_size(value), 0) + coalesce(pg_column_size(bytes), 0)
$$;

CREATE OR REPLACE FUNCTION ${schema}._kv_hash(namespace text, key text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT hashtextextended(namespace || ':' || key, 0) $$;

-- Notes that keys were read, so that they are not the first to be evicted. A namespace that does not evict takes no notes.
-- Who calls it for each sixteenth of its reads that found something has said enough. Ordered, so that two calls wait for
-- each other in one direction only.
CREATE OR REPLACE FUNCTION ${schema}.kv_mark(namespace text, keys text[]) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO ${schema}.kv_mark AS m (hash, expires_at)
  SELECT u.hash, statement_timestamp() + interval '1 hour'
  FROM (SELECT DISTINCT ${schema}._kv_hash(kv_mark.namespace, k) AS hash FROM unnest(kv_mark.keys) AS k WHERE k IS NOT NULL) AS u
  WHERE EXISTS (
    SELECT FROM ${schema}.namespace AS n
    WHERE n.name = kv_mark.namespace AND n.on_full = 'evict' AND (n.max_entries IS NOT NULL OR n.max_bytes IS NOT NULL))
  ORDER BY u.hash
  ON CONFLICT (hash) DO UPDATE SET expires_at = excluded.expires_at
  WHERE m.expires_at < statement_timestamp() + interval '30 minutes'
$$;

-- What all unregistered namespaces together may take, and so all caches without bounds of their own: the setting
-- howdah.unregistered_max_bytes, 8 GiB where it is not set, NULL (no bound) where it is 0.
CREATE OR REPLACE FUNCTION ${schema}._unregistered_max_bytes() RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT nullif(coalesce(nullif(current_setting('howdah.unregistered_max_bytes', true), '')::bigint, 8589934592), 0)
$$;

-- The longest time from one look at a range to the next: 0.6 s a range, at least 10 s and at most 10 minutes (or
-- howdah.sweep_turn); in tables over 12 GiB longer, so that looking takes no more than 20 MiB a second.
CREATE OR REPLACE FUNCTION ${schema}._sweep_most_pause(ranges bigint) RETURNS interval
LANGUAGE sql STABLE AS $$
  SELECT greatest(
    least(greatest(ranges * interval '0.6 s', interval '10 s'),
          coalesce(nullif(current_setting('howdah.sweep_turn', true), '')::interval, interval '10 minutes')),
    ranges * interval '0.05 s')
$$;

-- The namespaces, or caches, of a table that are near their bounds (90 %) or over, and how much is too much. name is NULL for
-- all unregistered ones together, where none of them stands out.
CREATE OR REPLACE FUNCTION ${schema}._sweep_tight(table_name text)
RETURNS TABLE (name text, evicts boolean, excess_entries bigint, excess_bytes bigint)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
#variable_conflict use_column
DECLARE
  most constant bigint := ${schema}._unregistered_max_bytes();
BEGIN
  RETURN QUERY
    SELECT b.name::text, b.evicts, coalesce(s.entries - b.max_entries, 0), coalesce(s.bytes - b.max_bytes, 0)
    FROM ${schema}.sweep_bound AS b
    JOIN ${schema}.sweep_size AS s ON s.table_name = b.table_name AND s.name = b.name
    WHERE (s.entries > 0.9 * b.max_entries OR s.bytes > 0.9 * b.max_bytes) AND b.table_name = _sweep_tight.table_name;
  IF table_name IN ('kv_ephemeral', 'cache_entry') THEN
    RETURN QUERY
      SELECT CASE WHEN u.name <> '' AND 4 * u.bytes >= u.total THEN u.name END, true, 0::bigint, u.total - most
      FROM (
        SELECT s.name::text AS name, s.bytes, (sum(s.bytes) OVER ())::bigint AS total
        FROM ${schema}.sweep_size AS s
        WHERE s.table_name = _sweep_tight.table_name
          AND NOT EXISTS (
            SELECT FROM ${schema}.sweep_bound AS b
            WHERE b.name = s.name AND (b.table_name = 'cache_entry') = (_sweep_tight.table_name = 'cache_entry'))
        ORDER BY s.name = '', s.bytes DESC
        LIMIT 1
      ) AS u
      WHERE u.total > 0.9 * most;
  END IF;
END
$$;

-- Brings what is known of a table in line with its size: new ranges are due at once, those that are gone (the table is
-- unlogged, and Postgres crashed) are forgotten.
CREATE OR REPLACE FUNCTION ${schema}._sweep_measure(hand ${schema}.sweep_hand) RETURNS ${schema}.sweep_hand
LANGUAGE plpgsql AS $$
DECLARE
  pages_now constant bigint := pg_relation_size(('${schema}.' || hand.table_name)::regclass) / current_setting('block_size')::bigint;
  gone ${schema}.sweep_range;
BEGIN
  IF pages_now < hand.pages THEN
    FOR gone IN
      DELETE FROM ${schema}.sweep_range AS r WHERE r.table_name = hand.table_name AND r.number * 128::bigint >= pages_now RETURNING r.*
    LOOP
      PERFORM ${schema}._sweep_resize(hand.table_name, gone.sizes, '{}');
      hand.entries := hand.entries - gone.entries;
    END LOOP;
    UPDATE ${schema}.sweep_range AS r SET due_at = '-infinity' WHERE r.table_name = hand.table_name;
    hand.due_at := '-infinity';
    hand.pages := pages_now;
  ELSIF pages_now > hand.pages THEN
    -- A table that was large before it had a hand becomes known step by step.
    INSERT INTO ${schema}.sweep_range AS r (table_name, number, looked_at, pause, due_at, inserted, entries, sizes)
    SELECT hand.table_name, i, '-infinity', interval '1 s', '-infinity', 0, 0, '{}'
    FROM generate_series(hand.pages / 128, least(pages_now - 1, hand.pages + 128000) / 128) AS i
    ON CONFLICT ON CONSTRAINT sweep_range_pkey DO UPDATE SET due_at = '-infinity';
    hand.due_at := '-infinity';
    hand.pages := least(pages_now, hand.pages + 128000);
  END IF;
  RETURN hand;
END
$$;

-- Adds what has changed in a range to the sums.
CREATE OR REPLACE FUNCTION ${schema}._sweep_resize(table_name text, before jsonb, after jsonb) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF before = after THEN
    RETURN;
  END IF;
  INSERT INTO ${schema}.sweep_size AS s (table_name, name, entries, bytes)
  SELECT _sweep_resize.table_name, d.name, sum(d.entries), sum(d.bytes)
  FROM (
    SELECT a.key AS name, (a.value ->> 0)::bigint AS entries, (a.value ->> 1)::bigint AS bytes FROM jsonb_each(after) AS a
    UNION ALL
    SELECT b.key, -(b.value ->> 0)::bigint, -(b.value ->> 1)::bigint FROM jsonb_each(before) AS b
  ) AS d
  GROUP BY d.name
  HAVING sum(d.entries) <> 0 OR sum(d.bytes) <> 0
  ON CONFLICT ON CONSTRAINT sweep_size_pkey DO UPDATE SET entries = s.entries + excluded.entries, bytes = s.bytes + excluded.bytes;
  DELETE FROM ${schema}.sweep_size AS s
  WHERE s.table_name = _sweep_resize.table_name AND s.entries <= 0 AND before ? s.name;
END
$$;

-- How long until the next look. changed of entries rows were not as they had been at the last one.
CREATE OR REPLACE FUNCTION ${schema}._sweep_pause(pause interval, changed bigint, entries bigint, most interval) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(interval '1 s', least(most,
    CASE WHEN 8 * changed > entries THEN pause / 2 WHEN 32 * changed <= entries THEN pause * 2 ELSE pause END))
$$;

-- The rows that one statement may remove: so many that it takes some 10 ms, however large they are and slow the machine is.
CREATE OR REPLACE FUNCTION ${schema}._sweep_budget(budget int, took interval, was_enough boolean) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN took > interval '20 ms' THEN greatest(budget / 2, 500)
              WHEN took < interval '10 ms' AND NOT was_enough THEN least(budget * 2, 4000)
              ELSE budget END
$$;

-- The next range that there is reason to look at, from where the hand stands; NULL when there is none.
CREATE OR REPLACE FUNCTION ${schema}._sweep_next(
  hand ${schema}.sweep_hand, at timestamptz, inserted bigint, threshold bigint, turning boolean) RETURNS ${schema}.sweep_range
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_variable
DECLARE
  first int;
  found_range ${schema}.sweep_range;
BEGIN
  FOREACH first IN ARRAY ARRAY[hand.position, 0] LOOP
    SELECT r.* INTO found_range
    FROM ${schema}.sweep_range AS r
    WHERE r.table_name = hand.table_name AND r.number >= first
      AND (r.due_at <= at OR inserted NOT BETWEEN r.inserted AND r.inserted + threshold OR (turning AND r.looked_at < hand.turn_began_at))
    ORDER BY r.number
    LIMIT 1;
    EXIT WHEN FOUND;
  END LOOP;
  RETURN found_range;
END
$$;

-- Evicts from the next range that has rows of the victim (one row of _sweep_tight). NULL when no range has.
CREATE OR REPLACE FUNCTION ${schema}._sweep_evict(
  INOUT hand ${schema}.sweep_hand, at timestamptz, victim text, excess_entries bigint, excess_bytes bigint,
  OUT found_range ${schema}.sweep_range, OUT evicted bigint)
LANGUAGE plpgsql AS $$
DECLARE
  began constant timestamptz := clock_timestamp();
  first int;
  first_page bigint;
  eviction record;
BEGIN
  evicted := 0;
  FOREACH first IN ARRAY ARRAY[hand.evict_range, 0] LOOP
    SELECT r.* INTO found_range
    FROM ${schema}.sweep_range AS r
    WHERE r.table_name = hand.table_name AND r.number >= first AND (victim IS NULL OR r.sizes ? victim)
    ORDER BY r.number
    LIMIT 1;
    EXIT WHEN FOUND;
  END LOOP;
  IF found_range.number IS NULL THEN
    RETURN;
  END IF;
  IF found_range.number < hand.evict_range THEN
    hand.evict_turn := hand.evict_turn + 1;
    hand.evict_at := '(0,0)';
  END IF;
  first_page := found_range.number * 128::bigint;
  EXECUTE format('SELECT e.* FROM ${schema}._%s_evict($1, $2, $3, $4, $5, $6, $7, $8, $9) AS e', hand.table_name)
  INTO eviction
  USING greatest(hand.evict_at, format('(%s,0)', first_page)::tid), first_page + 128, at, found_range.passed_at,
        victim, excess_entries, excess_bytes, hand.evict_turn, hand.budget;
  evicted := eviction.evicted;
  IF eviction.stopped IS NULL THEN
    hand.evict_range := found_range.number + 1;
    found_range.passed_at := at;
  ELSE
    hand.evict_range := found_range.number;
    hand.evict_at := eviction.stopped;
  END IF;
  hand.evicted := hand.evicted + evicted;
  hand.budget := ${schema}._sweep_budget(hand.budget, clock_timestamp() - began, eviction.stopped IS NULL);
END
$$;

-- Looks at one range: removes what is dead, and notes what is there. evicted rows have just gone from it.
CREATE OR REPLACE FUNCTION ${schema}._sweep_look(
  INOUT hand ${schema}.sweep_hand, at timestamptz, found_range ${schema}.sweep_range, inserted bigint, evicted bigint, most_pause interval,
  OUT removed bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
  began constant timestamptz := clock_timestamp();
  look record;
  pause interval;
BEGIN
  EXECUTE format('SELECT s.* FROM ${schema}._%s_sweep($1, $2, $3, $4) AS s', hand.table_name)
  INTO look USING found_range.number * 128::bigint, (found_range.number + 1) * 128::bigint, at, hand.budget;
  removed := look.removed;
  hand.budget := ${schema}._sweep_budget(hand.budget, clock_timestamp() - began, look.is_clean);
  hand.visits := hand.visits + 1;
  hand.removed := hand.removed + removed;
  IF removed > 0 THEN
    hand.backlog_age := greatest(at - look.oldest, interval '0');
  END IF;
  IF NOT look.is_clean THEN
    UPDATE ${schema}.sweep_range AS r SET due_at = '-infinity' WHERE r.table_name = hand.table_name AND r.number = found_range.number;
    RETURN;
  END IF;
  PERFORM ${schema}._sweep_resize(hand.table_name, found_range.sizes, look.sizes);
  hand.entries := hand.entries + look.entries - found_range.entries;
  pause := ${schema}._sweep_pause(
    found_range.pause, removed + evicted + abs(look.entries + evicted - found_range.entries), look.entries + removed + evicted, most_pause);
  UPDATE ${schema}.sweep_range AS r
  SET looked_at = at, passed_at = found_range.passed_at, pause = pause,
      due_at = greatest(least(at + pause, look.due_at), at + interval '1 s'),
      inserted = inserted, entries = look.entries, sizes = look.sizes
  WHERE r.table_name = hand.table_name AND r.number = found_range.number;
END
$$;

-- One table, until there is nothing to do or until give_up_at. since is NULL for a look at what is due only. Otherwise the
-- hand makes a whole turn, due or not, that began at since or later, where the table has no more ranges than most_ranges.
CREATE OR REPLACE FUNCTION ${schema}._sweep_table(
  INOUT hand ${schema}.sweep_hand, at timestamptz, since timestamptz, most_ranges int, give_up_at timestamptz,
  OUT pages bigint, OUT removed bigint, OUT evicted bigint, OUT is_done boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
  inserted constant bigint := pg_stat_get_tuples_inserted(('${schema}.' || hand.table_name)::regclass);
  ranges bigint;
  threshold bigint;
  most_pause interval;
  turning boolean;
  visited boolean := false;
  evicts boolean := false;
  evicted_here bigint;
  tight record;
  victim record;
  step record;
  found_range ${schema}.sweep_range;
BEGIN
  pages := 0;
  removed := 0;
  evicted := 0;
  is_done := false;
  hand := ${schema}._sweep_measure(hand);
  ranges := (hand.pages + 127) / 128;
  turning := since IS NOT NULL AND hand.turn_ended_at < since AND ranges <= most_ranges;
  IF turning AND hand.turn_began_at < since THEN
    hand.turn_began_at := since;
  END IF;
  LOOP
    SELECT count(*) > 0 AS any, coalesce(bool_or(NOT t.evicts), false) AS refuses INTO tight FROM ${schema}._sweep_tight(hand.table_name) AS t;
    threshold := greatest(200, hand.entries / CASE WHEN tight.any THEN 10 ELSE 4 END);
    most_pause := CASE WHEN tight.refuses THEN ranges * interval '0.05 s' ELSE ${schema}._sweep_most_pause(ranges) END;

    found_range := NULL;
    IF turning OR hand.due_at <= at OR inserted NOT BETWEEN hand.inserted AND hand.inserted + threshold THEN
      found_range := ${schema}._sweep_next(hand, at, inserted, threshold, turning);
      IF found_range.number IS NOT NULL THEN
        hand.due_at := '-infinity';
      ELSE
        SELECT coalesce(min(r.due_at), 'infinity'), coalesce(min(r.inserted), inserted) INTO hand.due_at, hand.inserted
        FROM ${schema}.sweep_range AS r WHERE r.table_name = hand.table_name;
        IF NOT EXISTS (SELECT FROM ${schema}.sweep_range AS r WHERE r.table_name = hand.table_name AND r.looked_at < hand.turn_began_at) THEN
          hand.last_turn := at - nullif(hand.turn_began_at, '-infinity');
          hand.turns := hand.turns + 1;
          hand.turn_began_at := at;
          hand.turn_ended_at := at;
          turning := false;
        END IF;
      END IF;
    END IF;

    evicted_here := 0;
    EXIT WHEN found_range.number IS NOT NULL AND visited AND clock_timestamp() >= give_up_at;
    -- Eviction and looks at what is due take turns.
    IF tight.any AND (found_range.number IS NULL OR NOT evicts) THEN
      SELECT t.* INTO victim FROM ${schema}._sweep_tight(hand.table_name) AS t
      WHERE t.evicts AND (t.excess_entries > 0 OR t.excess_bytes > 0) LIMIT 1;
      IF FOUND THEN
        step := ${schema}._sweep_evict(hand, at, victim.name, victim.excess_entries, victim.excess_bytes);
        hand := step.hand;
        IF (step.found_range).number IS NOT NULL THEN
          found_range := step.found_range;
          evicted_here := step.evicted;
          evicted := evicted + evicted_here;
          evicts := true;
        END IF;
      END IF;
    ELSE
      evicts := false;
    END IF;

    IF found_range.number IS NULL THEN
      is_done := true;
      EXIT;
    END IF;
    IF NOT evicts THEN
      hand.position := found_range.number;
    END IF;
    step := ${schema}._sweep_look(hand, at, found_range, inserted, evicted_here, most_pause);
    hand := step.hand;
    removed := removed + step.removed;
    pages := pages + least(128, hand.pages - found_range.number * 128::bigint);
    visited := true;
    EXIT WHEN evicts AND clock_timestamp() >= give_up_at;
  END LOOP;
END
$$;

-- Sets is_full where a namespace that refuses is full, and takes it back. Rows that somebody holds wait for the next time.
CREATE OR REPLACE FUNCTION ${schema}._sweep_mark_full() RETURNS void
LANGUAGE sql AS $$
  UPDATE ${schema}.namespace AS n
  SET is_full = NOT n.is_full
  WHERE n.name = ANY (ARRAY(
    SELECT x.name
    FROM ${schema}.namespace AS x
    LEFT JOIN ${schema}.sweep_size AS s
      ON s.name = x.name AND s.table_name = CASE x.place WHEN 'd' THEN 'kv_durable' WHEN 's' THEN 'kv_document' ELSE 'kv_ephemeral' END
    WHERE x.is_full <> (x.on_full = 'refuse' AND coalesce(s.entries >= x.max_entries OR s.bytes >= x.max_bytes, false))
    FOR UPDATE OF x SKIP LOCKED))
$$;

-- What somebody should know; NULL when there is nothing.
CREATE OR REPLACE FUNCTION ${schema}._sweep_warning() RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT format('unregistered namespaces take %s of the %s that howdah.unregistered_max_bytes allows%s%s; register them with a bound, or give their values a time to live',
                pg_size_pretty(u.total), pg_size_pretty(u.most),
                CASE WHEN u.name <> '' THEN format(', the largest is %L with %s', u.name, pg_size_pretty(u.bytes)) END,
                CASE WHEN u.total >= u.most THEN ', so the least used values are evicted' END)
  FROM (
    SELECT s.name, s.bytes, (sum(s.bytes) OVER ())::bigint AS total, ${schema}._unregistered_max_bytes() AS most
    FROM ${schema}.sweep_size AS s
    WHERE s.table_name = 'kv_ephemeral' AND NOT EXISTS (SELECT FROM ${schema}.namespace AS n WHERE n.name = s.name)
    ORDER BY s.name = '', s.bytes DESC
    LIMIT 1
  ) AS u
  WHERE u.total > 0.8 * u.most
$$;

-- When the turn began that somebody is making with one call of sweep after another: now, if he had finished, or has not
-- called for ten seconds.
CREATE OR REPLACE FUNCTION ${schema}._sweep_session(at timestamptz) RETURNS timestamptz
LANGUAGE sql AS $$
  WITH session AS (
    SELECT CASE WHEN max(h.asked_at) >= at - interval '10 s' AND min(h.turn_ended_at) < max(h.asked_since)
                THEN max(h.asked_since) ELSE at END AS since
    FROM ${schema}.sweep_hand AS h
  )
  UPDATE ${schema}.sweep_hand AS h SET asked_since = s.since, asked_at = at FROM session AS s
  RETURNING h.asked_since
$$;

-- What sweep and sweep_all do, in one transaction, in some 10 to 30 ms. See _sweep_table for since and most_ranges;
-- '-infinity' is a turn that goes on from call to call.
CREATE OR REPLACE FUNCTION ${schema}._sweep(
  at timestamptz, since timestamptz, most_ranges int,
  OUT outcome text, OUT pages bigint, OUT removed bigint, OUT evicted bigint, OUT is_done boolean, OUT next_in interval, OUT warning text)
LANGUAGE plpgsql AS $$
DECLARE
  give_up_at constant timestamptz := clock_timestamp() + CASE WHEN since IS NULL THEN interval '10 ms' ELSE interval '25 ms' END;
  began timestamptz;
  before ${schema}.sweep_hand;
  hand ${schema}.sweep_hand;
  step record;
  next_at timestamptz := 'infinity';
BEGIN
  pages := 0;
  removed := 0;
  evicted := 0;
  is_done := true;
  IF pg_is_in_recovery() THEN
    outcome := 'standby';
    RETURN;
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtextextended('${schema}.sweep', 0)) THEN
    outcome := 'busy';
    RETURN;
  END IF;
  outcome := 'swept';
  IF since = '-infinity' THEN
    since := ${schema}._sweep_session(at);
  END IF;
  -- The table that has waited longest is first.
  FOR before IN SELECT h.* FROM ${schema}.sweep_hand AS h ORDER BY h.swept_at, h.table_name LOOP
    began := clock_timestamp();
    -- By hand, each table gets at least one look.
    IF since IS NULL AND pages > 0 AND began >= give_up_at THEN
      is_done := false;
      EXIT;
    END IF;
    step := ${schema}._sweep_table(before, at, since, most_ranges, give_up_at);
    hand := step.hand;
    pages := pages + step.pages;
    removed := removed + step.removed;
    evicted := evicted + step.evicted;
    is_done := is_done AND step.is_done;
    next_at := least(next_at, hand.due_at);
    IF hand IS DISTINCT FROM before THEN
      IF step.pages > 0 THEN
        hand.swept_at := at;
        hand.worked := hand.worked + (clock_timestamp() - began);
      END IF;
      UPDATE ${schema}.sweep_hand AS h
      SET (position, pages, entries, inserted, budget, due_at, turn_began_at, turn_ended_at, evict_range, evict_at, evict_turn,
           swept_at, last_turn, backlog_age, turns, visits, removed, evicted, worked)
        = (hand.position, hand.pages, hand.entries, hand.inserted, hand.budget, hand.due_at, hand.turn_began_at, hand.turn_ended_at,
           hand.evict_range, hand.evict_at, hand.evict_turn,
           hand.swept_at, hand.last_turn, hand.backlog_age, hand.turns, hand.visits, hand.removed, hand.evicted, hand.worked)
      WHERE h.table_name = hand.table_name;
    END IF;
  END LOOP;
  IF pages > 0 THEN
    PERFORM ${schema}._sweep_mark_full();
  END IF;
  warning := ${schema}._sweep_warning();
  next_in := CASE WHEN is_done THEN greatest(least(next_at, at + interval '1 minute') - at, interval '0') ELSE interval '0' END;
END
$$;

-- One bounded batch of sweeping, by hand; a program has a sweeper, or pg_cron calls sweep_all. The first call begins a turn
-- over all pages of all tables, the next ones go on with it. One row:
--   outcome  'swept'; 'busy': another sweeper is at work, or somebody's open transaction has swept; 'standby': there is
--            nothing to sweep on a standby, its primary does it. With the last two nothing was done
--   pages    looked at · removed dead rows · evicted live rows, of namespaces that were too large
--   is_done  a whole turn over all tables is complete, and nothing is left to do; until then call it again
--   next_in  how long until the next range is due; 0 when there is more to do now
--   warning  what somebody should know, or NULL
-- Under READ COMMITTED only: above it, a row that was refreshed meanwhile is a conflict (40001).
CREATE OR REPLACE FUNCTION ${schema}.sweep()
RETURNS TABLE (outcome text, pages bigint, removed bigint, evicted bigint, is_done boolean, next_in interval, warning text)
LANGUAGE sql ROWS 1 AS $$
  SELECT s.outcome, s.pages, s.removed, s.evicted, s.is_done, s.next_in, s.warning
  FROM ${schema}._sweep(statement_timestamp(), '-infinity', 2147483647) AS s
$$;

-- Sweeps what is due, in many small transactions, until nothing is or the budget is used up; for pg_cron. Tables of up to
-- 64 MiB are looked at as a whole. Its commits do not wait for the flush: what a crash brings back is dead all the same.
CREATE OR REPLACE PROCEDURE ${schema}.sweep_all(budget interval DEFAULT interval '1 second')
LANGUAGE plpgsql AS $$
DECLARE
  since constant timestamptz := clock_timestamp();
  step record;
BEGIN
  IF (budget > interval '0') IS NOT TRUE THEN
    RAISE EXCEPTION 'budget: more than 0 expected, got %', coalesce(budget::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  LOOP
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT s.* INTO step FROM ${schema}._sweep(clock_timestamp(), since, 64) AS s;
    COMMIT;
    EXIT WHEN step.outcome <> 'swept' OR step.is_done OR clock_timestamp() >= since + budget;
  END LOOP;
  IF step.outcome <> 'swept' THEN
    RAISE NOTICE 'nothing was swept: %', CASE step.outcome WHEN 'busy' THEN 'another sweeper is at work' ELSE 'this is a standby' END;
  END IF;
END
$$;
