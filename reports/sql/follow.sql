-- follow: set the status of reports to that of the newest step of their traces.
--
-- params   %(reports)s bigint array of reports that have a trace
-- returns  id bigint of each report whose status changed
-- index    reports_report_pkey, source_update_identity
-- caller   reports.intake.receive
--
-- An older step that arrives late changes nothing; a report whose trace came first finds it here. Words without
-- a status are none. What its author deleted stays so, whatever an office says of it afterwards.
UPDATE reports_report AS report
SET status = newest.status
FROM reports_report AS wanted
CROSS JOIN LATERAL (
    SELECT step.status
    FROM reports_sourceupdate AS step
    WHERE step.channel = wanted.channel AND step.external_id = wanted.external_id
      AND step.status IS NOT NULL
    ORDER BY step.status = 'withdrawn' DESC, step.at DESC, step.digest DESC
    LIMIT 1
) AS newest
WHERE wanted.id = ANY (%(reports)s)
  AND report.id = wanted.id
  AND report.status <> newest.status
RETURNING report.id
