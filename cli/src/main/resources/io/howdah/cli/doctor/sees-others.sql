-- What the sessions of other roles do takes a right of its own.
SELECT pg_has_role('pg_read_all_stats', 'USAGE')
