-- What the server has room for, and what others than the roles of the pooler use of it. A role without the rights of
-- monitoring sees of others no kind of backend: they count as clients then.
SELECT current_setting('max_connections')::int AS max_connections,
       current_setting('superuser_reserved_connections')::int
         + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
       d.datconnlimit AS database_limit,
       o.everywhere AS others,
       o.here AS others_here,
       has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS sees_secrets,
       pg_backend_pid() AS pid,
       EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = ?) AS has_lookup_role
  FROM pg_catalog.pg_database d,
       (SELECT count(*) AS everywhere,
               count(*) FILTER (WHERE a.datname = current_database()) AS here
          FROM pg_catalog.pg_stat_activity a
         WHERE a.datid IS NOT NULL
           AND a.usesysid IS NOT NULL
           AND coalesce(a.backend_type, 'client backend') = 'client backend'
           AND a.pid <> pg_backend_pid()
           AND a.usename <> ALL (?)) o
 WHERE d.datname = current_database()
