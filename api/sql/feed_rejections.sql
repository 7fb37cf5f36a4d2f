-- feed_rejections: why payloads of a feed were set aside: each reason, how often, since when, and the newest.
--
-- params   %(feed)s  text; %(limit)s  integer
-- returns  reason, rejections, first_at, last_at, payload_id; the most frequent first
-- index    ingest_rejection_payload_id_key; rejections are few, for people mend what is rejected
-- caller   api.staff_feeds.single
SELECT
    rejection.reason, count(*) AS rejections,
    min(rejection.rejected_at) AS first_at, max(rejection.rejected_at) AS last_at, max(payload.id) AS payload_id
FROM ingest_rejection AS rejection
JOIN ingest_payload AS payload ON payload.id = rejection.payload_id
WHERE payload.feed = %(feed)s
GROUP BY rejection.reason
ORDER BY rejections DESC, rejection.reason
LIMIT %(limit)s
