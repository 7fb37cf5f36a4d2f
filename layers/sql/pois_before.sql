-- pois_before: how many places the newest snapshot before an instant held.
--
-- params   %(feed)s text, %(taken_at)s timestamptz
-- returns  count bigint, one row: 0 where there is no such snapshot
-- index    snapshot_identity (feed, taken_at), poi_last (feed, last_at)
-- caller   layers.intake.receive
--
-- A place may have several versions that were seen before and after: each is counted once.
SELECT count(DISTINCT poi.external_id) AS count
FROM (
    SELECT snapshot.taken_at
    FROM layers_snapshot AS snapshot
    WHERE snapshot.feed = %(feed)s AND snapshot.taken_at < %(taken_at)s
    ORDER BY snapshot.taken_at DESC
    LIMIT 1
) AS former
JOIN layers_poi AS poi
    ON poi.feed = %(feed)s AND poi.first_at <= former.taken_at AND poi.last_at >= former.taken_at
