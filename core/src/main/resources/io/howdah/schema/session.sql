-- Sessions. One row of session_settings says how they are kept, and so in which table (session_table.sql has what is done to it).
-- The public functions take the token; those with a _ its hash, and the Java library calls those: so no token ever stands in a
-- log of the server.
--
-- Time is statement_timestamp(): a session is dead when expires_at <= statement_timestamp().
-- Locks: a read takes none, and a touch waits for none. A write holds sessions where they are (shared), then a user, where there
-- is a bound on his sessions, then rows: one, or several in the order of their hashes. All wait in this order.
-- own says that the call is a transaction of the engine's own. Then it does not wait for the flush, where sessions are relaxed:
-- but what ends a session, or a token, always does. A crash must not give back a login that somebody has revoked.
--
-- Errors: 22023 bad argument · HD007 only under READ COMMITTED · HD008 ephemeral sessions cannot be read on a standby.

-- Holds sessions in their table until the transaction ends; session_configure takes the same lock exclusively to move them.
-- As _namespace_hold does.
CREATE OR REPLACE FUNCTION ${schema}._session_hold() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock_shared(hashtextextended('${schema}.session', 0)) THEN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('${schema}.session', 0));
  END IF;
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    PERFORM FROM ${schema}.namespace_guard FOR SHARE;
  END IF;
END
$$;

-- Begins a write: holds sessions, and says how they are kept. Only a write that relaxes may commit without its flush.
CREATE OR REPLACE FUNCTION ${schema}._session_begin(own boolean, relaxes boolean) RETURNS ${schema}.session_settings
LANGUAGE plpgsql AS $$
DECLARE
  settings ${schema}.session_settings;
BEGIN
  PERFORM ${schema}._session_hold();
  SELECT s.* INTO settings FROM ${schema}.session_settings AS s WHERE s.id = 1;
  IF own AND relaxes AND settings.durability = 'relaxed' THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  RETURN settings;
END
$$;

-- Whether sessions are ephemeral, for a read: an error on a standby, where they could only seem to be absent.
CREATE OR REPLACE FUNCTION ${schema}._session_is_ephemeral() RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF (SELECT s.durability <> 'ephemeral' FROM ${schema}.session_settings AS s WHERE s.id = 1) THEN
    RETURN false;
  END IF;
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'sessions are ephemeral: they cannot be read on a standby'
      USING ERRCODE = 'HD008', HINT = 'Read them on the primary, or keep them: session_configure(durability => ''relaxed'').';
  END IF;
  RETURN true;
END
$$;

-- What has happened to a session, as a message.
CREATE OR REPLACE FUNCTION ${schema}._session_told(kind text, handle uuid, user_id text, happened_at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT json_build_object('kind', kind, 'handle', handle, 'userId', user_id, 'happenedAt', happened_at)::text
$$;

-- Tells it on the channel howdah.session, which is retained for as long as events are kept.
CREATE OR REPLACE FUNCTION ${schema}._session_tell(messages text[]) RETURNS void
LANGUAGE sql AS $$
  SELECT ${schema}._channel_publish(array_fill('howdah.session'::text, ARRAY[cardinality(messages)]), messages)
$$;

CREATE OR REPLACE FUNCTION ${schema}._session_check_user(user_id text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (octet_length(user_id) BETWEEN 1 AND 1024) IS NOT TRUE THEN
    RAISE EXCEPTION 'user_id: 1 to 1024 bytes expected, got %', coalesce(octet_length(user_id)::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Days of 24 hours: a year is longer than 12 months, where intervals are compared.
CREATE OR REPLACE FUNCTION ${schema}._session_check_interval(argument text, value interval, least_value interval) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF value < least_value OR extract(epoch FROM value) > 36500 * 86400::bigint THEN
    RAISE EXCEPTION '%: % to 36500 days expected, got %', argument, least_value, value USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- The data, if they are an object of at most 1 MiB of text.
CREATE OR REPLACE FUNCTION ${schema}._session_measured(argument text, data jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF (jsonb_typeof(data) = 'object') IS NOT TRUE THEN
    RAISE EXCEPTION '%: a JSON object expected, got %', argument, coalesce(jsonb_typeof(data), 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(data::text) > 1048576 THEN
    RAISE EXCEPTION '%: at most 1048576 bytes expected, got %', argument, octet_length(data::text) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN data;
END
$$;

-- Attributes are the members of data: each member of the patch takes the place of one as a whole, null removes it.
CREATE OR REPLACE FUNCTION ${schema}._session_merge(data jsonb, patch jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  data := data || patch;
  IF jsonb_path_exists(patch, '$.* ? (@ == null)') THEN
    data := data - ARRAY(SELECT p.key FROM jsonb_each(patch) AS p WHERE p.value = 'null');
  END IF;
  IF octet_length(data::text) > 1048576 THEN
    PERFORM ${schema}._session_measured('data', data);
  END IF;
  RETURN data;
END
$$;

-- Reads.

-- The quick read of the engine, for a session that it believes to be in session_durable: Postgres inlines it. Who finds nothing,
-- or wants one that is due to be touched, asks _session_touch.
CREATE OR REPLACE FUNCTION ${schema}._session_quick_read(hash bytea)
RETURNS TABLE (
  handle uuid, user_id text, data jsonb, created_at timestamptz, last_accessed_at timestamptz, expires_at timestamptz,
  ip inet, user_agent text, is_due boolean, is_ephemeral boolean)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT s.handle, s.user_id, s.data, s.created_at, s.last_accessed_at, s.expires_at, s.ip, s.user_agent,
         s.last_accessed_at <= statement_timestamp() - least((SELECT c.touch_interval FROM ${schema}.session_settings AS c), s.idle / 4), false
  FROM ${schema}.session_durable AS s
  WHERE s.token_hash = $1 AND s.expires_at > statement_timestamp()
$$;

-- See _session_durable_read.
CREATE OR REPLACE FUNCTION ${schema}._session_read(hashes bytea, row_budget int)
RETURNS TABLE (
  ordinal int, handle uuid, user_id text, data text, created_at timestamptz, last_accessed_at timestamptz, expires_at timestamptz,
  ip inet, user_agent text)
LANGUAGE plpgsql STABLE ROWS 50 AS $$
BEGIN
  IF ${schema}._session_is_ephemeral() THEN
    RETURN QUERY SELECT * FROM ${schema}._session_ephemeral_read(hashes, row_budget);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._session_durable_read(hashes, row_budget);
  END IF;
END
$$;

-- See _session_durable_touch. Reads go on while sessions move: so in a transaction of its own it holds nothing. Each statement in
-- here has a snapshot of its own: when it finds nothing, and they may have moved since it looked where they are, it looks again. The
-- settings' xmin says whether they may: where they are does not, since they may have moved there and back.
-- In the caller's transaction what it writes stays locked, and a move must not wait for that while it keeps writers out, of which
-- that transaction may be the next: so it holds sessions, or only reads while they move. Where nothing can be written it only
-- reads too. No crash takes more from a touch than the touch interval does, so its own commit never waits.
CREATE OR REPLACE FUNCTION ${schema}._session_touch(hashes bytea, row_budget int, own boolean)
RETURNS TABLE (
  ordinal int, handle uuid, user_id text, data text, created_at timestamptz, last_accessed_at timestamptz, expires_at timestamptz,
  ip inet, user_agent text)
LANGUAGE plpgsql ROWS 50 AS $$
DECLARE
  is_ephemeral boolean;
  every interval;
  settings_xmin xid;
BEGIN
  IF current_setting('transaction_read_only') = 'on'
    OR (NOT own AND NOT pg_try_advisory_xact_lock_shared(hashtextextended('${schema}.session', 0)))
  THEN
    RETURN QUERY SELECT * FROM ${schema}._session_read(hashes, row_budget);
    RETURN;
  END IF;
  IF own THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  LOOP
    SELECT s.durability = 'ephemeral', s.touch_interval, s.xmin INTO is_ephemeral, every, settings_xmin
    FROM ${schema}.session_settings AS s
    WHERE s.id = 1;
    IF is_ephemeral THEN
      RETURN QUERY SELECT * FROM ${schema}._session_ephemeral_touch(hashes, row_budget, every);
    ELSE
      RETURN QUERY SELECT * FROM ${schema}._session_durable_touch(hashes, row_budget, every);
    END IF;
    EXIT WHEN FOUND OR (SELECT s.xmin = settings_xmin FROM ${schema}.session_settings AS s WHERE s.id = 1);
  END LOOP;
END
$$;

-- The same for one session, with the columns of _session_quick_read, and where it is.
CREATE OR REPLACE FUNCTION ${schema}._session_read_one(hash bytea)
RETURNS TABLE (
  handle uuid, user_id text, data text, created_at timestamptz, last_accessed_at timestamptz, expires_at timestamptz,
  ip inet, user_agent text, is_due boolean, is_ephemeral boolean)
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT r.handle, r.user_id, r.data, r.created_at, r.last_accessed_at, r.expires_at, r.ip, r.user_agent, false,
         (SELECT c.durability = 'ephemeral' FROM ${schema}.session_settings AS c)
  FROM ${schema}._session_read(hash, 2147483647) AS r
$$;

CREATE OR REPLACE FUNCTION ${schema}._session_touch_one(hash bytea, own boolean)
RETURNS TABLE (
  handle uuid, user_id text, data text, created_at timestamptz, last_accessed_at timestamptz, expires_at timestamptz,
  ip inet, user_agent text, is_due boolean, is_ephemeral boolean)
LANGUAGE sql ROWS 1 AS $$
  SELECT r.handle, r.user_id, r.data, r.created_at, r.last_accessed_at, r.expires_at, r.ip, r.user_agent, false,
         (SELECT c.durability = 'ephemeral' FROM ${schema}.session_settings AS c)
  FROM ${schema}._session_touch(hash, 2147483647, own) AS r
$$;

-- A live session; no row when there is none. Says nothing of its being used: session_touch does.
CREATE OR REPLACE FUNCTION ${schema}.session_get(token text) RETURNS SETOF ${schema}.session_entry
LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT r.handle, r.user_id, r.data::jsonb, r.created_at, r.last_accessed_at, r.expires_at, r.ip, r.user_agent
  FROM ${schema}._session_read(${schema}._secret_hash(token), 2147483647) AS r
$$;

-- The same, and it lives on: it now ends when it has not been used for its idle time, or at the end of its lifetime. That is
-- written down at most once in each touch_interval, or in a quarter of its idle time where that is less.
CREATE OR REPLACE FUNCTION ${schema}.session_touch(token text) RETURNS SETOF ${schema}.session_entry
LANGUAGE sql ROWS 1 AS $$
  SELECT r.handle, r.user_id, r.data::jsonb, r.created_at, r.last_accessed_at, r.expires_at, r.ip, r.user_agent
  FROM ${schema}._session_touch(${schema}._secret_hash(token), 2147483647, false) AS r
$$;

-- The live sessions of a user, the last used first: 1,000 at most, and 16 MiB.
CREATE OR REPLACE FUNCTION ${schema}.session_list(user_id text) RETURNS SETOF ${schema}.session_entry
LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
  PERFORM ${schema}._session_check_user(user_id);
  IF ${schema}._session_is_ephemeral() THEN
    RETURN QUERY SELECT * FROM ${schema}._session_ephemeral_list(user_id);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._session_durable_list(user_id);
  END IF;
END
$$;

-- Some live sessions whose data contain a JSON object (jsonb @>), at most 16 MiB of them. Reads all sessions.
CREATE OR REPLACE FUNCTION ${schema}.session_find(contains jsonb, max_rows int DEFAULT 100) RETURNS SETOF ${schema}.session_entry
LANGUAGE plpgsql STABLE ROWS 100 AS $$
BEGIN
  PERFORM ${schema}._kv_check_page(max_rows);
  PERFORM ${schema}._session_measured('contains', contains);
  IF ${schema}._session_is_ephemeral() THEN
    RETURN QUERY SELECT * FROM ${schema}._session_ephemeral_find(contains, max_rows);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._session_durable_find(contains, max_rows);
  END IF;
END
$$;

-- How many live sessions a user has; NULL counts all, and reads them all.
CREATE OR REPLACE FUNCTION ${schema}.session_count(user_id text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF user_id IS NOT NULL THEN
    PERFORM ${schema}._session_check_user(user_id);
  END IF;
  IF ${schema}._session_is_ephemeral() THEN
    IF user_id IS NULL THEN
      RETURN count(*) FROM ${schema}.session_ephemeral AS s WHERE s.expires_at > statement_timestamp();
    END IF;
    RETURN ${schema}._session_ephemeral_count(user_id);
  END IF;
  IF user_id IS NULL THEN
    RETURN count(*) FROM ${schema}.session_durable AS s WHERE s.expires_at > statement_timestamp();
  END IF;
  RETURN ${schema}._session_durable_count(user_id);
END
$$;

-- Writes.

-- Whether a user may have one more session; where he may have only so many, the caller then holds the user until his transaction
-- ends. Two logins of one user come one behind the other, so the bound holds: under READ COMMITTED, where the second one sees
-- what the first one did.
CREATE OR REPLACE FUNCTION ${schema}._session_make_room(settings ${schema}.session_settings, user_id text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF settings.max_per_user IS NULL OR user_id IS NULL THEN
    RETURN true;
  END IF;
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    RAISE EXCEPTION 'sessions have a bound for each user: they can be created under READ COMMITTED only, this transaction is %',
        upper(current_setting('transaction_isolation'))
      USING ERRCODE = 'HD007';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('${schema}.session_user:' || user_id, 0));
  IF settings.durability = 'ephemeral' THEN
    RETURN ${schema}._session_ephemeral_make_room(user_id, settings.max_per_user, settings.on_full, settings.keep_events);
  END IF;
  RETURN ${schema}._session_durable_make_room(user_id, settings.max_per_user, settings.on_full, settings.keep_events);
END
$$;

-- The handle of the new session, in microseconds since 1970 when it began and when it ends, and its address, with spaces between
-- them; NULL when the user may have no more.
CREATE OR REPLACE FUNCTION ${schema}._session_create(
  hash bytea, user_id text, data jsonb, idle interval, lifetime interval, ip inet, user_agent text, own boolean) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  settings constant ${schema}.session_settings := ${schema}._session_begin(own, true);
  handle constant uuid := gen_random_uuid();
  expires_at timestamptz;
BEGIN
  IF user_id IS NOT NULL THEN
    PERFORM ${schema}._session_check_user(user_id);
  END IF;
  PERFORM ${schema}._session_measured('data', data);
  PERFORM ${schema}._session_check_interval('idle', idle, interval '1 microsecond');
  PERFORM ${schema}._session_check_interval('lifetime', lifetime, interval '1 microsecond');
  IF octet_length(user_agent) > 1024 THEN
    RAISE EXCEPTION 'user_agent: at most 1024 bytes expected, got %', octet_length(user_agent) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT ${schema}._session_make_room(settings, user_id) THEN
    RETURN NULL;
  END IF;
  idle := coalesce(idle, settings.idle);
  lifetime := coalesce(lifetime, settings.lifetime);
  IF settings.durability = 'ephemeral' THEN
    expires_at := ${schema}._session_ephemeral_insert(hash, handle, user_id, data, idle, lifetime, ip, user_agent);
  ELSE
    expires_at := ${schema}._session_durable_insert(hash, handle, user_id, data, idle, lifetime, ip, user_agent);
  END IF;
  IF settings.keep_events IS NOT NULL THEN
    INSERT INTO ${schema}.session_event (kind, handle, user_id, happened_at, expires_at)
    VALUES ('created', handle, user_id, statement_timestamp(), statement_timestamp() + settings.keep_events);
    PERFORM ${schema}._session_tell(ARRAY[${schema}._session_told('created', handle, user_id, statement_timestamp())]);
  END IF;
  RETURN format(
    '%s %s %s %s',
    handle, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint, (extract(epoch FROM expires_at) * 1000000)::bigint, ip);
END
$$;

-- Begins a session; its token, which nobody can ask for again. NULL when the user has as many as he may, and on_full is refuse.
-- A NULL user_id is a session of somebody who has not logged in.
CREATE OR REPLACE FUNCTION ${schema}.session_create(
  user_id text, data jsonb DEFAULT '{}', idle interval DEFAULT NULL, lifetime interval DEFAULT NULL,
  ip inet DEFAULT NULL, user_agent text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  token constant text := ${schema}._secret_make();
BEGIN
  IF ${schema}._session_create(${schema}._secret_hash(token), user_id, data, idle, lifetime, ip, user_agent, false) IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN token;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._session_set(hash bytea, patch jsonb, own boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  settings constant ${schema}.session_settings := ${schema}._session_begin(own, true);
BEGIN
  PERFORM ${schema}._session_measured('patch', patch);
  IF settings.durability = 'ephemeral' THEN
    RETURN ${schema}._session_ephemeral_set(hash, patch);
  END IF;
  RETURN ${schema}._session_durable_set(hash, patch);
END
$$;

-- Sets the attributes that the patch has, and removes those that are null in it; the others stay. Whether there is the session.
CREATE OR REPLACE FUNCTION ${schema}.session_set(token text, patch jsonb) RETURNS boolean
LANGUAGE sql AS $$ SELECT ${schema}._session_set(${schema}._secret_hash(token), patch, false) $$;

-- Many patches in one, as if one came after the other.
CREATE OR REPLACE FUNCTION ${schema}._session_fold(patches jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(m.key, m.value ORDER BY p.ordinality), '{}')
  FROM jsonb_array_elements(patches) WITH ORDINALITY AS p (patch, ordinality)
  CROSS JOIN LATERAL jsonb_each(p.patch) AS m
$$;

-- For the engine: many sessions, each once, with a patch or an array of patches; the places of those that are there.
CREATE OR REPLACE FUNCTION ${schema}._session_batch_set(hashes bytea[], patches text[], patience bigint, own boolean) RETURNS SETOF int
LANGUAGE plpgsql ROWS 50 AS $$
DECLARE
  settings ${schema}.session_settings;
  folded constant jsonb[] := ARRAY(
    SELECT CASE WHEN jsonb_typeof(u.patch::jsonb) = 'array' THEN ${schema}._session_fold(u.patch::jsonb) ELSE u.patch::jsonb END
    FROM unnest(patches) WITH ORDINALITY AS u (patch, place)
    ORDER BY u.place);
BEGIN
  IF patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', patience::text, true);
  END IF;
  settings := ${schema}._session_begin(own, true);
  IF settings.durability = 'ephemeral' THEN
    RETURN QUERY SELECT * FROM ${schema}._session_ephemeral_batch_set(hashes, folded);
  ELSE
    RETURN QUERY SELECT * FROM ${schema}._session_durable_batch_set(hashes, folded);
  END IF;
END
$$;

-- For the engine: which of the sessions somebody else holds now, by their places.
CREATE OR REPLACE FUNCTION ${schema}._session_batch_busy(hashes bytea[]) RETURNS SETOF bigint
LANGUAGE sql ROWS 50 AS $$
  SELECT b.place FROM ${schema}._session_durable_batch_busy(hashes) AS b (place)
  UNION ALL
  SELECT b.place FROM ${schema}._session_ephemeral_batch_busy(hashes) AS b (place)
$$;

-- Whether there was the session; NULL when the user may have no more.
-- Locks: the user, where there is a bound; then the row, and where one of his has to go for it those of the user: in the order of
-- their hashes, since the row may be one of a batch as any other.
CREATE OR REPLACE FUNCTION ${schema}._session_rotate(hash bytea, new_hash bytea, user_id text, own boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  settings constant ${schema}.session_settings := ${schema}._session_begin(own, false);
  is_ephemeral constant boolean := settings.durability = 'ephemeral';
  full_user text;
  present boolean;
  owner text;
BEGIN
  IF user_id IS NOT NULL THEN
    PERFORM ${schema}._session_check_user(user_id);
    IF settings.max_per_user IS NOT NULL THEN
      PERFORM pg_advisory_xact_lock(hashtextextended('${schema}.session_user:' || user_id, 0));
      IF settings.on_full = 'evict'
        AND settings.max_per_user
          <= (CASE WHEN is_ephemeral THEN ${schema}._session_ephemeral_count(user_id) ELSE ${schema}._session_durable_count(user_id) END)
      THEN
        full_user := user_id;
      END IF;
    END IF;
    IF is_ephemeral THEN
      SELECT l.user_id INTO owner FROM ${schema}._session_ephemeral_lock(hash, full_user) AS l;
    ELSE
      SELECT l.user_id INTO owner FROM ${schema}._session_durable_lock(hash, full_user) AS l;
    END IF;
    present := FOUND;
    IF owner <> user_id THEN
      RAISE EXCEPTION 'user_id: the session is that of another user' USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Revoke it, and create one for the other user.';
    END IF;
    IF NOT present THEN
      RETURN false;
    END IF;
    IF owner IS NULL AND NOT ${schema}._session_make_room(settings, user_id) THEN
      RETURN NULL;
    END IF;
  END IF;
  IF is_ephemeral THEN
    RETURN ${schema}._session_ephemeral_rotate(hash, new_hash, user_id);
  END IF;
  RETURN ${schema}._session_durable_rotate(hash, new_hash, user_id);
END
$$;

-- Gives a session another token, after which the old one opens nothing; the token, which nobody can ask for again. At a login, when
-- somebody may know the token that the session had before (session fixation): then with the user whose session it becomes. NULL
-- when there is no such session, or the user has as many as he may, and on_full is refuse.
CREATE OR REPLACE FUNCTION ${schema}.session_rotate(token text, user_id text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  new_token constant text := ${schema}._secret_make();
BEGIN
  IF ${schema}._session_rotate(${schema}._secret_hash(token), ${schema}._secret_hash(new_token), user_id, false) THEN
    RETURN new_token;
  END IF;
  RETURN NULL;
END
$$;

-- Changes several things of a session at once: its token, attributes, idle time and, where assigns says so, its user. What is NULL
-- stays as it is, but for the user, who then is nobody. Whether there was the session; NULL when the user may have no more.
-- Locks: as _session_rotate.
CREATE OR REPLACE FUNCTION ${schema}._session_change(
  hash bytea, new_hash bytea, patch jsonb, idle interval, assigns boolean, user_id text, own boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  settings constant ${schema}.session_settings := ${schema}._session_begin(own, new_hash IS NULL AND NOT assigns);
  is_ephemeral constant boolean := settings.durability = 'ephemeral';
  full_user text;
  owner text;
BEGIN
  IF patch IS NOT NULL THEN
    PERFORM ${schema}._session_measured('patch', patch);
  END IF;
  PERFORM ${schema}._session_check_interval('idle', idle, interval '1 microsecond');
  IF assigns AND user_id IS NOT NULL THEN
    PERFORM ${schema}._session_check_user(user_id);
    IF settings.max_per_user IS NOT NULL THEN
      PERFORM pg_advisory_xact_lock(hashtextextended('${schema}.session_user:' || user_id, 0));
      IF settings.on_full = 'evict' THEN
        full_user := user_id;
      END IF;
      IF is_ephemeral THEN
        SELECT l.user_id INTO owner FROM ${schema}._session_ephemeral_lock(hash, full_user) AS l;
      ELSE
        SELECT l.user_id INTO owner FROM ${schema}._session_durable_lock(hash, full_user) AS l;
      END IF;
      IF NOT FOUND THEN
        RETURN false;
      END IF;
      IF owner IS DISTINCT FROM user_id AND NOT ${schema}._session_make_room(settings, user_id) THEN
        RETURN NULL;
      END IF;
    END IF;
  END IF;
  IF is_ephemeral THEN
    RETURN ${schema}._session_ephemeral_change(hash, new_hash, patch, idle, assigns, user_id);
  END IF;
  RETURN ${schema}._session_durable_change(hash, new_hash, patch, idle, assigns, user_id);
END
$$;

-- Makes a session that of another user, or with NULL nobody's, and leaves its token; whether there is the session. At a login use
-- session_rotate. NULL when the user has as many as he may, and on_full is refuse.
CREATE OR REPLACE FUNCTION ${schema}.session_assign(token text, user_id text) RETURNS boolean
LANGUAGE sql AS $$
  SELECT ${schema}._session_change(${schema}._secret_hash(token), NULL, NULL, NULL, true, user_id, false)
$$;

-- Gives a session another idle time, which begins now; its lifetime stays. Whether there is the session.
CREATE OR REPLACE FUNCTION ${schema}.session_set_idle(token text, idle interval) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF idle IS NULL THEN
    RAISE EXCEPTION 'idle: an interval expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN ${schema}._session_change(${schema}._secret_hash(token), NULL, NULL, idle, false, NULL, false);
END
$$;

-- What the token of the session of a user with this handle hashes to; NULL when there is none. The library's calls by handle ask this
-- first.
CREATE OR REPLACE FUNCTION ${schema}._session_hash(user_id text, handle uuid) RETURNS bytea
LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM ${schema}._session_check_user(user_id);
  IF ${schema}._session_is_ephemeral() THEN
    RETURN ${schema}._session_ephemeral_hash(user_id, handle);
  END IF;
  RETURN ${schema}._session_durable_hash(user_id, handle);
END
$$;

-- As session_set, of the session of a user that has this handle, from the list of his devices; whether there is one. One that gets
-- another token at the same time may be missed.
CREATE OR REPLACE FUNCTION ${schema}.session_set_handle(user_id text, handle uuid, patch jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF handle IS NULL THEN
    RAISE EXCEPTION 'handle: a uuid expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._session_hold();
  RETURN ${schema}._session_set(${schema}._session_hash(user_id, handle), patch, false);
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._session_revoke(hash bytea, own boolean) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  settings constant ${schema}.session_settings := ${schema}._session_begin(own, false);
BEGIN
  IF settings.durability = 'ephemeral' THEN
    RETURN ${schema}._session_ephemeral_delete(ARRAY[hash], settings.keep_events) > 0;
  END IF;
  RETURN ${schema}._session_durable_delete(ARRAY[hash], settings.keep_events) > 0;
END
$$;

-- Ends a session; whether there was one.
CREATE OR REPLACE FUNCTION ${schema}.session_revoke(token text) RETURNS boolean
LANGUAGE sql AS $$ SELECT ${schema}._session_revoke(${schema}._secret_hash(token), false) $$;

CREATE OR REPLACE FUNCTION ${schema}._session_revoke_user(user_id text, except_hash bytea, handle uuid, own boolean) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  settings constant ${schema}.session_settings := ${schema}._session_begin(own, false);
BEGIN
  PERFORM ${schema}._session_check_user(user_id);
  IF settings.durability = 'ephemeral' THEN
    RETURN ${schema}._session_ephemeral_delete_user(user_id, except_hash, handle, settings.keep_events);
  END IF;
  RETURN ${schema}._session_durable_delete_user(user_id, except_hash, handle, settings.keep_events);
END
$$;

-- Ends the sessions of a user, all or all but one; how many.
CREATE OR REPLACE FUNCTION ${schema}.session_revoke_user(user_id text, except_token text DEFAULT NULL) RETURNS int
LANGUAGE sql AS $$
  SELECT ${schema}._session_revoke_user(user_id, CASE WHEN except_token IS NOT NULL THEN ${schema}._secret_hash(except_token) END, NULL, false)
$$;

-- Ends the session of a user that has this handle, from the list of his devices; whether there was one.
CREATE OR REPLACE FUNCTION ${schema}.session_revoke_handle(user_id text, handle uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  IF handle IS NULL THEN
    RAISE EXCEPTION 'handle: a uuid expected, got NULL' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN ${schema}._session_revoke_user(user_id, NULL, handle, false) > 0;
END
$$;

-- Settings.

-- Changes what is not NULL of how sessions are kept; whether anything changed. max_per_user 0 is no bound, keep_events 0 keeps none.
--   durability      ephemeral, relaxed or durable: sessions move with it. Writers wait meanwhile, readers do not
--   idle, lifetime  of sessions that are created without; those that are there keep their own
--   touch_interval  how often at most the use of a session is written down
--   max_per_user    how many live sessions a user may have; on_full: evict ends the one that was not used for longest, refuse
--                   refuses a new one
--   keep_events     for how long it is kept in session_event that sessions were created, expired and revoked
CREATE OR REPLACE FUNCTION ${schema}.session_configure(
  durability text DEFAULT NULL, idle interval DEFAULT NULL, lifetime interval DEFAULT NULL, touch_interval interval DEFAULT NULL,
  max_per_user int DEFAULT NULL, on_full text DEFAULT NULL, keep_events interval DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  before ${schema}.session_settings;
  settings ${schema}.session_settings;
BEGIN
  IF durability NOT IN ('ephemeral', 'relaxed', 'durable') THEN
    RAISE EXCEPTION 'durability: ephemeral, relaxed or durable expected, got %', durability USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._session_check_interval('idle', idle, interval '1 microsecond');
  PERFORM ${schema}._session_check_interval('lifetime', lifetime, interval '1 microsecond');
  PERFORM ${schema}._session_check_interval('touch_interval', touch_interval, interval '0');
  PERFORM ${schema}._session_check_interval('keep_events', keep_events, interval '0');
  IF max_per_user < 0 THEN
    RAISE EXCEPTION 'max_per_user: 0 or more expected, got %', max_per_user USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF on_full NOT IN ('evict', 'refuse') THEN
    RAISE EXCEPTION 'on_full: evict or refuse expected, got %', on_full USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Applications do this at each start: where nothing changes they wait for nobody.
  FOR attempt IN 1 .. 2 LOOP
    SELECT s.* INTO before FROM ${schema}.session_settings AS s WHERE s.id = 1;
    settings := before;
    settings.durability := coalesce(session_configure.durability, before.durability);
    settings.idle := coalesce(session_configure.idle, before.idle);
    settings.lifetime := coalesce(session_configure.lifetime, before.lifetime);
    settings.touch_interval := coalesce(session_configure.touch_interval, before.touch_interval);
    settings.max_per_user := nullif(coalesce(session_configure.max_per_user, before.max_per_user), 0);
    settings.on_full := coalesce(session_configure.on_full, before.on_full);
    settings.keep_events := nullif(coalesce(session_configure.keep_events, before.keep_events), interval '0');
    IF settings IS NOT DISTINCT FROM before THEN
      RETURN false;
    END IF;
    IF attempt = 1 THEN
      PERFORM ${schema}._seize(hashtextextended('${schema}.session', 0), 'sessions');
    END IF;
  END LOOP;
  UPDATE ${schema}.session_settings AS s
  SET (durability, idle, lifetime, touch_interval, max_per_user, on_full, keep_events)
    = (settings.durability, settings.idle, settings.lifetime, settings.touch_interval, settings.max_per_user, settings.on_full, settings.keep_events)
  WHERE s.id = 1;
  IF settings.keep_events IS DISTINCT FROM before.keep_events THEN
    PERFORM ${schema}.channel_retain('howdah.session', settings.keep_events);
  END IF;
  -- Between relaxed and durable nothing moves, but writers have to end all the same: see namespace_move.
  IF settings.durability = 'ephemeral' AND before.durability <> 'ephemeral' THEN
    WITH gone AS (DELETE FROM ${schema}.session_durable AS t RETURNING t.*)
    INSERT INTO ${schema}.session_ephemeral SELECT g.* FROM gone AS g;
  ELSIF settings.durability <> 'ephemeral' AND before.durability = 'ephemeral' THEN
    WITH gone AS (DELETE FROM ${schema}.session_ephemeral AS t RETURNING t.*)
    INSERT INTO ${schema}.session_durable SELECT g.* FROM gone AS g;
  END IF;
  RETURN true;
END
$$;
