-- volume: count items that a feed brought to those of its hour.
--
-- params   %(feed)s, %(items)s; %(now)s instant of their arrival
-- returns  nothing
-- index    volume_identity (feed, hour)
-- caller   ingest.runs.health.note
INSERT INTO ingest_volume AS volume (feed, hour, items)
VALUES (%(feed)s, date_trunc('hour', %(now)s::timestamptz, 'UTC'), %(items)s)
ON CONFLICT (feed, hour) DO UPDATE SET items = volume.items + excluded.items
