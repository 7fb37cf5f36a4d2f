-- keep: store payloads that are not known yet; they wait to be used.
--
-- params   %(feed)s text, %(simulated)s boolean, %(fetched_at)s timestamptz; the payloads are in ingest_incoming
-- returns  id bigint, digest bytea of each that was not known
-- index    payload_identity (feed, digest)
-- caller   ingest.keeping.kept.keep
WITH kept AS (
    INSERT INTO ingest_payload (feed, digest, body, simulated, fetched_at)
    SELECT %(feed)s, item.digest, item.body, %(simulated)s, %(fetched_at)s
    FROM ingest_incoming AS item
    ON CONFLICT (feed, digest) DO NOTHING
    RETURNING id, digest
), waiting AS (
    INSERT INTO ingest_waiting (payload_id)
    SELECT kept.id
    FROM kept
)
SELECT kept.id, kept.digest
FROM kept
