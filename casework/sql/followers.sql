-- followers: who hears of the cluster that a report is in.
--
-- params   %(id)s report id
-- returns  channel, external_id
-- index    reports_report_pkey, follower_identity (report_id, channel, external_id)
-- caller   casework.clusters.followers
WITH one AS MATERIALIZED (
    SELECT member.report_id FROM casework_members(casework_lead(%(id)s)) AS member
)
SELECT report.channel, report.external_id
FROM one
JOIN reports_report AS report ON report.id = one.report_id AND report.status <> 'withdrawn'
UNION
SELECT follower.channel, follower.external_id
FROM one
JOIN casework_follower AS follower ON follower.report_id = one.report_id
ORDER BY channel, external_id
