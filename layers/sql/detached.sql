-- detached: the pieces of traffic that wait to be archived, the oldest first.
--
-- returns  name text, rows bigint as the planner takes it to be
-- index    none: the catalogue
-- caller   layers.archive.waiting
SELECT class.relname::text AS name, greatest(class.reltuples, 0)::bigint AS rows
FROM pg_class AS class
WHERE class.relnamespace = 'detached'::regnamespace AND class.relkind = 'r'
ORDER BY class.relname
