-- feed_payloads: what a feed sent last, the newest first, from one on.
--
-- params   %(feed)s  text; %(below)s  bigint, the id of the last payload that is known already;
--          %(reach)s  bigint, of how many payloads of all feeds it is looked for; %(most)s  integer, characters
--          of each; %(limit)s  integer
-- returns  id, fetched_at, expired_at, characters; body text, NULL if longer; reason, or NULL where it was used
-- index    ingest_payload_pkey
-- caller   api.staff_feeds.payloads
--
-- No index leads to a feed's newest payloads: one would cost 10 us of each row that comes in. A feed that brings
-- anything is among the last ones; one that has been silent for long shows none, and its rejections.
SELECT
    payload.id, payload.fetched_at, payload.expired_at, length(payload.body) AS characters,
    CASE WHEN length(payload.body) <= %(most)s THEN payload.body END AS body, rejection.reason
FROM ingest_payload AS payload
LEFT JOIN ingest_rejection AS rejection ON rejection.payload_id = payload.id
WHERE
    payload.feed = %(feed)s
    AND payload.id < %(below)s
    AND payload.id > (SELECT max(newest.id) FROM ingest_payload AS newest) - %(reach)s
ORDER BY payload.id DESC
LIMIT %(limit)s
