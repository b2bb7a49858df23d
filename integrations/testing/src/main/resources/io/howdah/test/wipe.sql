-- What a crash of Postgres leaves of the unlogged tables and sequences, the witness of wipes among them.
DO $$
DECLARE
  unlogged record;
BEGIN
  FOR unlogged IN
    SELECT c.oid::regclass AS name, c.relkind
    FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = '${schema}'::regnamespace AND c.relpersistence = 'u' AND c.relkind IN ('r', 'S')
    ORDER BY c.relname
  LOOP
    IF unlogged.relkind = 'r' THEN
      EXECUTE 'TRUNCATE ' || unlogged.name;
    ELSE
      EXECUTE 'ALTER SEQUENCE ' || unlogged.name || ' RESTART';
    END IF;
  END LOOP;
END
$$;
