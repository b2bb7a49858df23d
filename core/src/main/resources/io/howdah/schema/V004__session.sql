-- Sessions, what has happened to them, and one-time tokens.

-- How sessions are kept: one row, which session_configure changes. In the database, so that all processes, and psql, agree.
CREATE TABLE ${schema}.session_settings (
  id             int CONSTRAINT session_settings_pkey PRIMARY KEY DEFAULT 1
                 CONSTRAINT session_settings_one_row CHECK (id = 1),
  durability     text NOT NULL
                 CONSTRAINT session_settings_durability CHECK (durability IN ('ephemeral', 'relaxed', 'durable')),
  idle           interval NOT NULL,               -- how long a session lives without being used
  lifetime       interval NOT NULL,               -- how long it lives at most
  touch_interval interval NOT NULL,               -- how often its use is written down, at most
  max_per_user   int CONSTRAINT session_settings_max_per_user CHECK (max_per_user > 0),
  on_full        text NOT NULL CONSTRAINT session_settings_on_full CHECK (on_full IN ('evict', 'refuse')),
  keep_events    interval                         -- NULL: no events are recorded
);
INSERT INTO ${schema}.session_settings (durability, idle, lifetime, touch_interval, max_per_user, on_full, keep_events)
VALUES ('relaxed', interval '30 minutes', interval '24 hours', interval '1 minute', NULL, 'evict', NULL);

-- A session is known by the sha256 of its token, which stands nowhere; the handle names it without opening it. idle and
-- ends_at are its own: settings that change later do not change it. Columns of a fixed size come first, which are quicker to
-- get at. No CHECK, as in V001__kv.sql: the functions check.
-- A touch changes last_accessed_at and expires_at, on which there is no index: so it stays heap-only where the page has room.
-- docs/sessions.md says how the fillfactor was chosen.
CREATE TABLE ${schema}.session_durable (
  created_at       timestamptz NOT NULL,
  last_accessed_at timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL,          -- unless it is touched; never after ends_at
  ends_at          timestamptz NOT NULL,
  idle             interval NOT NULL,
  handle           uuid NOT NULL,
  token_hash       bytea NOT NULL,
  user_id          text COLLATE "C",              -- NULL: nobody has logged in yet
  ip               inet,
  user_agent       text,
  data             jsonb NOT NULL,
  CONSTRAINT session_durable_pkey PRIMARY KEY (token_hash)
) WITH (fillfactor = 80, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX session_durable_user ON ${schema}.session_durable (user_id) WHERE user_id IS NOT NULL;

CREATE UNLOGGED TABLE ${schema}.session_ephemeral (
  LIKE ${schema}.session_durable,
  CONSTRAINT session_ephemeral_pkey PRIMARY KEY (token_hash)
) WITH (fillfactor = 80, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX session_ephemeral_user ON ${schema}.session_ephemeral (user_id) WHERE user_id IS NOT NULL;

-- The reads that are inlined look at session_durable: see V001__kv.sql for the 64 pages.
INSERT INTO ${schema}.session_durable (created_at, last_accessed_at, expires_at, ends_at, idle, handle, token_hash, user_agent, data)
SELECT now(), now(), now(), now(), interval '0', gen_random_uuid(), int4send(i), repeat('x', 900), '{}' FROM generate_series(1, 448) AS i;
DELETE FROM ${schema}.session_durable;

-- What the functions return.
CREATE TYPE ${schema}.session_entry AS (
  handle uuid, user_id text, data jsonb, created_at timestamptz, last_accessed_at timestamptz, expires_at timestamptz,
  ip inet, user_agent text
);

-- All sessions that are alive. On a primary only: a standby has no unlogged tables.
CREATE VIEW ${schema}.session AS
  SELECT s.handle, s.user_id, s.data, s.created_at, s.last_accessed_at, s.expires_at, s.ip, s.user_agent
  FROM ${schema}.session_durable AS s
  WHERE s.expires_at > statement_timestamp()
  UNION ALL
  SELECT s.handle, s.user_id, s.data, s.created_at, s.last_accessed_at, s.expires_at, s.ip, s.user_agent
  FROM ${schema}.session_ephemeral AS s
  WHERE s.expires_at > statement_timestamp();

-- What has happened to sessions: written by the transaction that made it happen, where the settings keep events. Those with an
-- xid below pg_snapshot_xmin(pg_current_snapshot()) are complete: none that commits later comes before them in (xid, id).
CREATE TABLE ${schema}.session_event (
  id          bigint GENERATED ALWAYS AS IDENTITY,
  xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  kind        text NOT NULL CONSTRAINT session_event_kind CHECK (kind IN ('created', 'expired', 'revoked')),
  handle      uuid NOT NULL,
  user_id     text COLLATE "C",
  happened_at timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  CONSTRAINT session_event_pkey PRIMARY KEY (xid, id)
);

-- One-time tokens, by the sha256 of each.
CREATE TABLE ${schema}.token (
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  token_hash bytea NOT NULL,
  purpose    text COLLATE "C" NOT NULL,
  subject    text COLLATE "C" NOT NULL,
  payload    jsonb NOT NULL,
  CONSTRAINT token_pkey PRIMARY KEY (token_hash)
) WITH (vacuum_truncate = off);
CREATE INDEX token_subject ON ${schema}.token (purpose, subject);

INSERT INTO ${schema}.sweep_hand (table_name) VALUES ('session_durable'), ('session_ephemeral'), ('session_event'), ('token');
