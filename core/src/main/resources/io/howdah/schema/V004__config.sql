-- Who has changed a configuration value, and why. The values themselves are in kv_durable. Logged: a crash takes nothing that was
-- acknowledged.

-- Every change, for ever: configuration is changed by people, and so seldom.
CREATE TABLE ${schema}.config_change (
  namespace  text COLLATE "C" NOT NULL,
  key        text COLLATE "C" NOT NULL,
  revision   bigint NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  reason     text,
  before     jsonb,                               -- NULL: there was none
  after      jsonb,                               -- NULL: it was taken away
  CONSTRAINT config_change_pkey PRIMARY KEY (namespace, key, revision)
);

-- Taken while the value's row is locked: so the changes of one key have it in the order in which they were made.
CREATE SEQUENCE ${schema}.config_revision;
