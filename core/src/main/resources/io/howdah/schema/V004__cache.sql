-- Caches: computed values, what has evicted them, and who is computing which one.
-- All unlogged: after a crash everything is computed anew. They are emptied together, so that no value is ever
-- left without the evictions that made it invalid.

-- Counts entries and evictions, so that those of one transaction have an order. Unlogged: a logged sequence would turn each
-- unlogged write into a flush.
CREATE UNLOGGED SEQUENCE ${schema}.cache_number CACHE 1;

-- The bounds of those caches that have their own.
CREATE TABLE ${schema}.cache (
  name        text COLLATE "C" CONSTRAINT cache_pkey PRIMARY KEY,
  max_entries bigint CONSTRAINT cache_max_entries CHECK (max_entries > 0),
  max_bytes   bigint CONSTRAINT cache_max_bytes CHECK (max_bytes > 0)
);

-- Those caches whose evictions notify near caches.
CREATE TABLE ${schema}.cache_notification (
  name text COLLATE "C" CONSTRAINT cache_notification_pkey PRIMARY KEY
);

-- How many entries the hand has evicted to keep the bounds of a cache; under the empty name those that have none of their own.
CREATE TABLE ${schema}.cache_evicted (
  name    text COLLATE "C" CONSTRAINT cache_evicted_pkey PRIMARY KEY,
  entries bigint NOT NULL
) WITH (fillfactor = 50);

-- What has been computed; of value and bytes one is set, or none: then it was found that there is nothing. The value takes into
-- account all transactions below unseen_from but those in unseen, which had not ended when its computation began.
-- No CHECK, as in V001__kv.sql: the functions check.
CREATE UNLOGGED TABLE ${schema}.cache_entry (
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  fresh_until timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,               -- from fresh_until to here it is stale
  xid         xid8 NOT NULL,                      -- who stored it
  number      bigint NOT NULL,                    -- when its computation began, among the evictions of xid
  unseen_from xid8 NOT NULL,
  unseen      xid8[],
  scopes      bigint[] NOT NULL,                  -- which evictions concern it: those of the cache, the key, each tag
  cache       text COLLATE "C" NOT NULL,
  key         text COLLATE "C" NOT NULL,
  value       jsonb,
  bytes       bytea,
  CONSTRAINT cache_entry_pkey PRIMARY KEY (cache, key)
) WITH (fillfactor = 80, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- An eviction touches no entry: it is a row, which counts when its transaction commits, and which nobody has to wait for.
CREATE UNLOGGED TABLE ${schema}.cache_eviction (
  scope  bigint NOT NULL,
  xid    xid8 NOT NULL,
  number bigint NOT NULL,
  CONSTRAINT cache_eviction_pkey PRIMARY KEY (scope, xid)
) WITH (vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- Who is computing a value. What others have evicted since he began, he may not store.
CREATE UNLOGGED TABLE ${schema}.cache_load (
  cache       text COLLATE "C" NOT NULL,
  key         text COLLATE "C" NOT NULL,
  token       uuid NOT NULL,
  expires_at  timestamptz NOT NULL,               -- until then nobody takes it over
  number      bigint NOT NULL,
  unseen_from xid8 NOT NULL,
  unseen      xid8[],
  scopes      bigint[] NOT NULL,
  CONSTRAINT cache_load_pkey PRIMARY KEY (cache, key)
) WITH (vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- How far the sweeper is with evictions (cache_sweep.sql): one row.
CREATE TABLE ${schema}.cache_upkeep (
  removable_below xid8 NOT NULL,                  -- no entry is left that an eviction below would concern
  turn_below      xid8,                           -- what removable_below becomes when the turn is complete
  turn_from       xid8,                           -- the turn can begin when nobody is left who was there before
  turn_began_at   timestamptz,                    -- the hand has to look at each entry after this
  turn_pages      bigint
) WITH (fillfactor = 50);
INSERT INTO ${schema}.cache_upkeep (removable_below) VALUES ('0');

-- So that plans made while they are empty fit when they are not: see V001__kv.sql for the 64 pages.
INSERT INTO ${schema}.cache_entry (created_at, updated_at, fresh_until, expires_at, xid, number, unseen_from, scopes, cache, key, bytes)
SELECT now(), now(), now(), now(), '0', 0, '0', '{}', '', i::text, decode(repeat('00', 1000), 'hex') FROM generate_series(1, 448) AS i;
DELETE FROM ${schema}.cache_entry;
INSERT INTO ${schema}.cache_eviction (scope, xid, number) SELECT i, '0', 0 FROM generate_series(1, 10000) AS i;
DELETE FROM ${schema}.cache_eviction;

-- What has bounds that the hand keeps.
CREATE VIEW ${schema}.sweep_bound AS
  SELECT CASE n.place WHEN 'd' THEN 'kv_durable' WHEN 's' THEN 'kv_document' ELSE 'kv_ephemeral' END AS table_name,
         n.name, n.max_entries, n.max_bytes, n.on_full = 'evict' AS evicts
  FROM ${schema}.namespace AS n
  UNION ALL
  SELECT 'cache_entry', c.name, c.max_entries, c.max_bytes, true
  FROM ${schema}.cache AS c;

INSERT INTO ${schema}.sweep_hand (table_name) VALUES ('cache_entry'), ('cache_eviction'), ('cache_load');
