-- crowd: how many reports a cluster has, and how many citizens stand behind them.
--
-- params   %(id)s report id
-- returns  reports, citizens bigint, one row; whoever has no name counts as one for each report
-- index    reports_report_pkey
-- caller   casework.duplicates.clusters.crowd
--
-- Of two reports of one problem that bear one name one citizen who wrote twice is likelier than two of that name: they
-- count once, and there are at least so many. What is given out of a citizen goes by no name (casework.desk.personal).
SELECT count(*) AS reports,
    count(DISTINCT report.author_hash) FILTER (WHERE report.author_hash <> '')
        + count(*) FILTER (WHERE report.author_hash = '') AS citizens
FROM casework_members(casework_lead(%(id)s)) AS member
JOIN reports_report AS report ON report.id = member.report_id
