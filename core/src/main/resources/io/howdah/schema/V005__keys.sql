-- Every logged table has a primary key from here on. What replicates by rows (a publication of all tables, and the services that
-- are built on one) finds a row by it; in a table that is published without one Postgres refuses UPDATE and DELETE.
-- The witness of wipes is unlogged, and so never published.

-- Locks: these four tables, exclusively, until the migration ends. Reads and writes of values need none of them; what waits behind
-- the request meanwhile is the look for wipes, a change of a namespace, and the sweeper. A dump, or somebody's long transaction,
-- may have them as well: so they are asked for in slices, and nothing is held between two of them.
DO $$
DECLARE
  patience constant text := current_setting('lock_timeout');
  give_up_at constant timestamptz := clock_timestamp() + interval '30 seconds';
BEGIN
  LOOP
    BEGIN
      PERFORM set_config('lock_timeout', '200ms', true);
      LOCK TABLE ${schema}.namespace_guard, ${schema}.wipe_marker, ${schema}.cache_upkeep, ${schema}.function_grant IN ACCESS EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      IF clock_timestamp() > give_up_at THEN
        RAISE EXCEPTION 'a table of ${schema} that the migration changes has been in use for 30 seconds'
          USING ERRCODE = 'lock_not_available', HINT = 'End the dump or the long transaction that reads it, or try again later.';
      END IF;
      PERFORM pg_sleep(0.3);
    END;
  END LOOP;
  PERFORM set_config('lock_timeout', patience, true);
END
$$;

-- One row each, as in flag_revision.
ALTER TABLE ${schema}.namespace_guard
  ADD COLUMN id int CONSTRAINT namespace_guard_pkey PRIMARY KEY DEFAULT 1 CONSTRAINT namespace_guard_one_row CHECK (id = 1);
ALTER TABLE ${schema}.wipe_marker
  ADD COLUMN id int CONSTRAINT wipe_marker_pkey PRIMARY KEY DEFAULT 1 CONSTRAINT wipe_marker_one_row CHECK (id = 1);
ALTER TABLE ${schema}.cache_upkeep
  ADD COLUMN id int CONSTRAINT cache_upkeep_pkey PRIMARY KEY DEFAULT 1 CONSTRAINT cache_upkeep_one_row CHECK (id = 1);

-- It is empty between migrations.
ALTER TABLE ${schema}.function_grant
  ADD CONSTRAINT function_grant_pkey PRIMARY KEY (function_name, grantee);
