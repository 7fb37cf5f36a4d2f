-- incoming: the table through which a batch of submissions comes in.
--
-- params   none
-- returns  nothing
-- index    none
-- caller   reports.intake.receive
--
-- One per session, emptied at the end of each transaction.
CREATE TEMP TABLE IF NOT EXISTS reports_incoming (
    channel text, external_id text, category text, description text, public_text text, image_url text,
    author_hash text, submitted_at timestamptz, updated_at timestamptz, digest text, lon double precision,
    lat double precision, hint text, area text, stands_in boolean, reading bytea
) ON COMMIT DELETE ROWS
