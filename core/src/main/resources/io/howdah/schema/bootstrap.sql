-- What the migrator itself needs. A schema that a DBA has made is used as it is.
DO $$
BEGIN
  IF to_regnamespace('${schema}') IS NULL THEN
    CREATE SCHEMA ${schema};
  END IF;
END
$$;

-- functions: the signature of each function, by name; under '' the digest of all scripts, and under '#' the number of
-- the set, which grows: a library leaves a set with a larger number than its own alone.
CREATE TABLE ${schema}.schema_version (
  version    int PRIMARY KEY,
  functions  jsonb NOT NULL,
  applied_at timestamptz NOT NULL
);

-- The roles that role_grant has given rights to: each migration gives them again, for what is new.
CREATE TABLE ${schema}.granted_role (
  role_name name NOT NULL,
  kind      text NOT NULL CONSTRAINT granted_role_kind CHECK (kind IN ('app', 'monitor')),
  PRIMARY KEY (role_name, kind)
);

-- While a migration runs: grants of functions that are dropped and made again.
CREATE TABLE ${schema}.function_grant (
  function_name name NOT NULL,
  grantee       name NOT NULL,
  grantable     boolean NOT NULL
);
