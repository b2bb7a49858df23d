-- Locks with an end and a fencing token. Each statement takes one row's lock, and reads the clock after it: a transaction that is
-- old does not see a lock as free that somebody has taken since it began.
--
-- A token is larger than all that were given before, for any name: whoever writes to what the lock protects sends it along, and what
-- is protected refuses a smaller one than it has seen. Without that, no lock with an end keeps a holder that was asleep from
-- writing too late. docs/locks.md says what is promised.

CREATE OR REPLACE FUNCTION ${schema}._lock_check(name text, owner text, ttl interval) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF (octet_length(name) BETWEEN 1 AND 1024) IS NOT TRUE THEN
    RAISE EXCEPTION 'name: 1 to 1024 bytes expected, got %', coalesce(octet_length(name)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (octet_length(owner) BETWEEN 1 AND 1024) IS NOT TRUE THEN
    RAISE EXCEPTION 'owner: 1 to 1024 bytes expected, got %', coalesce(octet_length(owner)::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (ttl > interval '0' AND ttl <= interval '36500 days') IS NOT TRUE THEN
    RAISE EXCEPTION 'ttl: more than 0 and at most 36500 days expected, got %', coalesce(ttl::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- A fencing token when the lock was free, or its end had come; NULL while somebody holds it, the same owner included. owner says
-- who holds it, to people.
CREATE OR REPLACE FUNCTION ${schema}.lock_acquire(name text, owner text, ttl interval) RETURNS bigint
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  new_token bigint;
BEGIN
  PERFORM ${schema}._lock_check(lock_acquire.name, lock_acquire.owner, ttl);
  -- Most who ask in vain are told without a write.
  IF EXISTS (SELECT FROM ${schema}.lock AS l WHERE l.name = lock_acquire.name AND l.expires_at > clock_timestamp()) THEN
    RETURN NULL;
  END IF;
  INSERT INTO ${schema}.lock AS l (name, owner, token, acquired_at, expires_at)
  VALUES (lock_acquire.name, lock_acquire.owner, 0, clock_timestamp(), clock_timestamp())
  ON CONFLICT (name) DO UPDATE SET owner = excluded.owner WHERE l.expires_at <= clock_timestamp();
  -- The number is drawn with the row in hand: an INSERT may have waited, for a holder with a larger one, after it had drawn.
  IF FOUND THEN
    UPDATE ${schema}.lock AS l
    SET token = nextval('${schema}.lock_token'), acquired_at = clock_timestamp(), expires_at = clock_timestamp() + ttl
    WHERE l.name = lock_acquire.name
    RETURNING l.token INTO new_token;
  END IF;
  RETURN new_token;
END
$$;

-- Gives the holder of this token more time, counted from now; false when he has lost the lock.
CREATE OR REPLACE FUNCTION ${schema}.lock_renew(name text, token bigint, ttl interval) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._lock_check(lock_renew.name, '-', ttl);
  UPDATE ${schema}.lock AS l
  SET expires_at = clock_timestamp() + ttl
  WHERE l.name = lock_renew.name AND l.token = lock_renew.token AND l.expires_at > clock_timestamp();
  RETURN FOUND;
END
$$;

-- Frees the lock; false when the holder of this token had lost it.
CREATE OR REPLACE FUNCTION ${schema}.lock_release(name text, token bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  was_held boolean;
BEGIN
  DELETE FROM ${schema}.lock AS l WHERE l.name = lock_release.name AND l.token = lock_release.token
  RETURNING l.expires_at > clock_timestamp() INTO was_held;
  RETURN coalesce(was_held, false);
END
$$;

-- What is held now.
CREATE OR REPLACE FUNCTION ${schema}.lock_list()
RETURNS TABLE (name text, owner text, token bigint, acquired_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE ROWS 100 AS $$
  SELECT l.name, l.owner, l.token, l.acquired_at, l.expires_at FROM ${schema}.lock AS l WHERE l.expires_at > clock_timestamp() ORDER BY l.name
$$;
