-- Channels: what is kept for those who were not listening, and what is too large for a notification.

-- The channels whose messages are kept. Who publishes reads a row here and locks none.
CREATE TABLE ${schema}.channel (
  name     text COLLATE "C" CONSTRAINT channel_pkey PRIMARY KEY,
  keep     interval,                              -- NULL: not any more
  life     text NOT NULL,                         -- stands in each cursor: another one when it begins to be kept anew
  gone_xid xid8 NOT NULL DEFAULT '0',             -- up to this message, all have been removed
  gone_id  bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Kept messages, logged: a crash takes nothing that was acknowledged. Their order is that of (xid, id).
CREATE TABLE ${schema}.channel_message (
  id           bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  xid          xid8 NOT NULL,                     -- who published it
  published_at timestamptz NOT NULL,
  channel      text COLLATE "C" NOT NULL,
  payload      text NOT NULL,
  CONSTRAINT channel_message_pkey PRIMARY KEY (channel, xid, id)
) WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- What is too large for a notification, which names it instead; for a minute. A crash takes it, as it takes notifications.
CREATE UNLOGGED TABLE ${schema}.channel_large (
  id         uuid CONSTRAINT channel_large_pkey PRIMARY KEY DEFAULT gen_random_uuid(),
  expires_at timestamptz NOT NULL,
  channel    text COLLATE "C" NOT NULL,
  payload    text NOT NULL
) WITH (vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05);

-- Makes notifications different: of two that are equal in one transaction Postgres delivers one. Unlogged: a logged
-- sequence would turn each notification into a flush.
CREATE UNLOGGED SEQUENCE ${schema}.channel_number CACHE 1;

-- So that plans made while it is empty fit when it is not: see V001__kv.sql for the 64 pages.
INSERT INTO ${schema}.channel_message (xid, published_at, channel, payload)
SELECT '0', now(), '', repeat('0', 1000) FROM generate_series(1, 448) AS i;
DELETE FROM ${schema}.channel_message;

INSERT INTO ${schema}.sweep_hand (table_name) VALUES ('channel'), ('channel_large');
