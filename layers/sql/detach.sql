-- detach: take a month of traffic out of its table; what is on the map still stays in it.
--
-- params   %(table)s text, %(name)s text of the partition, %(before)s instant: it ended by then
-- returns  boolean: false where an older one of that name waits to be archived
-- index    of the partition <name>_closed (feed, closed_at) and <name>_open
-- caller   layers.partitions.release
SELECT layers_detach(%(table)s, %(name)s, %(before)s)
