-- keep: store payloads that are not known yet.
--
-- params   %(feed)s text, %(simulated)s boolean, %(fetched_at)s timestamptz; the payloads are in ingest_incoming
-- returns  id bigint, digest bytea of each that was not known
-- index    payload_identity (feed, digest)
-- caller   ingest.kept.keep
INSERT INTO ingest_payload (feed, digest, body, simulated, fetched_at)
SELECT %(feed)s, item.digest, item.body, %(simulated)s, %(fetched_at)s
FROM ingest_incoming AS item
ON CONFLICT (feed, digest) DO NOTHING
RETURNING id, digest
