-- settle: mark payloads as used, and count those that were not yet.
--
-- params   %(ids)s bigint array, %(now)s timestamptz
-- returns  marked bigint, one row
-- index    ingest_payload_pkey
-- caller   ingest.kept.settle
WITH marked AS (
    UPDATE ingest_payload AS payload
    SET used_at = %(now)s
    WHERE payload.id = ANY (%(ids)s) AND payload.used_at IS NULL
    RETURNING payload.id
)
SELECT count(*) AS marked
FROM marked
