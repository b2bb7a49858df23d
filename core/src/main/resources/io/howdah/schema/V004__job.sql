-- Jobs: work for later, or for another process. Logged: a crash takes nothing that was acknowledged. See docs/jobs.md.

CREATE SEQUENCE ${schema}.job_id AS bigint CACHE 1 NO CYCLE;

-- What is still to be done: jobs that wait, and jobs that somebody runs (those with check_at). Whoever runs one writes leased_until
-- again and again, so no index knows it. An index does know check_at, the first leased_until: who comes after it looks whether
-- the lease was renewed, and then moves it on, once a lease at most.
CREATE TABLE ${schema}.job (
  id           bigint NOT NULL,
  run_at       timestamptz NOT NULL,
  enqueued_at  timestamptz NOT NULL,
  taken_at     timestamptz,
  leased_until timestamptz,
  check_at     timestamptz,
  backoff      bigint,                            -- microseconds, as the next one; NULL: as the worker says
  backoff_most bigint,
  priority     int NOT NULL,                      -- the smaller the sooner
  attempt      int NOT NULL,                      -- 0 before the first one
  max_attempts int NOT NULL,
  leases       int NOT NULL,                      -- taken so often in all: never the same worker twice
  queue        text COLLATE "C" NOT NULL,
  unique_key   text COLLATE "C",
  worker       text,                              -- who runs it: his name, # and the number of the lease
  error        text,                              -- of the last attempt that failed
  payload      jsonb NOT NULL,
  CONSTRAINT job_pkey PRIMARY KEY (id)
) WITH (fillfactor = 90, vacuum_truncate = off, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0);

CREATE INDEX job_waiting ON ${schema}.job (queue, priority, run_at, id) WHERE check_at IS NULL;
CREATE INDEX job_running ON ${schema}.job (queue, check_at) WHERE check_at IS NOT NULL;
CREATE UNIQUE INDEX job_unique_key ON ${schema}.job (queue, unique_key) WHERE unique_key IS NOT NULL;

-- What is over, in a table of its own: however many they are, taking jobs and vacuum have nothing to do with them.
CREATE TABLE ${schema}.job_ended (
  id           bigint NOT NULL,
  run_at       timestamptz NOT NULL,
  enqueued_at  timestamptz NOT NULL,
  taken_at     timestamptz,
  ended_at     timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  backoff      bigint,
  backoff_most bigint,
  priority     int NOT NULL,
  attempt      int NOT NULL,
  max_attempts int NOT NULL,
  leases       int NOT NULL,
  state        text COLLATE "C" NOT NULL,         -- completed, dead, cancelled
  queue        text COLLATE "C" NOT NULL,
  unique_key   text COLLATE "C",
  worker       text,
  error        text,
  payload      jsonb NOT NULL,
  CONSTRAINT job_ended_pkey PRIMARY KEY (id)
) WITH (vacuum_truncate = off);

CREATE INDEX job_ended_state ON ${schema}.job_ended (queue, state, id);

-- For how long a queue keeps what is over, where it is not the default.
CREATE TABLE ${schema}.job_queue (
  queue          text COLLATE "C" CONSTRAINT job_queue_pkey PRIMARY KEY,
  keep_completed interval NOT NULL,
  keep_failed    interval NOT NULL
);

-- So that plans made while it is empty fit when it is not: see V001__kv.sql for the 64 pages.
INSERT INTO ${schema}.job (id, run_at, enqueued_at, priority, attempt, max_attempts, leases, queue, payload)
SELECT -i, now(), now(), 0, 0, 1, 0, '', to_jsonb(repeat(i::text || ' ', 150)) FROM generate_series(1, 3000) AS i;
DELETE FROM ${schema}.job;

INSERT INTO ${schema}.sweep_hand (table_name) VALUES ('job_ended');
