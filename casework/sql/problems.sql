-- problems: how many reports were submitted in a time, and how many distinct problems they tell of.
--
-- params   %(since)s and %(before)s instants, the latter excluded; %(at)s instant: merges as they were known then
-- returns  reports, problems bigint, one row
-- index    report_by_submitted, change_to_duplicate, change_of_case
-- caller   casework.duplicates.clusters.count
--
-- By the very function by which the board counts problems.
SELECT count(DISTINCT report.id) AS reports,
    count(DISTINCT CASE WHEN told.case_id IS NULL THEN report.id ELSE told.problem END) AS problems
FROM reports_report AS report
LEFT JOIN casework_problems(%(since)s, %(before)s, %(at)s) AS told ON told.case_id = report.id
WHERE report.submitted_at >= %(since)s AND report.submitted_at < %(before)s AND report.status <> 'withdrawn'
