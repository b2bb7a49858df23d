-- The registry of namespaces, and the three tables that hold keys and values.
-- Logged control state only: an unlogged registry would forget after a crash where values live.
CREATE TABLE ${schema}.namespace (
  name        text COLLATE "C" PRIMARY KEY
              CONSTRAINT namespace_name_size CHECK (octet_length(name) BETWEEN 1 AND 64),
  durability  text NOT NULL
              CONSTRAINT namespace_durability CHECK (durability IN ('ephemeral', 'relaxed', 'durable')),
  searchable  boolean NOT NULL,
  default_ttl interval
              CONSTRAINT namespace_default_ttl CHECK (default_ttl > interval '0' AND default_ttl <= interval '36500 days'),
  max_entries bigint CONSTRAINT namespace_max_entries CHECK (max_entries > 0),
  max_bytes   bigint CONSTRAINT namespace_max_bytes CHECK (max_bytes > 0),
  on_full     text NOT NULL CONSTRAINT namespace_on_full CHECK (on_full IN ('evict', 'refuse')),
  created_at  timestamptz NOT NULL,
  -- Which table: e = kv_ephemeral, d = kv_durable, s = kv_document (searchable).
  place       "char" NOT NULL GENERATED ALWAYS AS (
                CASE WHEN searchable THEN 's'::"char" WHEN durability = 'ephemeral' THEN 'e'::"char" ELSE 'd'::"char" END
              ) STORED,
  CONSTRAINT namespace_searchable_is_logged CHECK (NOT searchable OR durability <> 'ephemeral')
);

-- One row. Every change of the registry updates it, so that a writer above READ COMMITTED, whose
-- snapshot may be older than a move, fails with 40001 instead of writing to the old place.
CREATE TABLE ${schema}.namespace_guard (
  changes bigint NOT NULL
);
INSERT INTO ${schema}.namespace_guard (changes) VALUES (0);

-- No CHECK here: Postgres prepares each one anew for each statement, and three of them doubled the price of a single
-- write. The functions check: exactly one of value and bytes is set, namespaces have 1 to 64 bytes, keys 1 to 1,024.
-- fillfactor 80 leaves room on each page for the next version of a refreshed row, which keeps its
-- updates heap-only; vacuum_truncate off spares standbys and readers its exclusive lock.
CREATE UNLOGGED TABLE ${schema}.kv_ephemeral (
  namespace  text COLLATE "C" NOT NULL,
  key        text COLLATE "C" NOT NULL,
  value      jsonb,
  bytes      bytea,
  version    bigint NOT NULL,
  expires_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT kv_ephemeral_pkey PRIMARY KEY (namespace, key)
) WITH (fillfactor = 80, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE TABLE ${schema}.kv_durable (
  LIKE ${schema}.kv_ephemeral,
  CONSTRAINT kv_durable_pkey PRIMARY KEY (namespace, key)
) WITH (fillfactor = 80, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

-- Searchable namespaces have a table of their own: the GIN index makes each update of a value
-- non-HOT, and would do so for everybody in a shared table.
CREATE TABLE ${schema}.kv_document (
  LIKE ${schema}.kv_ephemeral,
  CONSTRAINT kv_document_pkey PRIMARY KEY (namespace, key)
) WITH (fillfactor = 80, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
CREATE INDEX kv_document_value ON ${schema}.kv_document USING gin (value jsonb_path_ops);

-- Each table begins with 64 pages, which vacuum_truncate = off keeps: so the planner never thinks that reading the
-- whole table is cheaper than its index, in a plan that is kept while the table grows.
INSERT INTO ${schema}.kv_ephemeral (namespace, key, bytes, version, created_at, updated_at)
SELECT '_', i::text, decode(repeat('00', 1000), 'hex'), 0, now(), now() FROM generate_series(1, 448) AS i;
INSERT INTO ${schema}.kv_durable SELECT * FROM ${schema}.kv_ephemeral;
INSERT INTO ${schema}.kv_document SELECT * FROM ${schema}.kv_ephemeral;
DELETE FROM ${schema}.kv_ephemeral;
DELETE FROM ${schema}.kv_durable;
DELETE FROM ${schema}.kv_document;

CREATE VIEW ${schema}.kv_ephemeral_live AS
  SELECT * FROM ${schema}.kv_ephemeral WHERE expires_at IS NULL OR expires_at > statement_timestamp();

CREATE VIEW ${schema}.kv_durable_live AS
  SELECT * FROM ${schema}.kv_durable WHERE expires_at IS NULL OR expires_at > statement_timestamp()
  UNION ALL
  SELECT * FROM ${schema}.kv_document WHERE expires_at IS NULL OR expires_at > statement_timestamp();

-- Everything that is alive. On a primary only: a standby has no unlogged tables.
CREATE VIEW ${schema}.kv AS
  SELECT * FROM ${schema}.kv_ephemeral_live
  UNION ALL
  SELECT * FROM ${schema}.kv_durable_live;

-- What kv_get_entry returns.
CREATE TYPE ${schema}.kv_entry AS (
  key text, value jsonb, bytes bytea, version bigint,
  expires_at timestamptz, created_at timestamptz, updated_at timestamptz
);
