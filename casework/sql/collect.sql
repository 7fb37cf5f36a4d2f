-- collect: open a case for each report that has none yet.
--
-- params   %(after)s bigint: reports with a greater id are looked at; %(at)s instant
-- returns  opened bigint, one row
-- index    reports_report_pkey, casework_case_pkey
-- caller   casework.steps.workflow.collect
--
-- It is there since the report came to us, and not since a worker got round to it: so no answer counts as quick
-- because it was there before the case. Clocks differ, so no report came before it was sent.
WITH opened AS (
    INSERT INTO casework_case (report_id, since)
    SELECT report.id, least(greatest(report.received_at, report.submitted_at), %(at)s)
    FROM reports_report AS report
    WHERE report.id > %(after)s AND report.status <> 'withdrawn'
      AND NOT EXISTS (SELECT FROM casework_case AS known WHERE known.report_id = report.id)
    ON CONFLICT (report_id) DO NOTHING
    RETURNING report_id
)
SELECT count(*) AS opened
FROM opened
