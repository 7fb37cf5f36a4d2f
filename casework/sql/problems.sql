-- problems: how many reports were submitted in a time, and how many distinct problems they tell of.
--
-- params   %(since)s and %(before)s instants, the latter excluded
-- returns  reports, problems bigint, one row
-- index    none: it reads the reports of all times, 0.2 s a million
-- caller   casework.clusters.count
SELECT count(*) AS reports, count(*) FILTER (WHERE held.state_id IS DISTINCT FROM 'duplicate') AS problems
FROM reports_report AS report
LEFT JOIN casework_case AS held ON held.report_id = report.id
WHERE report.submitted_at >= %(since)s AND report.submitted_at < %(before)s AND report.status <> 'withdrawn'
