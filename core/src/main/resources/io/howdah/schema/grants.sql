-- Nobody has rights but the owner and those who were given them.
REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA ${schema} FROM PUBLIC;

DO $$
DECLARE
  g record;
BEGIN
  FOR g IN
    SELECT DISTINCT p.oid::regprocedure AS signature, k.grantee, k.grantable
    FROM ${schema}.function_grant AS k
    JOIN pg_catalog.pg_proc AS p ON p.proname = k.function_name AND p.pronamespace = to_regnamespace('${schema}')
  LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', g.signature, g.grantee) || CASE WHEN g.grantable THEN ' WITH GRANT OPTION' ELSE '' END;
  END LOOP;
  DELETE FROM ${schema}.function_grant;
  FOR g IN SELECT r.role_name, r.kind FROM ${schema}.granted_role AS r JOIN pg_catalog.pg_roles AS p ON p.rolname = r.role_name LOOP
    PERFORM ${schema}.role_grant(g.role_name, g.kind);
  END LOOP;
END
$$;
