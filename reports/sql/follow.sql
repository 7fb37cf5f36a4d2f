-- follow: set the status of reports to that of the newest step of their traces.
--
-- params   %(steps)s bigint array of steps that are new, %(reports)s bigint array of reports that are new or changed
-- returns  id bigint of each report whose status changed
-- index    reports_sourceupdate_pkey, report_identity, reports_report_pkey, source_update_identity
-- caller   reports.intake.receive
--
-- An older step that arrives late changes nothing; a report whose trace came first finds it here. Words without
-- a status are none. What its author deleted stays so, whatever an office says of it afterwards.
WITH wanted AS (
    SELECT report.id, report.channel, report.external_id
    FROM reports_report AS report
    WHERE report.id = ANY (%(reports)s)
    UNION
    SELECT report.id, report.channel, report.external_id
    FROM reports_sourceupdate AS step
    JOIN reports_report AS report ON report.channel = step.channel AND report.external_id = step.external_id
    WHERE step.id = ANY (%(steps)s)
)
UPDATE reports_report AS report
SET status = newest.status
FROM wanted
CROSS JOIN LATERAL (
    SELECT step.status
    FROM reports_sourceupdate AS step
    WHERE step.channel = wanted.channel AND step.external_id = wanted.external_id
      AND step.status IS NOT NULL
    ORDER BY step.status = 'withdrawn' DESC, step.at DESC, step.digest DESC
    LIMIT 1
) AS newest
WHERE report.id = wanted.id
  AND report.status <> newest.status
RETURNING report.id
