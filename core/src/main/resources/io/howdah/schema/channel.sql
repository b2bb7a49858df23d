-- Channels: messages for whoever listens, and, where a channel is retained, for whoever comes later.
--
-- All go by one physical channel, ${schema}.channel: names of Postgres have 63 bytes, and no patterns. A notification comes
-- after the commit, not after a rollback, may be forged, and is lost to whoever was not listening. Its payload is
--   {"n": NUMBER, "m": [MESSAGE, ...]}
-- n makes two of one transaction different, m has what one statement published, in its order; a message is one of
--   ["CHANNEL", "PAYLOAD"]
--   ["CHANNEL", null, "UUID"]               too large: the row of channel_large with this id has it, for a minute
--   ["CHANNEL", null, "XID", FIRST, LAST]   retained: the rows of channel_message from FIRST to LAST; channel_read reads them
--
-- A retained message stores its transaction and an identity, and a reader sees only those of transactions below all that have
-- not ended (pg_snapshot_xmin): nothing can come before what it has seen. So a transaction that writes, anywhere in the
-- cluster, delays what was published after it began, until it ends.
-- Locks: who publishes inserts rows, and waits for nobody until the commit, where Postgres takes a lock that all who notify in any
-- database share, after all others: so it takes part in no deadlock.

CREATE OR REPLACE FUNCTION ${schema}._channel_check(channel text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF (octet_length(channel) BETWEEN 1 AND 256) IS NOT TRUE THEN
    RAISE EXCEPTION 'channel: 1 to 256 bytes expected, got %', coalesce(octet_length(channel)::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;

-- Publishes in the order of the arrays, which have one length and no NULLs. As few notifications as hold the messages; of a
-- retained channel they say only that there is something to read.
CREATE OR REPLACE FUNCTION ${schema}._channel_publish(channels text[], payloads text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  kept constant text[] := ARRAY(SELECT c.name FROM ${schema}.channel AS c WHERE c.name = ANY (channels) AND c.keep IS NOT NULL);
  large uuid;
  message text;
  bytes int := 0;
  messages text[] := '{}';
  r record;
BEGIN
  FOR r IN
    WITH stored AS (
      INSERT INTO ${schema}.channel_message (xid, published_at, channel, payload)
      SELECT pg_current_xact_id(), statement_timestamp(), u.channel, u.payload
      FROM unnest(channels, payloads) WITH ORDINALITY AS u (channel, payload, place)
      WHERE u.channel = ANY (kept)
      ORDER BY u.place
      RETURNING channel, xid, id
    )
    -- Last, so that a loop over nothing is all it costs where nothing is kept.
    SELECT json_build_array(s.channel, NULL, s.xid::text, min(s.id), max(s.id))::text AS message
    FROM stored AS s GROUP BY s.channel, s.xid ORDER BY min(s.id)
  LOOP
    -- A name has at most 256 bytes, so 1,536 when all are escaped: four fit always.
    IF bytes + octet_length(r.message) >= 7900 THEN
      PERFORM ${schema}._channel_notify(messages);
      messages := '{}';
      bytes := 0;
    END IF;
    messages := messages || r.message;
    bytes := bytes + octet_length(r.message) + 1;
  END LOOP;
  FOR i IN 1 .. cardinality(channels) LOOP
    CONTINUE WHEN channels[i] = ANY (kept);
    message := json_build_array(channels[i], payloads[i])::text;
    IF octet_length(message) >= 7900 THEN
      INSERT INTO ${schema}.channel_large AS l (expires_at, channel, payload)
      VALUES (statement_timestamp() + interval '1 minute', channels[i], payloads[i])
      RETURNING l.id INTO large;
      message := json_build_array(channels[i], NULL, large)::text;
    END IF;
    IF bytes + octet_length(message) >= 7900 THEN
      PERFORM ${schema}._channel_notify(messages);
      messages := '{}';
      bytes := 0;
    END IF;
    messages := messages || message;
    bytes := bytes + octet_length(message) + 1;
  END LOOP;
  IF bytes > 0 THEN
    PERFORM ${schema}._channel_notify(messages);
  END IF;
END
$$;

-- Postgres takes 7,999 bytes: what is around the messages has at most 35.
CREATE OR REPLACE FUNCTION ${schema}._channel_notify(messages text[]) RETURNS void
LANGUAGE sql AS $$
  SELECT pg_notify(
    '${schema}.channel', '{"n":' || nextval('${schema}.channel_number') || ',"m":[' || array_to_string(messages, ',') || ']}')
$$;

-- Publishes a message, when this transaction commits. Where the channel is retained, also for those who come later.
CREATE OR REPLACE FUNCTION ${schema}.channel_publish(channel text, payload text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM ${schema}._channel_check(channel);
  IF (octet_length(payload) <= 1048576) IS NOT TRUE THEN
    RAISE EXCEPTION 'payload: at most 1048576 bytes expected, got %', coalesce(octet_length(payload)::text, 'NULL')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM ${schema}._channel_publish(ARRAY[channel], ARRAY[payload]);
END
$$;

-- For the engine: many messages, which it has checked. A row, so that it knows that all were published.
CREATE OR REPLACE FUNCTION ${schema}._channel_batch_publish(channels text[], payloads text[], patience bigint, own boolean) RETURNS SETOF boolean
LANGUAGE plpgsql ROWS 1 AS $$
BEGIN
  IF patience IS NOT NULL THEN
    PERFORM set_config('lock_timeout', patience::text, true);
  END IF;
  PERFORM ${schema}._channel_publish(channels, payloads);
  RETURN NEXT own;
END
$$;

-- Has a channel keep its messages for as long, from the commit on; NULL: keeps none any more. Whether that is new.
-- Locks: the row of the channel, which only this function and the sweeper write, and the sweeper does not wait for it.
CREATE OR REPLACE FUNCTION ${schema}.channel_retain(channel text, keep interval) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM ${schema}._channel_check(channel_retain.channel);
  IF channel_retain.keep <= interval '0' OR channel_retain.keep > interval '36500 days' THEN
    RAISE EXCEPTION 'keep: more than 0 and at most 36500 days expected, got %', channel_retain.keep
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF channel_retain.keep IS NULL THEN
    UPDATE ${schema}.channel AS c SET keep = NULL WHERE c.name = channel_retain.channel AND c.keep IS NOT NULL;
  ELSE
    INSERT INTO ${schema}.channel AS c (name, keep, life) VALUES (channel_retain.channel, channel_retain.keep, ${schema}._channel_life())
    ON CONFLICT ON CONSTRAINT channel_pkey DO UPDATE
    SET keep = excluded.keep, life = CASE WHEN c.keep IS NULL THEN excluded.life ELSE c.life END
    WHERE c.keep IS DISTINCT FROM excluded.keep;
  END IF;
  RETURN FOUND;
END
$$;

CREATE OR REPLACE FUNCTION ${schema}._channel_life() RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT left(replace(gen_random_uuid()::text, '-', ''), 12) $$;

CREATE OR REPLACE FUNCTION ${schema}._channel_cursor(life text, xid xid8, id bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT life || '-' || to_hex(xid::text::bigint) || '-' || to_hex(id) $$;

-- The channel as it is kept.
CREATE OR REPLACE FUNCTION ${schema}._channel_kept(channel text) RETURNS ${schema}.channel
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  found_channel ${schema}.channel;
BEGIN
  PERFORM ${schema}._channel_check(channel);
  SELECT c.* INTO found_channel FROM ${schema}.channel AS c WHERE c.name = _channel_kept.channel AND c.keep IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'channel: % is not retained', channel USING ERRCODE = 'HD013', HINT = 'See channel_retain.';
  END IF;
  RETURN found_channel;
END
$$;

-- Where a cursor stands: before the first message when it is NULL or empty. Fails when messages after it may be gone, or it is
-- of another store: another channel, one that was restored, or a primary whose last messages a failover has lost.
CREATE OR REPLACE FUNCTION ${schema}._channel_place(kept ${schema}.channel, cursor text, OUT xid xid8, OUT id bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  parts constant text[] := regexp_match(cursor, '^([0-9a-f]{12})-([0-9a-f]{1,15})-([0-9a-f]{1,15})$');
BEGIN
  xid := '0';
  id := 0;
  IF coalesce(cursor, '') = '' THEN
    RETURN;
  END IF;
  IF parts IS NULL THEN
    RAISE EXCEPTION 'cursor: one that was given out with a message expected, got %', left(cursor, 100)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  xid := (('x' || lpad(parts[2], 16, '0'))::bit(64)::bigint)::text::xid8;
  id := ('x' || lpad(parts[3], 16, '0'))::bit(64)::bigint;
  IF parts[1] <> kept.life OR (xid > pg_snapshot_xmax(pg_current_snapshot()) AND NOT pg_is_in_recovery()) THEN
    RAISE EXCEPTION 'cursor: % is of another channel, or another life of %', cursor, kept.name
      USING ERRCODE = 'HD012', HINT = 'Begin again: with the first message that is kept (an empty cursor), or with channel_now.';
  END IF;
  -- One of channel_now has no message, and is as good as any while it is not older than what is gone. A standby may not have the
  -- message yet: there is nothing after it then.
  IF (xid, id) < (kept.gone_xid, kept.gone_id)
    OR (id > 0 AND (xid, id) <> (kept.gone_xid, kept.gone_id) AND NOT pg_is_in_recovery()
      AND NOT EXISTS (
        SELECT FROM ${schema}.channel_message AS m
        WHERE m.channel = kept.name AND m.xid = _channel_place.xid AND m.id = _channel_place.id))
  THEN
    RAISE EXCEPTION 'cursor: messages of % after % are kept no more', kept.name, cursor
      USING ERRCODE = 'HD012', HINT = 'Begin again: with the first message that is kept (an empty cursor), or with channel_now.';
  END IF;
END
$$;

-- The messages after a cursor, in their order; NULL or an empty one: from the first that is kept. The cursor of the last row is for
-- the next call. It ends early where they have 4 MiB together.
CREATE OR REPLACE FUNCTION ${schema}.channel_read(
  channel text, INOUT cursor text, max_rows int DEFAULT 100, OUT payload text, OUT published_at timestamptz) RETURNS SETOF record
LANGUAGE plpgsql STABLE ROWS 100 AS $$
BEGIN
  RETURN QUERY
    SELECT f.cursor, f.payload, f.published_at FROM ${schema}._channel_fetch(channel, channel_read.cursor, max_rows) AS f
    WHERE f.payload IS NOT NULL;
END
$$;

-- The same, and a last row without payload: whether there are more, also such as cannot be read yet.
-- In the order of the index, whatever was known of the table when the plan was made: not all that are left, sorted.
CREATE OR REPLACE FUNCTION ${schema}._channel_fetch(
  channel text, INOUT cursor text, max_rows int, OUT payload text, OUT published_at timestamptz, OUT is_pending boolean) RETURNS SETOF record
LANGUAGE plpgsql STABLE ROWS 100 SET enable_seqscan = off SET jit = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  kept constant ${schema}.channel := ${schema}._channel_kept(channel);
  horizon constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  bytes bigint := 0;
  place record;
  message record;
BEGIN
  IF (max_rows BETWEEN 1 AND 10000) IS NOT TRUE THEN
    RAISE EXCEPTION 'max_rows: 1 to 10000 expected, got %', coalesce(max_rows::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
  END IF;
  place := ${schema}._channel_place(kept, _channel_fetch.cursor);
  FOR message IN
    SELECT m.xid, m.id, m.payload, m.published_at
    FROM ${schema}.channel_message AS m
    WHERE m.channel = kept.name AND (m.xid, m.id) > (place.xid, place.id) AND m.xid < horizon
    ORDER BY m.xid, m.id
    LIMIT max_rows
  LOOP
    cursor := ${schema}._channel_cursor(kept.life, message.xid, message.id);
    payload := message.payload;
    published_at := message.published_at;
    RETURN NEXT;
    bytes := bytes + octet_length(message.payload);
    place.xid := message.xid;
    place.id := message.id;
    EXIT WHEN bytes >= 4194304;
  END LOOP;
  cursor := NULL;
  payload := NULL;
  published_at := NULL;
  is_pending := EXISTS (
    SELECT FROM ${schema}.channel_message AS m WHERE m.channel = kept.name AND (m.xid, m.id) > (place.xid, place.id));
  RETURN NEXT;
END
$$;

-- A cursor before all that is published from now on; what others are just publishing may come after it as well.
CREATE OR REPLACE FUNCTION ${schema}.channel_now(channel text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  kept constant ${schema}.channel := ${schema}._channel_kept(channel);
BEGIN
  RETURN ${schema}._channel_cursor(kept.life, pg_snapshot_xmin(pg_current_snapshot()), 0);
END
$$;

-- The retained channels.
CREATE OR REPLACE FUNCTION ${schema}.channel_list() RETURNS TABLE (channel text, keep interval)
LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT c.name, c.keep FROM ${schema}.channel AS c WHERE c.keep IS NOT NULL ORDER BY c.name
$$;

-- For listeners: what notifications only name. The rows of those that are there, with their places in the arrays: large ones
-- by id; of retained channels those of a transaction, from first to last.
CREATE OR REPLACE FUNCTION ${schema}._channel_named(channels text[], ids uuid[], xids text[], firsts bigint[], lasts bigint[])
RETURNS TABLE (place bigint, payload text)
LANGUAGE sql STABLE ROWS 10 AS $$
  SELECT u.place, coalesce(l.payload, m.payload)
  FROM unnest(channels, ids, xids, firsts, lasts) WITH ORDINALITY AS u (channel, id, xid, first, last, place)
  LEFT JOIN LATERAL (
    SELECT l.payload FROM ${schema}.channel_large AS l WHERE l.id = u.id AND l.channel = u.channel
  ) AS l ON true
  LEFT JOIN LATERAL (
    SELECT m.id, m.payload FROM ${schema}.channel_message AS m
    WHERE m.channel = u.channel AND m.xid = u.xid::xid8 AND m.id BETWEEN u.first AND u.last
    LIMIT 1000
  ) AS m ON true
  WHERE l.payload IS NOT NULL OR m.payload IS NOT NULL
  ORDER BY u.place, m.id
$$;

-- For the hand: removes what has been kept long enough, of each channel from its first message on, and notes up to where: a
-- cursor before that is told so. Only what nobody can come before any more goes.
-- Locks: the row of the channel, by SKIP LOCKED; its messages have no other writer.
CREATE OR REPLACE FUNCTION ${schema}._channel_sweep(
  first_page bigint, end_page bigint, at timestamptz, budget int,
  OUT removed bigint, OUT oldest timestamptz, OUT is_clean boolean, OUT entries bigint, OUT due_at timestamptz, OUT sizes jsonb)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  low constant tid := format('(%s,0)', first_page);
  high constant tid := format('(%s,0)', end_page);
  horizon constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
  kept ${schema}.channel;
  gone record;
  next_at timestamptz;
BEGIN
  removed := 0;
  is_clean := true;
  due_at := 'infinity';
  sizes := '{}';
  FOR kept IN
    SELECT c.* FROM ${schema}.channel AS c WHERE c.ctid >= low AND c.ctid < high FOR UPDATE SKIP LOCKED
  LOOP
    kept := ${schema}._channel_rehome(kept);
    WITH ended AS MATERIALIZED (
      SELECT e.xid, e.id, e.published_at
      FROM (
        SELECT m.xid, m.id, m.published_at,
               bool_and(kept.keep IS NULL OR m.published_at + kept.keep <= at) OVER (ORDER BY m.xid, m.id) AS is_over
        FROM (
          SELECT m.xid, m.id, m.published_at
          FROM ${schema}.channel_message AS m
          WHERE m.channel = kept.name AND (m.xid, m.id) > (kept.gone_xid, kept.gone_id) AND m.xid < horizon
          ORDER BY m.xid, m.id
          LIMIT greatest(budget - removed, 1)
        ) AS m
      ) AS e
      WHERE e.is_over
    ), deleted AS (
      DELETE FROM ${schema}.channel_message AS m
      USING ended AS e
      WHERE m.channel = kept.name AND m.xid = e.xid AND m.id = e.id
    )
    SELECT count(*) AS rows, min(e.published_at) AS oldest,
           (SELECT l.xid FROM ended AS l ORDER BY l.xid DESC, l.id DESC LIMIT 1) AS xid,
           (SELECT l.id FROM ended AS l ORDER BY l.xid DESC, l.id DESC LIMIT 1) AS id
    INTO gone
    FROM ended AS e;
    IF gone.rows > 0 THEN
      UPDATE ${schema}.channel AS c SET gone_xid = gone.xid, gone_id = gone.id WHERE c.name = kept.name;
      removed := removed + gone.rows;
      oldest := least(oldest, gone.oldest + coalesce(kept.keep, interval '0'));
      kept.gone_xid := gone.xid;
      kept.gone_id := gone.id;
    END IF;
    SELECT m.published_at + coalesce(kept.keep, interval '0') INTO next_at
    FROM ${schema}.channel_message AS m
    WHERE m.channel = kept.name AND (m.xid, m.id) > (kept.gone_xid, kept.gone_id)
    ORDER BY m.xid, m.id
    LIMIT 1;
    due_at := least(due_at, next_at);
    IF removed >= budget THEN
      is_clean := false;
      EXIT;
    END IF;
  END LOOP;
  SELECT count(*) INTO entries FROM ${schema}.channel AS c WHERE c.ctid >= low AND c.ctid < high;
END
$$;

-- In a cluster into which a dump was restored, transactions may have numbers that are not given out yet: such messages could
-- not be read for long, and new ones would come before them. They get the number of this transaction; cursors begin anew.
CREATE OR REPLACE FUNCTION ${schema}._channel_rehome(kept ${schema}.channel) RETURNS ${schema}.channel
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  unborn constant xid8 := pg_snapshot_xmax(pg_current_snapshot());
BEGIN
  IF kept.gone_xid < unborn
    AND NOT EXISTS (
      SELECT FROM ${schema}.channel_message AS m
      WHERE m.channel = kept.name AND m.xid >= unborn AND m.xid IS DISTINCT FROM pg_current_xact_id_if_assigned())
  THEN
    RETURN kept;
  END IF;
  UPDATE ${schema}.channel_message AS m SET xid = pg_current_xact_id()
  WHERE m.channel = kept.name AND m.xid >= unborn;
  UPDATE ${schema}.channel AS c SET life = ${schema}._channel_life(), gone_xid = '0', gone_id = 0
  WHERE c.name = kept.name
  RETURNING c.* INTO kept;
  RETURN kept;
END
$$;
