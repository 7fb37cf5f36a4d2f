-- settle: let payloads wait no longer, and count those that did.
--
-- params   %(ids)s bigint array
-- returns  settled bigint, one row
-- index    ingest_waiting_pkey
-- caller   ingest.kept.settle
WITH settled AS (
    DELETE FROM ingest_waiting AS waiting
    WHERE waiting.payload_id = ANY (%(ids)s)
    RETURNING waiting.payload_id
)
SELECT count(*) AS settled
FROM settled
