-- columns: the columns of the views that the public may read, with what their comments say.
--
-- returns  view, its comment, column, type (of geometries with its kind), comment; in the views' own order
-- index    none: PostgreSQL's own catalogue
-- caller   api.collections.catalogue
SELECT view.relname::text, obj_description(view.oid, 'pg_class'), own.attname::text,
    format_type(own.atttypid, own.atttypmod), col_description(view.oid, own.attnum)
FROM pg_class AS view
JOIN pg_attribute AS own ON own.attrelid = view.oid AND own.attnum > 0 AND NOT own.attisdropped
WHERE view.relnamespace = 'analyst'::regnamespace AND view.relkind = 'v'
ORDER BY view.relname, own.attnum
