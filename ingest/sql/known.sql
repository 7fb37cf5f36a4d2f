-- known: how many of some payloads were kept before an instant, and how many of those are set aside.
--
-- params   %(feed)s text, %(digests)s bytea array, %(before)s instant
-- returns  known bigint, rejected bigint: one row
-- index    payload_identity (feed, digest), ingest_rejection_payload_id_key
-- caller   ingest.keeping.kept.known
SELECT count(*) AS known, count(rejection.id) AS rejected
FROM ingest_payload AS payload
LEFT JOIN ingest_rejection AS rejection ON rejection.payload_id = payload.id
WHERE payload.feed = %(feed)s AND payload.digest = ANY (%(digests)s::bytea[]) AND payload.fetched_at < %(before)s
