-- make_month: make the partition of a month of traffic, unless there is one.
--
-- params   %(table)s text, %(at)s an instant of the month
-- returns  boolean: whether it was made
-- index    none: the catalogue, and the rest, which is small
-- caller   layers.partitions.make_months
SELECT layers_make_month(%(table)s, %(at)s)
