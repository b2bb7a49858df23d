-- Jobs: docs/jobs.md says what is promised. A job waits in the table job, runs there under a lease, and ends in job_ended.
--
-- Who takes a job is told its holder: the name that he gave, # and the number of the lease; he says it whenever he speaks of the job. No two leases of a job have the same
-- one, so who has lost a job cannot end it for somebody else, whatever he is called.
--
-- Locks: job_take, heartbeats and the hand (sweep.sql) take rows by SKIP LOCKED only, so they wait for nobody. What ends one job waits
-- for one row and holds no other. _job_complete_many and _job_release_many wait while they hold rows; they take them by ascending id, as
-- an index scan for an array of ids finds them, and so two of them wait in one direction only. An enqueue with a unique key waits for
-- who inserts or deletes that key; several in one statement come in the order of (queue, key). job_retry holds the row in job_ended
-- first, and then is an enqueue. NOTIFY takes a lock at the commit, after all others, which all who notify in the cluster share: commits
-- that notify come one after the other.
--
-- Errors: 22023 bad argument.

CREATE OR REPLACE FUNCTION ${schema}._job_check_queue(queue text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF (octet_length(queue) BETWEEN 1 AND 128) IS NOT TRUE THEN
    RAISE EXCEPTION 'queue: 1 to 128 bytes expected, got %', coalesce(octet_length(queue)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._job_check_lease(lease interval) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF (lease >= interval '100 ms' AND lease <= interval '1 day') IS NOT TRUE THEN
    RAISE EXCEPTION 'lease: 100 ms to 1 day expected, got %', coalesce(lease::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Tells those who wait for jobs of these queues, once each.
CREATE OR REPLACE FUNCTION ${schema}._job_notify(queues text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('${schema}.job', q.queue) FROM (SELECT DISTINCT n AS queue FROM unnest(queues) AS n) AS q;
END
$$;

-- Many jobs in one statement: all arguments are arrays of one length, or NULL where they are NULL throughout; checked by the caller.
-- A job runs at run_at, or after delay, or now. Those whose unique key is taken are not in the answer. patience and own: see kv_batch.sql.
CREATE OR REPLACE FUNCTION ${schema}._job_enqueue_many(
  queues text[], payloads text[], run_ats text[], delays interval[], priorities bigint[], unique_keys text[], most_attempts bigint[],
  backoffs bigint[], backoffs_most bigint[], patience bigint, own boolean)
RETURNS TABLE (ordinal bigint, id bigint)
LANGUAGE plpgsql ROWS 100 AS $$
#variable_conflict use_column
DECLARE
  now constant timestamptz := statement_timestamp();
  enqueued bigint[];
  ids constant bigint[] := ARRAY(SELECT nextval('${schema}.job_id') FROM generate_subscripts(queues, 1));
  times constant timestamptz[] := ARRAY(
    SELECT coalesce(r.run_at::timestamptz, now + r.delay, now) FROM unnest(queues, run_ats, delays) WITH ORDINALITY AS r (queue, run_at, delay, ordinal)
    ORDER BY r.ordinal);
BEGIN
  IF patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', patience::text, true);
  END IF;
  IF unique_keys IS NULL THEN
    -- ON CONFLICT would make each row a speculative one.
    INSERT INTO ${schema}.job (id, run_at, enqueued_at, priority, attempt, max_attempts, leases, queue, payload, backoff, backoff_most)
    SELECT r.id, r.run_at, now, coalesce(r.priority, 0), 0, coalesce(r.max_attempts, 25), 0, r.queue, r.payload::jsonb, r.backoff, r.backoff_most
    FROM unnest(ids, times, priorities, most_attempts, queues, payloads, backoffs, backoffs_most)
      AS r (id, run_at, priority, max_attempts, queue, payload, backoff, backoff_most);
    enqueued := ids;
  ELSE
    WITH added AS (
      INSERT INTO ${schema}.job AS j (id, run_at, enqueued_at, priority, attempt, max_attempts, leases, queue, payload, unique_key, backoff, backoff_most)
      SELECT r.id, r.run_at, now, coalesce(r.priority, 0), 0, coalesce(r.max_attempts, 25), 0, r.queue, r.payload::jsonb, r.unique_key, r.backoff, r.backoff_most
      FROM unnest(ids, times, priorities, most_attempts, queues, payloads, unique_keys, backoffs, backoffs_most)
        AS r (id, run_at, priority, max_attempts, queue, payload, unique_key, backoff, backoff_most)
      ORDER BY r.queue COLLATE "C", r.unique_key COLLATE "C", r.id
      ON CONFLICT (queue, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
      RETURNING j.id
    )
    SELECT coalesce(array_agg(a.id), '{}') INTO enqueued FROM added AS a;
  END IF;
  PERFORM ${schema}._job_notify(ARRAY(
    SELECT r.queue FROM unnest(ids, times, queues) AS r (id, run_at, queue) WHERE r.run_at <= now AND r.id = ANY (enqueued)));
  RETURN QUERY SELECT r.ordinal, r.id FROM unnest(ids) WITH ORDINALITY AS r (id, ordinal) WHERE r.id = ANY (enqueued);
END
$$;

-- One job with all its options, checked; NULL when its unique key is taken.
CREATE OR REPLACE FUNCTION ${schema}._job_enqueue(
  queue text, payload jsonb, run_at timestamptz, delay interval, priority int, unique_key text, max_attempts int, backoff bigint, backoff_most bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._job_check_queue(queue);
  IF payload IS NULL THEN
    RAISE EXCEPTION 'payload: a JSON value expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(payload::text) > 1048576 THEN
    RAISE EXCEPTION 'payload: at most 1048576 bytes expected, got %', octet_length(payload::text) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT isfinite(run_at) THEN
    RAISE EXCEPTION 'run_at: a time expected, got %', run_at USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (priority BETWEEN -100 AND 100) IS NOT TRUE THEN
    RAISE EXCEPTION 'priority: -100 to 100 expected, got %', coalesce(priority::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(unique_key) NOT BETWEEN 1 AND 512 THEN
    RAISE EXCEPTION 'unique_key: 1 to 512 bytes expected, got %', octet_length(unique_key) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN (
    SELECT e.id
    FROM ${schema}._job_enqueue_many(
      ARRAY[queue], ARRAY[payload::text], ARRAY[run_at::text], ARRAY[delay], ARRAY[priority::bigint],
      CASE WHEN unique_key IS NOT NULL THEN ARRAY[unique_key] END, ARRAY[max_attempts::bigint], ARRAY[backoff], ARRAY[backoff_most], NULL, false) AS e);
END
$$;

-- Enqueues a job for the commit of this transaction, and returns its id; NULL when an unfinished job of the queue has this unique
-- key. It runs at run_at (NULL: now) or later; of those that are due, the one with the smallest priority first, -100 to 100.
CREATE OR REPLACE FUNCTION ${schema}.job_enqueue(
  queue text, payload jsonb, run_at timestamptz DEFAULT NULL, priority int DEFAULT 0, unique_key text DEFAULT NULL) RETURNS bigint
LANGUAGE sql AS $$
  SELECT ${schema}._job_enqueue(job_enqueue.queue, job_enqueue.payload, job_enqueue.run_at, NULL, job_enqueue.priority, job_enqueue.unique_key, NULL, NULL, NULL)
$$;

-- Ends jobs whose rows are given: moves them to job_ended, for as long as their queue keeps them.
CREATE OR REPLACE FUNCTION ${schema}._job_keep(gone ${schema}.job[], state text, error text) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO ${schema}.job_ended (
    id, run_at, enqueued_at, taken_at, ended_at, expires_at, backoff, backoff_most, priority, attempt, max_attempts, leases, state, queue, unique_key,
    worker, error, payload)
  SELECT g.id, g.run_at, g.enqueued_at, g.taken_at, clock_timestamp(), clock_timestamp() + k.keep, g.backoff, g.backoff_most, g.priority, g.attempt,
         g.max_attempts, g.leases, _job_keep.state, g.queue, g.unique_key, g.worker, coalesce(_job_keep.error, g.error), g.payload
  FROM unnest(gone) AS g
  LEFT JOIN ${schema}.job_queue AS q ON q.queue = g.queue
  CROSS JOIN LATERAL (SELECT CASE WHEN _job_keep.state = 'completed' THEN coalesce(q.keep_completed, '1 day') ELSE coalesce(q.keep_failed, '14 days') END) AS k (keep)
  WHERE k.keep > '0'
$$;

-- Looks after the leases of a queue whose end has come: those that were renewed are looked at again later, the jobs of the others
-- wait again, or are dead when this was the last attempt.
CREATE OR REPLACE FUNCTION ${schema}._job_rescue(queue text) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  now constant timestamptz := statement_timestamp();
  over bigint[];
  gone ${schema}.job[];
BEGIN
  -- What is locked here stays as it is read by the next statements.
  over := ARRAY(
    SELECT j.id FROM ${schema}.job AS j
    WHERE j.queue = _job_rescue.queue AND j.check_at IS NOT NULL AND j.check_at <= now
    ORDER BY j.check_at LIMIT 1000
    FOR UPDATE SKIP LOCKED);
  UPDATE ${schema}.job AS j SET check_at = j.leased_until WHERE j.id = ANY (over) AND j.leased_until > now;
  WITH d AS (
    DELETE FROM ${schema}.job AS j WHERE j.id = ANY (over) AND j.leased_until <= now AND j.attempt >= j.max_attempts RETURNING j
  )
  SELECT array_agg(d.j) INTO gone FROM d;
  PERFORM ${schema}._job_keep(gone, 'dead', 'the lease of its last attempt ended') WHERE gone IS NOT NULL;
  UPDATE ${schema}.job AS j
  SET check_at = NULL, leased_until = NULL, worker = NULL, error = 'the lease of ' || j.worker || ' ended'
  WHERE j.id = ANY (over) AND j.leased_until <= now;
END
$$;

-- Takes up to max_rows jobs of a queue that are due, for as long as the lease says: nobody else gets them until then. Smaller priorities
-- come first, then earlier run_at. holder in the answer is what job_heartbeat, job_complete and job_fail want to hear as the worker.
CREATE OR REPLACE FUNCTION ${schema}.job_take(queue text, max_rows int, lease interval, worker text)
RETURNS TABLE (
  id bigint, payload jsonb, attempt int, max_attempts int, priority int, run_at timestamptz, enqueued_at timestamptz, holder text,
  leased_until timestamptz, backoff interval, backoff_most interval)
LANGUAGE plpgsql ROWS 100 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  now constant timestamptz := statement_timestamp();
  missing int := max_rows;
  level int := -101;
  first_at timestamptz;
  first_id bigint;
  taken int;
BEGIN
  PERFORM ${schema}._job_check_queue(job_take.queue);
  PERFORM ${schema}._job_check_lease(lease);
  IF (max_rows BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows: 1 to 1000 expected, got %', coalesce(max_rows::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (octet_length(job_take.worker) BETWEEN 1 AND 128) IS NOT TRUE THEN
    RAISE EXCEPTION 'worker: 1 to 128 bytes expected, got %', coalesce(octet_length(job_take.worker)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT FROM ${schema}.job AS j WHERE j.queue = job_take.queue AND j.check_at IS NOT NULL AND j.check_at <= now) THEN
    PERFORM ${schema}._job_rescue(job_take.queue);
  END IF;
  WHILE missing > 0 LOOP
    -- One priority after the other: what waits for its time at one of them is not gone through for another.
    -- Where its first job is, as well: while an old snapshot keeps vacuum away, the index entries of all that were taken are before
    -- it, and the next statement need not step over them again. A job that is committed between the two is for the next call.
    SELECT j.priority, j.run_at, j.id INTO level, first_at, first_id
    FROM ${schema}.job AS j
    WHERE j.queue = job_take.queue AND j.check_at IS NULL AND j.priority > level
    ORDER BY j.priority, j.run_at, j.id
    LIMIT 1;
    EXIT WHEN NOT FOUND;
    CONTINUE WHEN first_at > now;
    RETURN QUERY
      WITH t AS (
        UPDATE ${schema}.job AS j
        SET attempt = j.attempt + 1, leases = j.leases + 1, taken_at = clock_timestamp(), leased_until = clock_timestamp() + lease,
            check_at = clock_timestamp() + lease, worker = job_take.worker || '#' || j.leases + 1
        WHERE j.ctid = ANY (ARRAY(
          SELECT w.ctid FROM ${schema}.job AS w
          WHERE w.queue = job_take.queue AND w.check_at IS NULL AND w.priority = level AND (w.run_at, w.id) >= (first_at, first_id) AND w.run_at <= now
          ORDER BY w.run_at, w.id
          LIMIT missing
          FOR UPDATE SKIP LOCKED))
        RETURNING j.id, j.payload, j.attempt, j.max_attempts, j.priority, j.run_at, j.enqueued_at, j.worker, j.leased_until, j.backoff, j.backoff_most
      )
      SELECT t.id, t.payload, t.attempt, t.max_attempts, t.priority, t.run_at, t.enqueued_at, t.worker, t.leased_until,
             t.backoff * interval '1 microsecond', t.backoff_most * interval '1 microsecond'
      FROM t
      ORDER BY t.run_at, t.id;
    GET DIAGNOSTICS taken = ROW_COUNT;
    missing := missing - taken;
  END LOOP;
END
$$;

-- How long until a job of the queue is due, or a lease ends; NULL when there is neither.
CREATE OR REPLACE FUNCTION ${schema}._job_next_in(queue text) RETURNS interval
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  level int := -101;
  at timestamptz;
  next_at timestamptz;
BEGIN
  SELECT j.check_at INTO next_at FROM ${schema}.job AS j
  WHERE j.queue = _job_next_in.queue AND j.check_at IS NOT NULL ORDER BY j.check_at LIMIT 1;
  LOOP
    SELECT j.priority, j.run_at INTO level, at FROM ${schema}.job AS j
    WHERE j.queue = _job_next_in.queue AND j.check_at IS NULL AND j.priority > level
    ORDER BY j.priority, j.run_at LIMIT 1;
    EXIT WHEN NOT FOUND;
    next_at := least(next_at, at);
  END LOOP;
  RETURN greatest(next_at - statement_timestamp(), '0');
END
$$;

-- A job and who holds it, as one value: a condition on the id alone is left for the index. A join with the arrays would be planned by the
-- statistics, and where these are of a moment in which the queue was empty it goes over the whole index for each of them.
CREATE OR REPLACE FUNCTION ${schema}._job_holder(id bigint, worker text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT _job_holder.id::text || ' ' || _job_holder.worker $$;

-- Renews leases; the ids of jobs that the worker has not any more. What somebody has locked is not renewed this time.
CREATE OR REPLACE FUNCTION ${schema}._job_heartbeat_many(ids bigint[], workers text[], lease interval) RETURNS bigint[]
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
  holders constant text[] := ARRAY(SELECT ${schema}._job_holder(u.id, u.worker) FROM unnest(ids, workers) AS u (id, worker));
BEGIN
  PERFORM ${schema}._job_check_lease(lease);
  UPDATE ${schema}.job AS j SET leased_until = clock_timestamp() + lease
  WHERE j.ctid = ANY (ARRAY(
    SELECT h.ctid FROM ${schema}.job AS h WHERE h.id = ANY (ids) AND ${schema}._job_holder(h.id, h.worker) = ANY (holders)
    FOR UPDATE SKIP LOCKED));
  RETURN ARRAY(
    SELECT r.id FROM unnest(ids, workers) AS r (id, worker)
    WHERE ${schema}._job_holder(r.id, r.worker) <> ALL (ARRAY(
      SELECT ${schema}._job_holder(j.id, j.worker) FROM ${schema}.job AS j WHERE j.id = ANY (ids) AND j.worker IS NOT NULL)));
END
$$;

-- Gives the worker more time for a job, counted from now; false when it is not his any more: stop.
CREATE OR REPLACE FUNCTION ${schema}.job_heartbeat(id bigint, worker text, lease interval) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._job_check_lease(lease);
  UPDATE ${schema}.job AS j SET leased_until = clock_timestamp() + lease WHERE j.id = job_heartbeat.id AND j.worker = job_heartbeat.worker;
  RETURN FOUND;
END
$$;

-- Completes many, and returns the ids of those that were the workers'.
CREATE OR REPLACE FUNCTION ${schema}._job_complete_many(ids bigint[], workers text[], patience bigint, own boolean) RETURNS SETOF bigint
LANGUAGE plpgsql ROWS 100 SET enable_seqscan = off SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  holders constant text[] := ARRAY(SELECT ${schema}._job_holder(u.id, u.worker) FROM unnest(ids, workers) AS u (id, worker));
  gone ${schema}.job[];
BEGIN
  IF patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', patience::text, true);
  END IF;
  WITH d AS (
    DELETE FROM ${schema}.job AS j WHERE j.id = ANY (ids) AND ${schema}._job_holder(j.id, j.worker) = ANY (holders) RETURNING j
  )
  SELECT array_agg(d.j) INTO gone FROM d;
  IF gone IS NOT NULL THEN
    PERFORM ${schema}._job_keep(gone, 'completed', NULL);
    RETURN QUERY SELECT g.id FROM unnest(gone) AS g;
  END IF;
END
$$;

-- The worker has done it; false when it was not his any more.
CREATE OR REPLACE FUNCTION ${schema}.job_complete(id bigint, worker text) RETURNS boolean
LANGUAGE sql AS $$
  SELECT EXISTS (SELECT FROM ${schema}._job_complete_many(ARRAY[job_complete.id], ARRAY[job_complete.worker], NULL, false))
$$;

-- The worker has failed: it waits for another attempt in retry_in, or is dead where that is NULL; false when it was not his any more.
-- Of error 8,192 characters are kept.
CREATE OR REPLACE FUNCTION ${schema}.job_fail(id bigint, worker text, error text, retry_in interval) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  gone ${schema}.job[];
  waits ${schema}.job;
BEGIN
  IF retry_in < interval '0' OR retry_in > interval '36500 days' THEN
    RAISE EXCEPTION 'retry_in: 0 to 36500 days expected, got %', retry_in USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF retry_in IS NULL THEN
    WITH d AS (DELETE FROM ${schema}.job AS j WHERE j.id = job_fail.id AND j.worker = job_fail.worker RETURNING j)
    SELECT array_agg(d.j) INTO gone FROM d;
    IF gone IS NOT NULL THEN
      PERFORM ${schema}._job_keep(gone, 'dead', left(job_fail.error, 8192));
    END IF;
    RETURN gone IS NOT NULL;
  END IF;
  UPDATE ${schema}.job AS j
  SET check_at = NULL, leased_until = NULL, worker = NULL, error = left(job_fail.error, 8192), run_at = clock_timestamp() + retry_in
  WHERE j.id = job_fail.id AND j.worker = job_fail.worker
  RETURNING j.* INTO waits;
  IF waits.id IS NOT NULL AND retry_in = interval '0' THEN
    PERFORM ${schema}._job_notify(ARRAY[waits.queue]);
  END IF;
  RETURN waits.id IS NOT NULL;
END
$$;

-- Gives jobs back that were not begun, or not to an end: they wait as before, and it was no attempt. How many.
CREATE OR REPLACE FUNCTION ${schema}._job_release_many(ids bigint[], workers text[]) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  holders constant text[] := ARRAY(SELECT ${schema}._job_holder(u.id, u.worker) FROM unnest(ids, workers) AS u (id, worker));
  queues text[];
BEGIN
  WITH u AS (
    UPDATE ${schema}.job AS j SET check_at = NULL, leased_until = NULL, worker = NULL, attempt = j.attempt - 1
    WHERE j.id = ANY (ids) AND ${schema}._job_holder(j.id, j.worker) = ANY (holders)
    RETURNING j.queue
  )
  SELECT array_agg(u.queue) INTO queues FROM u;
  PERFORM ${schema}._job_notify(queues);
  RETURN coalesce(cardinality(queues), 0);
END
$$;

-- Gives a job back as it was: see above. False when it was not the worker's any more.
CREATE OR REPLACE FUNCTION ${schema}.job_release(id bigint, worker text) RETURNS boolean
LANGUAGE sql AS $$ SELECT ${schema}._job_release_many(ARRAY[job_release.id], ARRAY[job_release.worker]) > 0 $$;

-- Ends a job that waits or runs; false when there is none such. Who runs it hears so at his next heartbeat, and cannot complete it.
CREATE OR REPLACE FUNCTION ${schema}.job_cancel(id bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  gone ${schema}.job[];
BEGIN
  WITH d AS (DELETE FROM ${schema}.job AS j WHERE j.id = job_cancel.id RETURNING j)
  SELECT array_agg(d.j) INTO gone FROM d;
  IF gone IS NOT NULL THEN
    PERFORM ${schema}._job_keep(gone, 'cancelled', NULL);
  END IF;
  RETURN gone IS NOT NULL;
END
$$;

-- Has a job that is over (completed, dead or cancelled) run again, now, with all its attempts before it; false when there is none such, or
-- an unfinished one has its unique key.
CREATE OR REPLACE FUNCTION ${schema}.job_retry(id bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  e ${schema}.job_ended;
BEGIN
  SELECT o.* INTO e FROM ${schema}.job_ended AS o WHERE o.id = job_retry.id AND o.expires_at > statement_timestamp() FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO ${schema}.job (id, run_at, enqueued_at, priority, attempt, max_attempts, leases, queue, payload, unique_key, error, backoff, backoff_most)
  VALUES (e.id, statement_timestamp(), e.enqueued_at, e.priority, 0, e.max_attempts, e.leases, e.queue, e.payload, e.unique_key, e.error, e.backoff, e.backoff_most)
  ON CONFLICT (queue, unique_key) WHERE unique_key IS NOT NULL DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM ${schema}.job_ended AS o WHERE o.id = job_retry.id;
  PERFORM ${schema}._job_notify(ARRAY[e.queue]);
  RETURN true;
END
$$;

-- For how long a queue keeps completed jobs (1 day where nobody says), and dead and cancelled ones (14 days); 0 keeps none. For those
-- that end from now on.
CREATE OR REPLACE FUNCTION ${schema}.job_keep(queue text, completed interval, failed interval) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._job_check_queue(job_keep.queue);
  IF (completed BETWEEN interval '0' AND interval '36500 days') IS NOT TRUE THEN
    RAISE EXCEPTION 'completed: 0 to 36500 days expected, got %', coalesce(completed::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (failed BETWEEN interval '0' AND interval '36500 days') IS NOT TRUE THEN
    RAISE EXCEPTION 'failed: 0 to 36500 days expected, got %', coalesce(failed::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO ${schema}.job_queue (queue, keep_completed, keep_failed) VALUES (job_keep.queue, completed, failed)
  ON CONFLICT (queue) DO UPDATE SET keep_completed = excluded.keep_completed, keep_failed = excluded.keep_failed;
END
$$;

-- Jobs of a queue in one state (waiting, running, completed, dead, cancelled), by id, those behind "after".
CREATE OR REPLACE FUNCTION ${schema}.job_list(queue text, state text, after bigint DEFAULT 0, max_rows int DEFAULT 100)
RETURNS TABLE (
  id bigint, payload jsonb, attempt int, max_attempts int, priority int, run_at timestamptz, enqueued_at timestamptz, taken_at timestamptz,
  leased_until timestamptz, ended_at timestamptz, holder text, error text, unique_key text)
LANGUAGE plpgsql STABLE ROWS 100 AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._job_check_queue(job_list.queue);
  IF (max_rows BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows: 1 to 1000 expected, got %', coalesce(max_rows::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF job_list.state IN ('waiting', 'running') THEN
    RETURN QUERY
      SELECT j.id, j.payload, j.attempt, j.max_attempts, j.priority, j.run_at, j.enqueued_at, j.taken_at,
             j.leased_until, NULL::timestamptz, j.worker, j.error, j.unique_key::text
      FROM ${schema}.job AS j
      WHERE j.queue = job_list.queue AND (j.check_at IS NULL) = (job_list.state = 'waiting') AND j.id > coalesce(after, 0)
      ORDER BY j.id LIMIT max_rows;
  ELSIF job_list.state IN ('completed', 'dead', 'cancelled') THEN
    RETURN QUERY
      SELECT e.id, e.payload, e.attempt, e.max_attempts, e.priority, e.run_at, e.enqueued_at, e.taken_at,
             NULL::timestamptz, e.ended_at, e.worker, e.error, e.unique_key::text
      FROM ${schema}.job_ended AS e
      WHERE e.queue = job_list.queue AND e.state = job_list.state AND e.id > coalesce(after, 0) AND e.expires_at > statement_timestamp()
      ORDER BY e.id LIMIT max_rows;
  ELSE
    RAISE EXCEPTION 'state: waiting, running, completed, dead or cancelled expected, got %', left(coalesce(job_list.state, 'NULL'), 100)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- One job, 0 or 1 row.
CREATE OR REPLACE FUNCTION ${schema}.job_get(id bigint)
RETURNS TABLE (
  queue text, state text, payload jsonb, attempt int, max_attempts int, priority int, run_at timestamptz, enqueued_at timestamptz,
  taken_at timestamptz, leased_until timestamptz, ended_at timestamptz, holder text, error text, unique_key text)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT j.queue, CASE WHEN j.check_at IS NULL THEN 'waiting' ELSE 'running' END, j.payload, j.attempt, j.max_attempts, j.priority, j.run_at,
         j.enqueued_at, j.taken_at, j.leased_until, NULL, j.worker, j.error, j.unique_key
  FROM ${schema}.job AS j WHERE j.id = job_get.id
UNION ALL
  SELECT e.queue, e.state, e.payload, e.attempt, e.max_attempts, e.priority, e.run_at, e.enqueued_at, e.taken_at, NULL, e.ended_at, e.worker,
         e.error, e.unique_key
  FROM ${schema}.job_ended AS e WHERE e.id = job_get.id AND e.expires_at > statement_timestamp()
$$;

-- How many jobs there are, of one queue or (NULL) of each: due, scheduled (for later), running, completed, dead, cancelled; and when the
-- first of them was to run. It counts them: a million take some tenths of a second.
CREATE OR REPLACE FUNCTION ${schema}.job_counts(queue text DEFAULT NULL)
RETURNS TABLE (name text, state text, jobs bigint, oldest_run_at timestamptz)
LANGUAGE sql STABLE ROWS 20 AS $$
  SELECT j.queue::text, s.state, count(*), min(j.run_at)
  FROM ${schema}.job AS j
  CROSS JOIN LATERAL (SELECT CASE WHEN j.check_at IS NOT NULL THEN 'running' WHEN j.run_at <= statement_timestamp() THEN 'due' ELSE 'scheduled' END) AS s (state)
  WHERE job_counts.queue IS NULL OR j.queue = job_counts.queue
  GROUP BY j.queue, s.state
UNION ALL
  SELECT e.queue::text, e.state::text, count(*), min(e.run_at)
  FROM ${schema}.job_ended AS e
  WHERE e.expires_at > statement_timestamp() AND (job_counts.queue IS NULL OR e.queue = job_counts.queue)
  GROUP BY e.queue, e.state
$$;
