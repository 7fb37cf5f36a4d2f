-- forget_payloads: empty the payloads in which the id of a report stands, and the reasons why they were not used.
--
-- params   %(feed)s text; %(external_id)s text: what the channel calls the report; %(now)s instant
-- returns  emptied bigint, of one row
-- index    none: reads all payloads of a feed that still have a body, when somebody asks to be forgotten
-- caller   ingest.keeping.retention.forget
--
-- An e-mail is kept as base64, so it is unpacked to be searched: its id is the Message-ID, and the answers in its
-- thread name it too. A document that was kept whole is emptied whole.
WITH theirs AS (
    SELECT payload.id
    FROM ingest_payload AS payload
    WHERE payload.feed = %(feed)s AND payload.body <> ''
      AND position(%(external_id)s IN payload.body || coalesce(encode(decode(substring(
          payload.body FROM '^\{(?:"bytes":[0-9]+,)?(?:"raw"|"unsplit":\{"base64"):"([A-Za-z0-9+/]*=*)"'
      ), 'base64'), 'escape'), '')) > 0
), settled AS (
    DELETE FROM ingest_waiting AS waiting USING theirs WHERE waiting.payload_id = theirs.id
), reasons AS (
    UPDATE ingest_rejection AS rejection
    SET reason = 'forgotten'
    FROM theirs
    WHERE rejection.payload_id = theirs.id
), emptied AS (
    UPDATE ingest_payload AS payload
    SET body = '', expired_at = coalesce(payload.expired_at, %(now)s)
    FROM theirs
    WHERE payload.id = theirs.id
    RETURNING payload.id
)
SELECT count(*) AS emptied FROM emptied
