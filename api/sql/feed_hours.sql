-- feed_hours: how many items that were not known each feed brought in each hour that it brought any.
--
-- params   %(feeds)s  text[]; %(since)s  timestamptz
-- returns  feed, hour, items; by feed and hour
-- index    volume_identity (feed, hour)
-- caller   api.staff_feeds.everything
SELECT volume.feed, volume.hour, volume.items
FROM ingest_volume AS volume
WHERE volume.feed = ANY(%(feeds)s) AND volume.hour >= %(since)s
ORDER BY volume.feed, volume.hour
