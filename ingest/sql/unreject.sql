-- unreject: take back the rejections of payloads that could be used.
--
-- params   %(ids)s bigint array
-- returns  nothing
-- index    ingest_rejection_payload_id_key
-- caller   ingest.kept.settle
DELETE FROM ingest_rejection AS rejection
WHERE rejection.payload_id = ANY (%(ids)s)
