-- drop_detached: drop a piece of traffic that is archived, if it has the rows that were counted.
--
-- params   %(name)s text, %(archived)s bigint rows
-- returns  nothing, in one row
-- index    none: all of it is counted
-- caller   layers.archive.archive
SELECT layers_drop(%(name)s, %(archived)s)
