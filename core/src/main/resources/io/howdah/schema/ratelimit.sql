-- Rate limits. Each key has one row (V003__limit_lock.sql), and a decision is one statement: it takes the row's lock, reads the
-- clock after it, and counts only what it allows. So nobody is admitted twice across a window, and what is denied is not
-- counted. A limit is exact as long as the clock of Postgres does not go back; if it does, time stands still for the key.
--
-- Algorithms, with the time in microseconds since 1970 (windows begin at its multiples of the period, in UTC):
--   f  fixed window: used calls in this window, at most max_calls.
--   s  sliding window: used + used_before * (the share of the window before that is still in sight) is at most max_calls.
--      (Cloudflare, "How we built rate limiting capable of scaling to millions of domains", 2017)
--   g  GCRA, the token bucket without a clockwork (ITU-T I.371, annex A): what was used flows off at max_calls a period, and
--      is at most burst. Counted in calls times period, in whole numbers: nothing is rounded.
-- A row that was counted by another algorithm or period is as none.
--
-- Locks: rows of rate_limit in the order of their keys, in every statement; so there is one direction to wait in. Inside a
-- transaction of the caller's they last until its end: the Java library therefore never limits inside one.
--
-- Errors: 22023 bad argument.

-- What is left at this time of what the row says was used.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_used(
  algorithm "char", max_calls bigint, period bigint, now bigint, had "char", had_period bigint, began bigint, used bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN had <> algorithm OR had_period <> period THEN 0
    WHEN algorithm = 'g' THEN CASE WHEN now - began > used / max_calls THEN 0 ELSE used - (now - began) * max_calls END
    WHEN began >= now - now % period THEN used
    ELSE 0
  END
$$;

-- The calls of the window before, of a sliding window.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_before(
  algorithm "char", period bigint, now bigint, had "char", had_period bigint, began bigint, used bigint, used_before bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN algorithm <> 's' OR had <> algorithm OR had_period <> period THEN 0
    WHEN began >= now - now % period THEN used_before
    WHEN began = now - now % period - period THEN used
    ELSE 0
  END
$$;

-- How many calls fit that use so much each, as the row counts.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_room(
  algorithm "char", max_calls bigint, period bigint, burst bigint, now bigint, used bigint, used_before bigint, spent bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(0, CASE algorithm
    WHEN 'f' THEN (max_calls - used) / spent
    WHEN 's' THEN ((max_calls - used) * period - used_before * (period - now % period)) / (spent * period)
    ELSE (burst * period - used) / spent
  END)
$$;

-- How many calls of this cost fit.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_fits(
  algorithm "char", max_calls bigint, period bigint, burst bigint, now bigint, used bigint, used_before bigint, cost bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT ${schema}._rate_limit_room(
    algorithm, max_calls, period, burst, now, used, used_before, CASE WHEN algorithm = 'g' THEN cost * period ELSE cost END)
$$;

-- Microseconds until one call of this cost fits, where none does now.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_retry(
  algorithm "char", max_calls bigint, period bigint, burst bigint, now bigint, used bigint, used_before bigint, cost bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(1, CASE
    WHEN algorithm = 'f' THEN period - now % period
    WHEN algorithm = 'g' THEN (used - (burst - cost) * period + max_calls - 1) / max_calls
    -- In this window, when enough of the one before is out of sight; or else in the next one, likewise.
    WHEN max_calls - used >= cost THEN period - now % period - (max_calls - used - cost) * period / greatest(used_before, 1)
    ELSE period - now % period + greatest(0, period - (max_calls - cost) * period / greatest(used, 1))
  END)
$$;

-- Microseconds until nothing is left of what was counted.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_reset(
  algorithm "char", max_calls bigint, period bigint, now bigint, used bigint, used_before bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN algorithm = 'g' THEN (used + max_calls - 1) / max_calls
    WHEN used > 0 THEN CASE WHEN algorithm = 's' THEN 2 * period ELSE period END - now % period
    WHEN used_before > 0 THEN period - now % period
    ELSE 0
  END
$$;

-- What so many calls use, as the row counts.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_spent(algorithm "char", period bigint, cost bigint, calls bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN algorithm = 'g' THEN calls * cost * period ELSE calls * cost END $$;

CREATE OR REPLACE FUNCTION ${schema}._rate_limit_micros(period interval) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT (extract(epoch FROM period) * 1000000)::bigint $$;

-- Longest periods, largest products: every number of the functions above stays below 2^62.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_check(key text, max_calls bigint, period interval, burst bigint, cost bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF (octet_length(key) BETWEEN 1 AND 1024) IS NOT TRUE THEN
    RAISE EXCEPTION 'key: 1 to 1024 bytes expected, got %', coalesce(octet_length(key)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (max_calls >= 1) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_calls: 1 or more expected, got %', coalesce(max_calls::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (period >= interval '1 microsecond' AND period <= interval '36500 days' AND extract(year FROM period) = 0 AND extract(month FROM period) = 0) IS NOT TRUE THEN
    RAISE EXCEPTION 'period: 1 microsecond to 36500 days, without months or years, expected, got %', coalesce(period::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (burst >= 1) IS NOT TRUE THEN
    RAISE EXCEPTION 'burst: 1 or more expected, got %', coalesce(burst::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF greatest(max_calls, burst)::numeric * ${schema}._rate_limit_micros(period) >= 4611686018427387904 THEN
    RAISE EXCEPTION '%: % calls in % are too many to count', CASE WHEN burst > max_calls THEN 'burst' ELSE 'max_calls' END, greatest(max_calls, burst), period
      USING ERRCODE = 'invalid_parameter_value', HINT = 'The number of calls times the period in microseconds must be below 2^62.';
  END IF;
  IF (cost BETWEEN 1 AND burst) IS NOT TRUE THEN
    RAISE EXCEPTION 'cost: 1 to % expected, got %', burst, coalesce(cost::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Decides about calls on many keys, each key once: so many calls of one cost each. granted is how many of them are allowed,
-- and the rest is how the key stands then: how many calls of cost 1 remain, when another call of this cost would be allowed
-- (0 when all were), when nothing is left. Microseconds. The arguments have been checked.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_batch(
  keys text[], algorithms text[], max_calls bigint[], periods bigint[], bursts bigint[], costs bigint[], calls bigint[], patience bigint, own boolean)
RETURNS TABLE (ordinal bigint, granted bigint, remaining bigint, retry_after bigint, reset_after bigint)
LANGUAGE plpgsql ROWS 100 AS $$
#variable_conflict use_column
DECLARE
  told bigint[] := '{}';
BEGIN
  IF patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', patience::text, true);
  END IF;
  -- A key that is new has room for all that its limit allows, and is never asked for more. excluded has no column for the cost:
  -- it is used / granted. OFFSET 0 has Postgres compute each step once, instead of writing it out wherever it is used.
  FOR ordinal, granted, remaining, retry_after, reset_after IN
    WITH asked AS MATERIALIZED (
      SELECT r.key, r.algorithm::"char" AS algorithm, r.max_calls, r.period, r.burst, r.cost, r.ordinal, r.calls AS wanted, least(r.calls, r.burst / r.cost) AS calls
      FROM unnest((SELECT keys), (SELECT algorithms), (SELECT _rate_limit_batch.max_calls), (SELECT periods), (SELECT bursts), (SELECT costs), (SELECT _rate_limit_batch.calls))
        WITH ORDINALITY AS r (key, algorithm, max_calls, period, burst, cost, calls, ordinal)
    ), counted AS (
      INSERT INTO ${schema}.rate_limit AS t (key, algorithm, max_calls, period, burst, began, used, used_before, granted, expires_at)
      SELECT a.key, a.algorithm, a.max_calls, a.period, a.burst, CASE WHEN a.algorithm = 'g' THEN c.now ELSE c.now - c.now % a.period END,
             s.spent, 0, a.calls,
             clock_timestamp() + ${schema}._rate_limit_reset(a.algorithm, a.max_calls, a.period, c.now, s.spent, 0) * interval '1 microsecond'
      FROM asked AS a
      CROSS JOIN (SELECT ${schema}._kv_clock() AS now) AS c
      CROSS JOIN LATERAL (SELECT ${schema}._rate_limit_spent(a.algorithm, a.period, a.cost, a.calls) AS spent OFFSET 0) AS s
      ORDER BY a.key
      ON CONFLICT (key) DO UPDATE
      SET (algorithm, max_calls, period, burst, began, used, used_before, granted, expires_at) = (
        SELECT excluded.algorithm, excluded.max_calls, excluded.period, excluded.burst,
               CASE WHEN excluded.algorithm = 'g' THEN c.now ELSE c.now - c.now % excluded.period END,
               n.used, u.used_before, n.granted,
               clock_timestamp() + interval '1 microsecond' * ${schema}._rate_limit_reset(
                 excluded.algorithm, excluded.max_calls, excluded.period, c.now, n.used, u.used_before)
        FROM (SELECT greatest(${schema}._kv_clock(), t.began) AS now, excluded.used / excluded.granted AS spent OFFSET 0) AS c
        CROSS JOIN LATERAL (
          SELECT ${schema}._rate_limit_used(
                   excluded.algorithm, excluded.max_calls, excluded.period, c.now, t.algorithm, t.period, t.began, t.used) AS used,
                 ${schema}._rate_limit_before(
                   excluded.algorithm, excluded.period, c.now, t.algorithm, t.period, t.began, t.used, t.used_before) AS used_before
          OFFSET 0
        ) AS u
        CROSS JOIN LATERAL (
          SELECT least(excluded.granted, ${schema}._rate_limit_room(
                   excluded.algorithm, excluded.max_calls, excluded.period, excluded.burst, c.now, u.used, u.used_before, c.spent)) AS granted
          OFFSET 0
        ) AS g
        CROSS JOIN LATERAL (SELECT g.granted, u.used + g.granted * c.spent AS used OFFSET 0) AS n
      )
      -- The same again, since a row that is not to be changed must not be written. Room never shrinks by itself: what fits here
      -- fits above.
      WHERE (
        SELECT ${schema}._rate_limit_room(
                 excluded.algorithm, excluded.max_calls, excluded.period, excluded.burst, u.now, u.used, u.used_before, excluded.used / excluded.granted) > 0
        FROM (SELECT greatest(${schema}._kv_clock(), t.began) AS now OFFSET 0) AS c
        CROSS JOIN LATERAL (
          SELECT c.now,
                 ${schema}._rate_limit_used(
                   excluded.algorithm, excluded.max_calls, excluded.period, c.now, t.algorithm, t.period, t.began, t.used) AS used,
                 ${schema}._rate_limit_before(
                   excluded.algorithm, excluded.period, c.now, t.algorithm, t.period, t.began, t.used, t.used_before) AS used_before
          OFFSET 0
        ) AS u
      )
      RETURNING t.key, t.granted, t.began, t.used, t.used_before
    )
    SELECT a.ordinal, c.granted,
           ${schema}._rate_limit_fits(a.algorithm, a.max_calls, a.period, a.burst, n.now, c.used, c.used_before, 1),
           CASE WHEN c.granted < a.wanted
                THEN ${schema}._rate_limit_retry(a.algorithm, a.max_calls, a.period, a.burst, n.now, c.used, c.used_before, a.cost)
                ELSE 0 END,
           ${schema}._rate_limit_reset(a.algorithm, a.max_calls, a.period, n.now, c.used, c.used_before)
    FROM counted AS c
    JOIN asked AS a ON a.key = c.key
    CROSS JOIN LATERAL (SELECT greatest(${schema}._kv_clock(), c.began) AS now OFFSET 0) AS n
  LOOP
    told := told || ordinal;
    RETURN NEXT;
  END LOOP;
  IF cardinality(told) = cardinality(keys) THEN
    RETURN;
  END IF;

  -- Those that were denied; their rows are locked, too.
  RETURN QUERY
    SELECT r.ordinal, 0::bigint,
           ${schema}._rate_limit_fits(r.algorithm::"char", r.max_calls, r.period, r.burst, u.now, u.used, u.used_before, 1),
           ${schema}._rate_limit_retry(r.algorithm::"char", r.max_calls, r.period, r.burst, u.now, u.used, u.used_before, r.cost),
           ${schema}._rate_limit_reset(r.algorithm::"char", r.max_calls, r.period, u.now, u.used, u.used_before)
    FROM unnest((SELECT keys), (SELECT algorithms), (SELECT _rate_limit_batch.max_calls), (SELECT periods), (SELECT bursts), (SELECT costs))
      WITH ORDINALITY AS r (key, algorithm, max_calls, period, burst, cost, ordinal)
    JOIN ${schema}.rate_limit AS t ON t.key = r.key
    CROSS JOIN LATERAL (SELECT greatest(${schema}._kv_clock(), t.began) AS now OFFSET 0) AS c
    CROSS JOIN LATERAL (
      SELECT c.now,
             ${schema}._rate_limit_used(r.algorithm::"char", r.max_calls, r.period, c.now, t.algorithm, t.period, t.began, t.used) AS used,
             ${schema}._rate_limit_before(r.algorithm::"char", r.period, c.now, t.algorithm, t.period, t.began, t.used, t.used_before) AS used_before
      OFFSET 0
    ) AS u
    WHERE r.ordinal <> ALL (told);
END
$$;

-- The same for one call: granted, remaining, retry_after, reset_after.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_take(key text, algorithm text, max_calls bigint, period bigint, burst bigint, cost bigint) RETURNS bigint[]
LANGUAGE sql AS $$
  SELECT ARRAY[b.granted, b.remaining, b.retry_after, b.reset_after]
  FROM ${schema}._rate_limit_batch(ARRAY[key], ARRAY[algorithm], ARRAY[max_calls], ARRAY[period], ARRAY[burst], ARRAY[cost], '{1}', NULL, false) AS b
$$;

CREATE OR REPLACE FUNCTION ${schema}._rate_limit_one(key text, algorithm text, max_calls bigint, period interval, burst bigint, cost bigint)
RETURNS ${schema}.rate_limit_decision
LANGUAGE plpgsql AS $$
DECLARE
  taken bigint[];
BEGIN
  PERFORM ${schema}._rate_limit_check(key, max_calls, period, burst, cost);
  taken := ${schema}._rate_limit_take(key, algorithm, max_calls, ${schema}._rate_limit_micros(period), burst, cost);
  RETURN (taken[1] > 0, max_calls, taken[2], taken[3] * interval '1 microsecond', taken[4] * interval '1 microsecond')::${schema}.rate_limit_decision;
END
$$;

-- At most max_calls in each window of period; windows begin at multiples of the period since 1970, in UTC.
CREATE OR REPLACE FUNCTION ${schema}.rate_limit_fixed(key text, max_calls bigint, period interval, cost bigint DEFAULT 1)
RETURNS ${schema}.rate_limit_decision
LANGUAGE sql AS $$ SELECT ${schema}._rate_limit_one(key, 'f', max_calls, period, max_calls, cost) $$;

-- At most max_calls in any period, as far as two windows tell.
CREATE OR REPLACE FUNCTION ${schema}.rate_limit_sliding(key text, max_calls bigint, period interval, cost bigint DEFAULT 1)
RETURNS ${schema}.rate_limit_decision
LANGUAGE sql AS $$ SELECT ${schema}._rate_limit_one(key, 's', max_calls, period, max_calls, cost) $$;

-- max_calls a period, evenly; burst of them (NULL: max_calls) may come at once.
CREATE OR REPLACE FUNCTION ${schema}.rate_limit_gcra(key text, max_calls bigint, period interval, burst bigint, cost bigint DEFAULT 1)
RETURNS ${schema}.rate_limit_decision
LANGUAGE sql AS $$ SELECT ${schema}._rate_limit_one(key, 'g', max_calls, period, coalesce(burst, max_calls), cost) $$;

-- All or none of several limits, each with a key of its own. The arguments have been checked. granted is 0 or 1; the rest is of
-- the tightest limit, whose place comes first.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_all(
  keys text[], algorithms text[], max_calls bigint[], periods bigint[], bursts bigint[], cost bigint) RETURNS bigint[]
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
  allowed boolean;
  answer bigint[];
BEGIN
  -- Takes all rows, in the order of their keys, and makes those that are absent: a condition that never holds locks all the same.
  INSERT INTO ${schema}.rate_limit AS t (key, algorithm, max_calls, period, burst, began, used, used_before, granted, expires_at)
  SELECT r.key, r.algorithm::"char", r.max_calls, r.period, r.burst, 0, 0, 0, 0, clock_timestamp()
  FROM unnest(keys, algorithms, max_calls, periods, bursts) AS r (key, algorithm, max_calls, period, burst)
  ORDER BY r.key
  ON CONFLICT ON CONSTRAINT rate_limit_pkey DO UPDATE SET granted = 0 WHERE false;

  WITH stands AS (
    SELECT r.ordinal, r.key, r.algorithm::"char" AS algorithm, r.max_calls, r.period, r.burst, c.now, u.used, u.used_before,
           ${schema}._rate_limit_fits(r.algorithm::"char", r.max_calls, r.period, r.burst, c.now, u.used, u.used_before, cost) > 0 AS fits
    FROM unnest(keys, algorithms, max_calls, periods, bursts) WITH ORDINALITY AS r (key, algorithm, max_calls, period, burst, ordinal)
    JOIN ${schema}.rate_limit AS t ON t.key = r.key
    CROSS JOIN LATERAL (SELECT greatest(${schema}._kv_clock(), t.began) AS now OFFSET 0) AS c
    CROSS JOIN LATERAL (
      SELECT ${schema}._rate_limit_used(r.algorithm::"char", r.max_calls, r.period, c.now, t.algorithm, t.period, t.began, t.used) AS used,
             ${schema}._rate_limit_before(r.algorithm::"char", r.period, c.now, t.algorithm, t.period, t.began, t.used, t.used_before) AS used_before
    ) AS u
  ), counted AS (
    UPDATE ${schema}.rate_limit AS t
    SET algorithm = s.algorithm, max_calls = s.max_calls, period = s.period, burst = s.burst, granted = 1,
        began = CASE WHEN s.algorithm = 'g' THEN s.now ELSE s.now - s.now % s.period END,
        used = s.used + ${schema}._rate_limit_spent(s.algorithm, s.period, cost, 1),
        used_before = s.used_before,
        expires_at = clock_timestamp() + interval '1 microsecond' * ${schema}._rate_limit_reset(
          s.algorithm, s.max_calls, s.period, s.now, s.used + ${schema}._rate_limit_spent(s.algorithm, s.period, cost, 1), s.used_before)
    FROM stands AS s
    WHERE t.key = s.key AND NOT EXISTS (SELECT FROM stands AS x WHERE NOT x.fits)
    RETURNING t.key
  ), decided AS (
    SELECT s.ordinal, s.fits, NOT EXISTS (SELECT FROM stands AS x WHERE NOT x.fits) AS allowed,
           ${schema}._rate_limit_fits(s.algorithm, s.max_calls, s.period, s.burst, s.now, s.used + n.more, s.used_before, 1) AS remaining,
           CASE WHEN NOT s.fits
                THEN ${schema}._rate_limit_retry(s.algorithm, s.max_calls, s.period, s.burst, s.now, s.used, s.used_before, cost)
                ELSE 0 END AS retry_after,
           ${schema}._rate_limit_reset(s.algorithm, s.max_calls, s.period, s.now, s.used + n.more, s.used_before) AS reset_after
    FROM stands AS s
    CROSS JOIN LATERAL (
      SELECT CASE WHEN EXISTS (SELECT FROM stands AS x WHERE NOT x.fits) THEN 0
                  ELSE ${schema}._rate_limit_spent(s.algorithm, s.period, cost, 1) END AS more
    ) AS n
  )
  SELECT ARRAY[d.ordinal, d.allowed::int, d.remaining, d.retry_after, d.reset_after] INTO answer
  FROM decided AS d
  ORDER BY d.retry_after DESC, d.remaining, d.ordinal
  LIMIT 1;
  RETURN answer;
END
$$;

-- Several limits at once, by sliding windows: allowed when each of them has room, and only then counted, in all of them. The
-- answer is that of the tightest one.
CREATE OR REPLACE FUNCTION ${schema}.rate_limit_many(keys text[], max_calls bigint[], periods interval[], cost bigint DEFAULT 1)
RETURNS ${schema}.rate_limit_decision
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
  answer bigint[];
BEGIN
  IF (cardinality(keys) BETWEEN 1 AND 100) IS NOT TRUE THEN
    RAISE EXCEPTION 'keys: 1 to 100 expected, got %', coalesce(cardinality(keys)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF cardinality(max_calls) IS DISTINCT FROM cardinality(keys) OR cardinality(periods) IS DISTINCT FROM cardinality(keys) THEN
    RAISE EXCEPTION 'keys, max_calls, periods: as many of each expected, got %, %, %', cardinality(keys),
      coalesce(cardinality(max_calls)::text, 'NULL'), coalesce(cardinality(periods)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._rate_limit_check(r.key, r.max_calls, r.period, r.max_calls, cost) FROM unnest(keys, max_calls, periods) AS r (key, max_calls, period);
  IF (SELECT count(DISTINCT k) FROM unnest(keys) AS k) < cardinality(keys) THEN
    RAISE EXCEPTION 'keys: each one once expected' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  answer := ${schema}._rate_limit_all(
    keys, array_fill('s'::text, ARRAY[cardinality(keys)]), max_calls, ARRAY(SELECT ${schema}._rate_limit_micros(p.period) FROM unnest(periods) WITH ORDINALITY AS p (period, ordinal) ORDER BY p.ordinal),
    max_calls, cost);
  RETURN (answer[2] > 0, max_calls[answer[1]], answer[3], answer[4] * interval '1 microsecond', answer[5] * interval '1 microsecond')::${schema}.rate_limit_decision;
END
$$;

-- How a key stands, and whether a call of cost 1 would be allowed, by the rule by which it was last counted; no row when
-- nothing is counted.
CREATE OR REPLACE FUNCTION ${schema}.rate_limit_peek(key text) RETURNS SETOF ${schema}.rate_limit_decision
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT f.fits > 0, t.max_calls, f.fits,
         CASE WHEN f.fits > 0 THEN interval '0'
              ELSE interval '1 microsecond' * ${schema}._rate_limit_retry(t.algorithm, t.max_calls, t.period, t.burst, c.now, u.used, u.used_before, 1) END,
         interval '1 microsecond' * ${schema}._rate_limit_reset(t.algorithm, t.max_calls, t.period, c.now, u.used, u.used_before)
  FROM ${schema}.rate_limit AS t
  CROSS JOIN LATERAL (SELECT greatest(${schema}._kv_clock(), t.began) AS now OFFSET 0) AS c
  CROSS JOIN LATERAL (
    SELECT ${schema}._rate_limit_used(t.algorithm, t.max_calls, t.period, c.now, t.algorithm, t.period, t.began, t.used) AS used,
           ${schema}._rate_limit_before(t.algorithm, t.period, c.now, t.algorithm, t.period, t.began, t.used, t.used_before) AS used_before
  ) AS u
  CROSS JOIN LATERAL (SELECT ${schema}._rate_limit_fits(t.algorithm, t.max_calls, t.period, t.burst, c.now, u.used, u.used_before, 1) AS fits) AS f
  WHERE t.key = rate_limit_peek.key AND (u.used > 0 OR u.used_before > 0)
$$;

-- Gives calls back, such as those of a request that failed: at most what is counted in this window. Whether anything was.
CREATE OR REPLACE FUNCTION ${schema}.rate_limit_refund(key text, cost bigint DEFAULT 1) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF (cost BETWEEN 1 AND 1000000000000) IS NOT TRUE THEN
    RAISE EXCEPTION 'cost: 1 to 1000000000000 expected, got %', coalesce(cost::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE ${schema}.rate_limit AS t
  SET used = greatest(0, t.used - CASE WHEN t.algorithm = 'g' THEN least(cost, t.burst) * t.period ELSE cost END)
  WHERE t.key = rate_limit_refund.key AND t.expires_at > statement_timestamp() AND t.used > 0
    AND (t.algorithm = 'g' OR t.began + t.period > ${schema}._kv_clock());
  RETURN FOUND;
END
$$;

-- Forgets a key; whether anything was counted for it.
CREATE OR REPLACE FUNCTION ${schema}.rate_limit_reset(key text) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  was_live boolean;
BEGIN
  DELETE FROM ${schema}.rate_limit AS t WHERE t.key = rate_limit_reset.key RETURNING t.expires_at > clock_timestamp() INTO was_live;
  RETURN coalesce(was_live, false);
END
$$;

-- Which of these rows others hold now.
CREATE OR REPLACE FUNCTION ${schema}._rate_limit_busy(keys text[]) RETURNS SETOF bigint
LANGUAGE sql ROWS 100 AS $$
  SELECT r.ordinal
  FROM unnest(keys) WITH ORDINALITY AS r (key, ordinal)
  JOIN ${schema}.rate_limit AS t ON t.key = r.key
  WHERE NOT EXISTS (SELECT FROM ${schema}.rate_limit AS x WHERE x.key = r.key FOR UPDATE SKIP LOCKED)
$$;
