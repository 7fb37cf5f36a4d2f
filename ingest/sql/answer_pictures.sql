-- answer_pictures: note the steps of offices that name a picture and were not looked at yet.
--
-- params   %(after)s bigint: steps with a greater id are looked at; %(at)s instant
-- returns  noted bigint, one row
-- index    reports_sourceupdate_pkey, report_identity (channel, external_id), ingest_answerpicture_pkey
-- caller   ingest.keeping.answer_pictures.seek
--
-- A step that gives a status is an office's; words without one may be a citizen's second message.
-- The simulated city shows addresses at which there is nothing.
WITH noted AS (
    INSERT INTO ingest_answerpicture (step_id, attempts, next_at, error)
    SELECT step.id, 0, %(at)s, ''
    FROM reports_sourceupdate AS step
    JOIN reports_report AS report
        ON report.channel = step.channel AND report.external_id = step.external_id AND NOT report.simulated
    WHERE step.id > %(after)s AND step.image_url <> '' AND step.status IN ('in_progress', 'done')
      AND NOT EXISTS (SELECT FROM ingest_answerpicture AS known WHERE known.step_id = step.id)
    ON CONFLICT (step_id) DO NOTHING
    RETURNING step_id
)
SELECT count(*) AS noted
FROM noted
