-- expire: empty the bodies of some payloads that were kept long enough, the lowest ids first.
--
-- params   %(after)s id behind which to look; %(before)s instant: what was fetched earlier is too old;
--          %(limit)s payloads at most; %(now)s instant
-- returns  last id, emptied: of one row; last is null where there were none
-- index    ingest_payload_pkey (id)
-- caller   ingest.retention.expire
--
-- The digest stays: the same item is not new again. What nobody read until now cannot be read any more, and
-- its rejection says so. A run that is just using a payload is not waited for: it is emptied another day.
WITH old AS (
    SELECT payload.id, payload.used_at IS NULL AS is_unread
    FROM ingest_payload AS payload
    WHERE payload.id > %(after)s AND payload.expired_at IS NULL AND payload.fetched_at < %(before)s
    ORDER BY payload.id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), emptied AS (
    UPDATE ingest_payload AS payload
    SET body = '', expired_at = %(now)s, used_at = coalesce(payload.used_at, %(now)s)
    FROM old
    WHERE payload.id = old.id
    RETURNING payload.id
), lost AS (
    INSERT INTO ingest_rejection (payload_id, reason, rejected_at)
    SELECT old.id, 'it expired before anyone read it', %(now)s
    FROM old
    WHERE old.is_unread
    ON CONFLICT (payload_id) DO NOTHING
)
SELECT max(emptied.id) AS last, count(*) AS emptied
FROM emptied
