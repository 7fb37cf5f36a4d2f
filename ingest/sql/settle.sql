-- settle: let payloads wait no longer, and count those that did; take back the rejections of those that could be used.
--
-- params   %(ids)s bigint array, %(used)s bigint array: those of them that could be used
-- returns  settled bigint, one row
-- index    ingest_waiting_pkey, ingest_rejection_payload_id_key
-- caller   ingest.keeping.kept.settle
WITH settled AS (
    DELETE FROM ingest_waiting AS waiting
    WHERE waiting.payload_id = ANY (%(ids)s)
    RETURNING waiting.payload_id
), mended AS (
    DELETE FROM ingest_rejection AS rejection
    WHERE rejection.payload_id = ANY (%(used)s)
)
SELECT count(*) AS settled
FROM settled
