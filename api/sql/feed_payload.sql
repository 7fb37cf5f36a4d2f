-- feed_payload: one item as a feed sent it, and why it was set aside.
--
-- params   %(feed)s  text; %(id)s  bigint; %(most)s  integer, characters
-- returns  id, fetched_at, expired_at, characters; body text, NULL if longer; reason, or NULL where it was used
-- index    ingest_payload_pkey
-- caller   api.staff_feeds.payload
SELECT
    payload.id, payload.fetched_at, payload.expired_at, length(payload.body) AS characters,
    CASE WHEN length(payload.body) <= %(most)s THEN payload.body END AS body, rejection.reason
FROM ingest_payload AS payload
LEFT JOIN ingest_rejection AS rejection ON rejection.payload_id = payload.id
WHERE payload.id = %(id)s AND payload.feed = %(feed)s
