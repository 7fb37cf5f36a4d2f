-- unused: those of the payloads that just came in that nobody used yet, new or known, in the order of arrival.
--
-- params   %(feed)s text; the payloads are in ingest_incoming
-- returns  id bigint, digest bytea
-- index    payload_identity (feed, digest), ingest_waiting_pkey
-- caller   ingest.keeping.kept.keep
SELECT payload.id, payload.digest
FROM ingest_incoming AS item
JOIN ingest_payload AS payload ON payload.feed = %(feed)s AND payload.digest = item.digest
JOIN ingest_waiting AS waiting ON waiting.payload_id = payload.id
ORDER BY payload.id
