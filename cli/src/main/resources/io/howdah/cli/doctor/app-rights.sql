-- What the application's role lacks, and what it has beyond its needs.
WITH app AS (
  SELECT r.oid, r.rolname::text AS name, r.rolsuper, current_setting('howdah_doctor.role_is_named')::boolean AS is_named,
         array_remove(ARRAY[CASE WHEN r.rolcreaterole THEN 'CREATEROLE' END, CASE WHEN r.rolcreatedb THEN 'CREATEDB' END,
                            CASE WHEN r.rolreplication THEN 'REPLICATION' END, CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' END], NULL) AS attributes,
         n.nspowner
  FROM pg_catalog.pg_roles AS r
  CROSS JOIN pg_catalog.pg_namespace AS n
  WHERE r.rolname = current_setting('howdah_doctor.role') AND n.oid = to_regnamespace('${schema}')
)
SELECT CASE WHEN a.is_named THEN 'critical' ELSE 'warning' END AS severity, a.name AS subject,
       format('no right to %s', l.lacks) AS seen, format('SELECT ${schema}.role_grant(%L, ''app'');', a.name) AS remedy
FROM app AS a
CROSS JOIN LATERAL (
  SELECT CASE
           WHEN NOT has_schema_privilege(a.oid, to_regnamespace('${schema}'), 'USAGE') THEN 'use the schema ${schema}'
           ELSE coalesce((
             SELECT format('call %s.%s', '${schema}', p.proname) FROM pg_catalog.pg_proc AS p
             WHERE p.pronamespace = to_regnamespace('${schema}') AND NOT has_function_privilege(a.oid, p.oid, 'EXECUTE')
             ORDER BY p.proname LIMIT 1), (
             SELECT format('read and write %s.%s', '${schema}', c.relname) FROM pg_catalog.pg_class AS c
             WHERE c.relnamespace = to_regnamespace('${schema}')
               AND c.relname IN ('namespace', 'kv_ephemeral', 'kv_durable', 'kv_document', 'rate_limit', 'lock', 'session_durable', 'session_ephemeral', 'token',
                                 'cache_entry', 'flag', 'channel_message', 'preference', 'job', 'sweep_hand')
               AND NOT (has_table_privilege(a.oid, c.oid, 'SELECT') AND has_table_privilege(a.oid, c.oid, 'INSERT')
                        AND has_table_privilege(a.oid, c.oid, 'UPDATE') AND has_table_privilege(a.oid, c.oid, 'DELETE'))
             ORDER BY c.relname LIMIT 1))
         END AS lacks
) AS l
WHERE l.lacks IS NOT NULL
UNION ALL
SELECT CASE WHEN a.is_named AND a.rolsuper THEN 'warning' ELSE 'notice' END, a.name,
       CASE WHEN a.is_named THEN '' ELSE 'if the application connects as this user too: ' END
         || CASE WHEN a.rolsuper THEN 'it is a superuser'
                 WHEN pg_has_role(a.oid, a.nspowner, 'USAGE') THEN 'it owns the schema'
                 ELSE array_to_string(a.attributes, ', ') END,
       CASE WHEN a.rolsuper OR pg_has_role(a.oid, a.nspowner, 'USAGE') THEN 'CREATE ROLE app LOGIN; SELECT ${schema}.role_grant(''app'', ''app'');  -- and its name in the application''s URL'
            ELSE format('ALTER ROLE %I %s;', a.name, 'NO' || array_to_string(a.attributes, ' NO')) END
FROM app AS a
WHERE a.rolsuper OR pg_has_role(a.oid, a.nspowner, 'USAGE') OR a.attributes <> '{}'
