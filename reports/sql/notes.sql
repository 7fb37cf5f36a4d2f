-- notes: the public words of the steps of some reports, to strike the author's name out of them.
--
-- params   %(steps)s bigint array of steps that are new, %(reports)s bigint array of reports that are new or changed
-- returns  id bigint of the step, report_id bigint, channel, external_id, public_by, public_note, author_hash
-- index    reports_sourceupdate_pkey, report_identity, reports_report_pkey, source_update_identity
-- caller   reports.intake.store
SELECT step.id, report.id AS report_id, step.channel, step.external_id, step.public_by, step.public_note,
    report.author_hash
FROM reports_sourceupdate AS step
JOIN reports_report AS report ON report.channel = step.channel AND report.external_id = step.external_id
WHERE step.id = ANY (%(steps)s)
UNION
SELECT step.id, report.id, step.channel, step.external_id, step.public_by, step.public_note, report.author_hash
FROM reports_report AS report
JOIN reports_sourceupdate AS step ON step.channel = report.channel AND step.external_id = report.external_id
WHERE report.id = ANY (%(reports)s)
