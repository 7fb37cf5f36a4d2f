-- reject: write down why payloads could not be used.
--
-- params   %(batch)s jsonb array of objects: payload_id, reason
--          %(now)s timestamptz
-- returns  nothing
-- index    ingest_rejection_payload_id_key
-- caller   ingest.keeping.kept.settle
INSERT INTO ingest_rejection (payload_id, reason, rejected_at)
SELECT item.payload_id, item.reason, %(now)s
FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (payload_id bigint, reason text)
ON CONFLICT (payload_id) DO UPDATE SET reason = excluded.reason
