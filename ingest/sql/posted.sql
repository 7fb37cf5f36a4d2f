-- posted: how many requests a client has posted lately.
--
-- params   %(feed)s text, %(since)s timestamptz, %(client)s text
-- returns  count bigint
-- index    payload_age (fetched_at)
-- caller   ingest.doors.submit._within_bounds
--
-- A body that expired is no JSON: none of so late a time is.
WITH lately AS MATERIALIZED (
    SELECT payload.body
    FROM ingest_payload AS payload
    WHERE payload.feed = %(feed)s AND payload.fetched_at > %(since)s
)
SELECT count(*)
FROM lately
WHERE lately.body::jsonb ->> 'client' = %(client)s
