-- Feature flags, and who has changed them. Logged: a crash takes nothing that was acknowledged.

-- A definition is written by flag_set, which has checked it and filled in what was left out: no CHECK here does so again.
CREATE TABLE ${schema}.flag (
  name       text COLLATE "C" NOT NULL,
  definition jsonb NOT NULL,
  revision   bigint NOT NULL,                     -- of the change that made it what it is
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  updated_by text NOT NULL,
  CONSTRAINT flag_pkey PRIMARY KEY (name)
);

-- Every change, for ever: flags are changed by people, and so seldom.
CREATE TABLE ${schema}.flag_change (
  revision   bigint NOT NULL,
  name       text COLLATE "C" NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  reason     text,
  before     jsonb,                               -- NULL: there was none
  after      jsonb,                               -- NULL: it was deleted
  CONSTRAINT flag_change_pkey PRIMARY KEY (name, revision)
);

-- The number of the last change: one row, whose lock each change holds to its end. So revisions become visible in their order,
-- and who has seen one has seen all before it; a sequence does not promise that. The stamp is another one at each change: after a
-- failover that has lost changes, the same number may be given again.
CREATE TABLE ${schema}.flag_revision (
  id         int CONSTRAINT flag_revision_pkey PRIMARY KEY DEFAULT 1 CONSTRAINT flag_revision_one_row CHECK (id = 1),
  revision   bigint NOT NULL,
  stamp      uuid NOT NULL,
  changed_at timestamptz NOT NULL
) WITH (fillfactor = 50);
INSERT INTO ${schema}.flag_revision (revision, stamp, changed_at) VALUES (0, gen_random_uuid(), clock_timestamp());
