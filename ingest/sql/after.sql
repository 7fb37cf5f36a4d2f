-- after: the payloads of a feed behind an id, oldest first, as many as one batch takes.
--
-- params   %(feed)s text, %(last)s bigint, %(limit)s integer, %(bytes)s bigint
-- returns  id bigint, body text, simulated boolean, fetched_s double precision since 1970
-- index    ingest_payload_pkey
-- caller   ingest.keeping.kept.after
--
-- An e-mail may have 30 MB: a batch ends behind so many bytes, but has one payload at least.
SELECT sized.id, sized.body, sized.simulated, extract(epoch FROM sized.fetched_at)::double precision AS fetched_s
FROM (
    SELECT first.id, first.body, first.simulated, first.fetched_at,
        sum(octet_length(first.body)) OVER (ORDER BY first.id) - octet_length(first.body) AS before
    FROM (
        SELECT payload.id, payload.body, payload.simulated, payload.fetched_at
        FROM ingest_payload AS payload
        WHERE payload.feed = %(feed)s AND payload.id > %(last)s AND payload.expired_at IS NULL
        ORDER BY payload.id
        LIMIT %(limit)s
    ) AS first
) AS sized
WHERE sized.before < %(bytes)s
ORDER BY sized.id
