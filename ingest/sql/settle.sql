-- settle: mark payloads as used.
--
-- params   %(ids)s bigint array, %(now)s timestamptz
-- returns  nothing
-- index    ingest_payload_pkey
-- caller   ingest.kept.settle
UPDATE ingest_payload AS payload
SET used_at = %(now)s
WHERE payload.id = ANY (%(ids)s) AND payload.used_at IS NULL
