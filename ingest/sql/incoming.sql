-- incoming: the table through which payloads come in.
--
-- params   none
-- returns  nothing
-- index    none
-- caller   ingest.keeping.kept.keep
--
-- One per session, emptied at the end of each transaction.
CREATE TEMP TABLE IF NOT EXISTS ingest_incoming (digest bytea, body text) ON COMMIT DELETE ROWS
