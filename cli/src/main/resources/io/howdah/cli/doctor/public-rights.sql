-- Rights on our objects that everybody has.
SELECT 'warning' AS severity, o.name AS subject, format('PUBLIC has %s', string_agg(DISTINCT o.privilege, ', ')) AS seen,
       format('REVOKE ALL ON %s FROM PUBLIC;', o.name) AS remedy
FROM (
  SELECT format('SCHEMA %I', n.nspname) AS name, x.privilege_type AS privilege
  FROM pg_catalog.pg_namespace AS n CROSS JOIN LATERAL aclexplode(n.nspacl) AS x
  WHERE n.oid = to_regnamespace('${schema}') AND x.grantee = 0
  UNION ALL
  SELECT format('%s ${schema}.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relname), x.privilege_type
  FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS x
  WHERE c.relnamespace = to_regnamespace('${schema}') AND x.grantee = 0
  UNION ALL
  SELECT format('ROUTINE ${schema}.%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), x.privilege_type
  FROM pg_catalog.pg_proc AS p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS x
  WHERE p.pronamespace = to_regnamespace('${schema}') AND x.grantee = 0
) AS o
GROUP BY o.name
ORDER BY o.name
