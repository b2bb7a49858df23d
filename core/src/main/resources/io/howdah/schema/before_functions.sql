-- A function whose arguments or result change, or that is gone, is dropped: a second one beside it would make calls
-- ambiguous. Never with CASCADE: what depends on it has to be changed first. Its grants are kept for its successor.
DO $$
DECLARE
  old_signatures jsonb;
  f record;
BEGIN
  SELECT v.functions INTO old_signatures FROM ${schema}.schema_version AS v ORDER BY v.version DESC LIMIT 1;
  FOR f IN
    SELECT p.oid, p.oid::regprocedure AS signature, p.proname, p.proacl
    FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace = to_regnamespace('${schema}')
      AND old_signatures ? p.proname
      AND old_signatures ->> p.proname IS DISTINCT FROM ('${signatures}'::jsonb ->> p.proname)
  LOOP
    INSERT INTO ${schema}.function_grant (function_name, grantee, grantable)
    -- A role may have been granted it by several others.
    SELECT f.proname, r.rolname, bool_or(a.is_grantable)
    FROM aclexplode(f.proacl) AS a
    JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
    WHERE a.privilege_type = 'EXECUTE'
    GROUP BY r.rolname;
    EXECUTE format('DROP FUNCTION %s', f.signature);
  END LOOP;
END
$$;
