-- For PgBouncer: it asks the database ${database} for the secrets of the roles that log in through it. Run this
-- there once, as a superuser.
--
-- A managed Postgres lets nobody read secrets. There, leave this out, take auth_user and auth_query out of
-- pgbouncer.ini, and write the roles with their passwords into userlist.txt.
BEGIN;

-- What PgBouncer logs in as, to ask. Its password is in userlist.txt; here is what Postgres keeps of it.
${make_role} ROLE ${role} LOGIN PASSWORD ${secret};

CREATE SCHEMA IF NOT EXISTS ${role};
GRANT USAGE ON SCHEMA ${role} TO ${role};

-- The secret of one of the roles, and of no other; none when its time is over.
CREATE OR REPLACE FUNCTION ${role}.user_lookup(wanted text, OUT uname text, OUT phash text)
  RETURNS SETOF record
  LANGUAGE sql SECURITY DEFINER
  -- with nobody else's objects in the way
  SET search_path = pg_catalog, pg_temp
AS ${quote}
  SELECT rolname::text, CASE WHEN rolvaliduntil < statement_timestamp() THEN NULL ELSE rolpassword END
    FROM pg_catalog.pg_authid
   WHERE rolname = wanted AND rolcanlogin AND rolname IN (${roles})
${quote};
REVOKE ALL ON FUNCTION ${role}.user_lookup(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${role}.user_lookup(text) TO ${role};

COMMIT;
