-- What removes dead rows and keeps namespaces within their bounds, a hand that goes round over the pages of each table (see
-- docs/expiry.md), and what tells of wipes (docs/durability.md).
-- The hand is logged, but for the marks: after a crash it knows where it was.

-- Set by the hand where on_full is refuse: new keys are refused.
ALTER TABLE ${schema}.namespace ADD COLUMN is_full boolean NOT NULL DEFAULT false;

-- The hand of each swept table. Only the one sweeper writes here; anybody may read.
CREATE TABLE ${schema}.sweep_hand (
  table_name    text COLLATE "C" PRIMARY KEY,
  position      int NOT NULL DEFAULT 0,           -- the range at which it stands
  pages         bigint NOT NULL DEFAULT 0,        -- of the table, divided into ranges so far
  entries       bigint NOT NULL DEFAULT 0,        -- live rows, when their ranges were last looked at
  inserted      bigint NOT NULL DEFAULT 0,        -- rows inserted into the table by then, as the statistics say
  budget        int NOT NULL DEFAULT 1000,        -- rows to remove in one statement: adapts
  due_at        timestamptz NOT NULL DEFAULT '-infinity', -- nothing is due before
  turn_began_at timestamptz NOT NULL DEFAULT '-infinity',
  turn_ended_at timestamptz NOT NULL DEFAULT '-infinity',
  asked_since   timestamptz NOT NULL DEFAULT '-infinity', -- when somebody asked for a whole turn,
  asked_at      timestamptz NOT NULL DEFAULT '-infinity', -- and when he last asked to go on with it
  -- Eviction goes its own way, row by row.
  evict_range   int NOT NULL DEFAULT 0,
  evict_at      tid NOT NULL DEFAULT '(0,0)',     -- the last row that was looked at
  evict_turn    int NOT NULL DEFAULT 0,
  -- For those who watch.
  swept_at      timestamptz NOT NULL DEFAULT '-infinity', -- the last time something was looked at
  last_turn     interval,                         -- how long the last full turn took
  backlog_age   interval NOT NULL DEFAULT '0',    -- how long the oldest row removed by the last visit had been dead
  turns         bigint NOT NULL DEFAULT 0,
  visits        bigint NOT NULL DEFAULT 0,        -- ranges looked at
  removed       bigint NOT NULL DEFAULT 0,        -- dead rows
  evicted       bigint NOT NULL DEFAULT 0,        -- live rows, for want of room
  worked        interval NOT NULL DEFAULT '0'     -- the time that all this took
) WITH (fillfactor = 50);

-- What the hand knows of each range of 128 pages (1 MiB).
CREATE TABLE ${schema}.sweep_range (
  table_name text COLLATE "C" NOT NULL,
  number     int NOT NULL,
  looked_at  timestamptz NOT NULL,
  passed_at  timestamptz,                         -- the last time that eviction went over it
  pause      interval NOT NULL,                   -- from one look to the next: adapts
  due_at     timestamptz NOT NULL,
  inserted   bigint NOT NULL,                     -- as in sweep_hand, at the last look
  entries    bigint NOT NULL,                     -- live rows
  sizes      jsonb NOT NULL,                      -- {namespace: [entries, bytes]}; "" for small unregistered ones together
  CONSTRAINT sweep_range_pkey PRIMARY KEY (table_name, number)
) WITH (fillfactor = 50);

-- The sums of sizes: how large each namespace is, as far as the hand knows.
CREATE TABLE ${schema}.sweep_size (
  table_name text COLLATE "C" NOT NULL,
  name       text COLLATE "C" NOT NULL,
  entries    bigint NOT NULL,
  bytes      bigint NOT NULL,
  CONSTRAINT sweep_size_pkey PRIMARY KEY (table_name, name)
) WITH (fillfactor = 50);

-- Keys that were read lately, in namespaces that evict, for a share of the reads (kv_mark). A column of the row would make
-- readers write to it, and wait for those who hold it. hash is of namespace and key.
CREATE UNLOGGED TABLE ${schema}.kv_mark (
  hash       bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT kv_mark_pkey PRIMARY KEY (hash)
) WITH (vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05);

INSERT INTO ${schema}.sweep_hand (table_name) VALUES ('kv_ephemeral'), ('kv_durable'), ('kv_document'), ('kv_mark');

-- How large the namespaces are, and may be. bytes is what keys and values take as they are stored, and 100 for each row.
CREATE VIEW ${schema}.namespace_size AS
  SELECT s.name, n.name IS NOT NULL AS registered, s.entries, s.bytes, n.max_entries, n.max_bytes, n.on_full, coalesce(n.is_full, false) AS is_full
  FROM ${schema}.sweep_size AS s
  LEFT JOIN ${schema}.namespace AS n ON n.name = s.name
  WHERE s.table_name = CASE n.place WHEN 'd' THEN 'kv_durable' WHEN 's' THEN 'kv_document' ELSE 'kv_ephemeral' END
    AND s.name <> '';

-- What tells whether the unlogged tables have been emptied since somebody looked: the marker is logged, its witness is
-- emptied with the others. Where they differ there was a wipe. One row each.
-- began_at is when the last wipe was found, wipes how many there were, gone names the tables that the last one emptied.
CREATE TABLE ${schema}.wipe_marker (
  epoch    uuid NOT NULL,
  began_at timestamptz NOT NULL,
  wipes    bigint NOT NULL,
  gone     text[] NOT NULL
);
CREATE UNLOGGED TABLE ${schema}.wipe_witness (
  epoch uuid NOT NULL
);
INSERT INTO ${schema}.wipe_marker (epoch, began_at, wipes, gone) VALUES (gen_random_uuid(), now(), 0, '{}');
INSERT INTO ${schema}.wipe_witness (epoch) SELECT m.epoch FROM ${schema}.wipe_marker AS m;
