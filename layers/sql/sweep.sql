-- sweep: take out of the rest of a table of traffic what was reported and gone before an instant.
--
-- params   %(table)s text, %(before)s instant
-- returns  boolean: whether there was any
-- index    none: the rest is small
-- caller   layers.partitions.release
SELECT layers_sweep(%(table)s, %(before)s)
