-- Preferences of users, and the layers below them. Logged: a crash takes nothing that was acknowledged.
-- One document a user: reading all of them is one row, and 20 of them take a quarter of the space of 20 rows. Fields of a row that
-- no index covers are updated in place (HOT) while there is room: hence the fillfactor.

CREATE TABLE ${schema}.preference (
  user_id    text COLLATE "C" NOT NULL,
  prefs      jsonb NOT NULL,                      -- {"theme": "dark", ...}
  updated_at timestamptz NOT NULL,
  CONSTRAINT preference_pkey PRIMARY KEY (user_id)
) WITH (fillfactor = 80);

-- Has one row, 'preference', where changes notify near caches.
CREATE TABLE ${schema}.preference_notification (
  name text COLLATE "C" CONSTRAINT preference_notification_pkey PRIMARY KEY
);

-- What holds for a group, and in the row without a name for everybody.
CREATE TABLE ${schema}.preference_layer (
  group_name text COLLATE "C" NOT NULL,
  prefs      jsonb NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT preference_layer_pkey PRIMARY KEY (group_name)
) WITH (fillfactor = 80);
