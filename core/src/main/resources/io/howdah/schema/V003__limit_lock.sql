-- Rate limits and locks. See docs/rate-limits.md and docs/locks.md.

-- What a rate limit decides, in SQL. retry_after is 0 when the call is allowed; reset_after is how long until nothing is left
-- of what was counted.
CREATE TYPE ${schema}.rate_limit_decision AS (
  allowed     boolean,
  max_calls   bigint,
  remaining   bigint,
  retry_after interval,
  reset_after interval
);

-- One row a key: what was counted, and by which rule. Times are microseconds since 1970, in UTC.
-- Each call that is allowed updates its row, and no index is on what changes: half of each page is room for the next version.
CREATE UNLOGGED TABLE ${schema}.rate_limit (
  key         text COLLATE "C" NOT NULL,
  algorithm   "char" NOT NULL,                    -- f fixed window, s sliding window, g GCRA
  max_calls   bigint NOT NULL,
  period      bigint NOT NULL,                    -- microseconds
  burst       bigint NOT NULL,                    -- g; elsewhere as max_calls
  began       bigint NOT NULL,                    -- f, s: when the window began; g: when the row was last counted
  used        bigint NOT NULL,                    -- f, s: calls in this window; g: calls not yet flowed off, times period
  used_before bigint NOT NULL,                    -- s: calls in the window before
  granted     bigint NOT NULL,                    -- calls that the last statement has allowed
  expires_at  timestamptz NOT NULL,               -- from then on the row says no more than none would
  CONSTRAINT rate_limit_pkey PRIMARY KEY (key)
) WITH (fillfactor = 50, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.05);

INSERT INTO ${schema}.sweep_hand (table_name) VALUES ('rate_limit');

-- Who holds what. A row is there while a lock is held, or has ended and nobody came.
CREATE TABLE ${schema}.lock (
  name        text COLLATE "C" NOT NULL,
  owner       text NOT NULL,
  token       bigint NOT NULL,
  acquired_at timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  CONSTRAINT lock_pkey PRIMARY KEY (name)
) WITH (fillfactor = 80, vacuum_truncate = off);

-- Fencing tokens. Logged: a crash may skip numbers, and never gives one again.
CREATE SEQUENCE ${schema}.lock_token AS bigint CACHE 1 NO CYCLE;

INSERT INTO ${schema}.sweep_hand (table_name) VALUES ('lock');
