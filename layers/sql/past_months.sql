-- past_months: the partitions of traffic that ended before an instant, the oldest first.
--
-- params   %(tables)s text array, %(before)s instant
-- returns  parent text, name text
-- index    none: the catalogue
-- caller   layers.partitions.release
SELECT partition.parent, partition.name
FROM layers_partition AS partition
WHERE partition.parent = ANY (%(tables)s::text[]) AND partition.until <= %(before)s
ORDER BY partition.until, partition.parent
