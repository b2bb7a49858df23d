-- For superusers, and for whom they have let.
SELECT a.rolname, a.rolpassword
  FROM pg_catalog.pg_authid a
 WHERE a.rolname = ANY (?)
