-- follow: set the status of reports to that of the newest step of their traces.
--
-- params   %(channels)s, %(external_ids)s  two text arrays of equal length
-- returns  id bigint of each report whose status changed
-- index    report_identity, source_update_identity
-- caller   reports.intake.receive
--
-- An older step that arrives late changes nothing; a report whose trace came first finds it here.
UPDATE reports_report AS report
SET status = newest.status
FROM unnest(%(channels)s::text[], %(external_ids)s::text[]) AS wanted (channel, external_id)
CROSS JOIN LATERAL (
    SELECT step.status
    FROM reports_sourceupdate AS step
    WHERE step.channel = wanted.channel AND step.external_id = wanted.external_id
      AND step.status IS NOT NULL
    ORDER BY step.at DESC, step.digest DESC
    LIMIT 1
) AS newest
WHERE report.channel = wanted.channel
  AND report.external_id = wanted.external_id
  AND report.status <> newest.status
RETURNING report.id
