-- The roles of the pooler, as anybody may see them.
SELECT r.rolname, r.rolcanlogin, r.rolconnlimit,
       coalesce(r.rolvaliduntil <= statement_timestamp(), false) AS is_over
  FROM pg_catalog.pg_roles r
 WHERE r.rolname = ANY (?)
