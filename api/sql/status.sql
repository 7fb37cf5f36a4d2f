-- status: what citizens may know of the last day: reports by the hour, messages to them, and which wait.
--
-- params   %(at)s instant
-- returns  name text (reports, sent, waiting); hour int, 0 the last of 24; amount bigint; oldest instant
-- index    report_by_submitted, notice_waiting
-- caller   api.status.read
WITH reports AS (
    SELECT floor(extract(epoch FROM %(at)s - report.submitted_at) / 3600)::int AS hour, count(*) AS amount
    FROM reports_report AS report
    WHERE report.submitted_at > %(at)s::timestamptz - interval '24 hours' AND report.submitted_at <= %(at)s
      AND report.status <> 'withdrawn'
    GROUP BY 1
),
mails AS (
    SELECT notice.created_at, notice.sent_at
    FROM casework_notice AS notice
    WHERE notice.channel IN ('reply', 'watch') AND notice.dead_at IS NULL AND notice.withdrawn_at IS NULL
      AND (notice.sent_at IS NULL OR notice.sent_at > %(at)s::timestamptz - interval '24 hours')
    UNION ALL
    SELECT answer.created_at, answer.sent_at
    FROM reports_outgoing AS answer
    WHERE answer.dead_at IS NULL
      AND (answer.sent_at IS NULL OR answer.sent_at > %(at)s::timestamptz - interval '24 hours')
)
SELECT 'reports' AS name, hours.hour, coalesce(reports.amount, 0) AS amount, NULL::timestamptz AS oldest
FROM generate_series(0, 23) AS hours (hour)
LEFT JOIN reports ON reports.hour = hours.hour
UNION ALL
SELECT 'sent', 0, count(mails.sent_at), NULL FROM mails
UNION ALL
SELECT 'waiting', 0, count(*), min(mails.created_at) FROM mails WHERE mails.sent_at IS NULL
ORDER BY name, hour
