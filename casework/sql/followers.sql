-- followers: who hears of the cluster that a report is in.
--
-- params   %(id)s report id
-- returns  channel, external_id, each once; report_id: of an author their own report, else null
-- index    reports_report_pkey, follower_identity (report_id, channel, external_id)
-- caller   casework.duplicates.clusters.followers
--
-- Whoever reported the same thing hears of it, until they say that they do not want to.
WITH one AS MATERIALIZED (
    SELECT member.report_id FROM casework_members(casework_lead(%(id)s)) AS member
), known AS (
    SELECT report.channel, report.external_id, report.id AS report_id
    FROM one
    JOIN reports_report AS report ON report.id = one.report_id AND report.status <> 'withdrawn'
    WHERE NOT EXISTS (
        SELECT
        FROM casework_follower AS stopped
        WHERE stopped.report_id = report.id AND stopped.channel = report.channel
          AND stopped.external_id = report.external_id AND stopped.stopped_at IS NOT NULL
    )
    UNION ALL
    SELECT follower.channel, follower.external_id, NULL
    FROM one
    JOIN casework_follower AS follower ON follower.report_id = one.report_id AND follower.stopped_at IS NULL
)
SELECT DISTINCT ON (known.channel, known.external_id) known.channel, known.external_id, known.report_id
FROM known
ORDER BY known.channel, known.external_id, known.report_id NULLS LAST
