-- expire: empty the bodies of some payloads that were kept long enough, the lowest ids first.
--
-- params   %(after)s id behind which to look; %(before)s instant: what was fetched earlier is too old;
--          %(limit)s payloads at most; %(now)s instant
-- returns  last id, emptied: of one row; last is null where there were none
-- index    ingest_payload_pkey (id), ingest_waiting_pkey
-- caller   ingest.keeping.retention.expire
--
-- The digest stays: the same item is not new again. What nobody read until now cannot be read any more, and
-- its rejection says so. A run that is just using a payload is not waited for: it is emptied another day.
WITH old AS (
    SELECT payload.id
    FROM ingest_payload AS payload
    WHERE payload.id > %(after)s AND payload.expired_at IS NULL AND payload.fetched_at < %(before)s
    ORDER BY payload.id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), unread AS (
    SELECT waiting.payload_id AS id
    FROM ingest_waiting AS waiting
    JOIN old ON old.id = waiting.payload_id
    FOR UPDATE OF waiting SKIP LOCKED
), due AS (
    SELECT old.id, unread.id IS NOT NULL AS is_unread
    FROM old
    LEFT JOIN unread ON unread.id = old.id
    WHERE unread.id IS NOT NULL
       OR NOT EXISTS (SELECT FROM ingest_waiting AS waiting WHERE waiting.payload_id = old.id)
), emptied AS (
    UPDATE ingest_payload AS payload
    SET body = '', expired_at = %(now)s
    FROM due
    WHERE payload.id = due.id
    RETURNING payload.id
), settled AS (
    DELETE FROM ingest_waiting AS waiting
    USING due
    WHERE waiting.payload_id = due.id AND due.is_unread
), lost AS (
    INSERT INTO ingest_rejection (payload_id, reason, rejected_at)
    SELECT due.id, 'it expired before anyone read it', %(now)s
    FROM due
    WHERE due.is_unread
    ON CONFLICT (payload_id) DO NOTHING
)
SELECT (SELECT max(old.id) FROM old) AS last, (SELECT count(*) FROM emptied) AS emptied
