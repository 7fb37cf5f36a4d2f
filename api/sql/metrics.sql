-- metrics: the figures by which those who run the platform see how it fares.
--
-- params   %(at)s instant
-- returns  name text; label text, of what; value float8
-- index    notice_waiting, layers_feedstate_pkey; the others are small, or statistics
-- caller   api.metrics.figures.read
--
-- Rows are PostgreSQL's estimate, not a count: a table of millions is not read for each scrape. What an alarm
-- looks for the growth of (messages given up, jobs that failed) is 0 before there is any, and not absent: of a
-- series that begins with 1 nobody sees that it has grown. What PostgreSQL hides from the owner of the tables, who
-- is asked for sessions of others, is absent and not 0: nobody would see that commits wait.
WITH due AS (
    SELECT job.queue_name, least(min(coalesce(job.scheduled_at, event.at)), %(at)s::timestamptz) AS oldest, count(*) AS jobs
    FROM procrastinate_jobs AS job
    LEFT JOIN procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
    WHERE job.status = 'todo' AND coalesce(job.scheduled_at, %(at)s) <= %(at)s
    GROUP BY job.queue_name
),
feed AS (
    SELECT * FROM layers_feedstate AS state WHERE state.enabled
),
kinds (kind) AS (VALUES ('answers'), ('notices'), ('webhooks')),
outbox (kind, created_at, dead_at) AS (
    SELECT 'answers', message.created_at, message.dead_at
    FROM reports_outgoing AS message WHERE message.sent_at IS NULL
    UNION ALL
    SELECT 'notices', notice.created_at, notice.dead_at
    FROM casework_notice AS notice WHERE notice.sent_at IS NULL AND notice.withdrawn_at IS NULL
    UNION ALL
    SELECT 'webhooks', delivery.created_at, delivery.dead_at
    FROM subscriptions_delivery AS delivery WHERE delivery.sent_at IS NULL
)
SELECT 'feed_success_age_seconds' AS name, feed.feed AS label,
    extract(epoch FROM %(at)s - feed.last_success_at)::float8 AS value
FROM feed WHERE feed.last_success_at IS NOT NULL
UNION ALL SELECT 'feed_lag_seconds', feed.feed, extract(epoch FROM feed.last_news_at - feed.last_item_at)
FROM feed WHERE feed.last_news_at IS NOT NULL AND feed.last_item_at IS NOT NULL
UNION ALL SELECT 'feed_stale', feed.feed, (coalesce(feed.stale_at < %(at)s, false))::int FROM feed
UNION ALL SELECT 'feed_failing', feed.feed, (feed.error <> '')::int FROM feed
UNION ALL SELECT 'feed_items_last_day', feed.feed, feed.items_last_day FROM feed
UNION ALL SELECT 'feed_rejected_waiting', feed.feed, feed.rejected_waiting FROM feed
UNION ALL SELECT 'feed_dead_letters', feed.feed, feed.dead_letters FROM feed
UNION ALL SELECT 'layer_revision', revision.layer, revision.revision FROM layers_revision AS revision
UNION ALL SELECT 'layer_change_age_seconds', revision.layer, extract(epoch FROM %(at)s - revision.touched_at)
FROM layers_revision AS revision
UNION ALL SELECT 'table_rows', known.relname, known.n_live_tup
FROM pg_stat_user_tables AS known WHERE known.schemaname = 'public'
UNION ALL SELECT 'jobs_waiting', due.queue_name, due.jobs FROM due
UNION ALL SELECT 'jobs_oldest_age_seconds', due.queue_name, extract(epoch FROM %(at)s - due.oldest) FROM due
UNION ALL SELECT 'jobs', known.status::text, (SELECT count(*) FROM procrastinate_jobs AS job WHERE job.status = known.status)
FROM unnest('{doing,failed}'::procrastinate_job_status[]) AS known (status)
UNION ALL SELECT 'outbox_waiting', outbox.kind, count(*) FROM outbox WHERE outbox.dead_at IS NULL GROUP BY outbox.kind
UNION ALL SELECT 'outbox_oldest_age_seconds', outbox.kind, extract(epoch FROM %(at)s - min(outbox.created_at))
FROM outbox WHERE outbox.dead_at IS NULL GROUP BY outbox.kind
UNION ALL SELECT 'outbox_dead', kinds.kind, count(outbox.dead_at)
FROM kinds LEFT JOIN outbox ON outbox.kind = kinds.kind GROUP BY kinds.kind
UNION ALL SELECT 'audit_entries', '', coalesce(max(entry.id), 0) FROM access_entry AS entry
UNION ALL SELECT 'reports_without_case', '', count(*) FROM reports_report AS report
WHERE report.id > (SELECT coalesce(max(known.report_id), 0) FROM casework_case AS known) AND report.status <> 'withdrawn'
UNION ALL SELECT 'standby_lag_seconds', standby.name, standby.lag_s
FROM api_standbys() AS standby WHERE standby.lag_s IS NOT NULL
UNION ALL SELECT 'commits_waiting', '', count(*) FILTER (WHERE session.waits_for = 'SyncRep') FROM api_sessions() AS session
HAVING (
    SELECT pg_has_role(told.proowner, 'pg_read_all_stats', 'USAGE')
    FROM pg_proc AS told WHERE told.oid = 'public.api_sessions()'::regprocedure
)
UNION ALL SELECT 'replay_age_seconds', '', extract(epoch FROM %(at)s - pg_last_xact_replay_timestamp())
WHERE pg_is_in_recovery() AND pg_last_xact_replay_timestamp() IS NOT NULL
UNION ALL SELECT 'archive_age_seconds', '', extract(epoch FROM %(at)s - archiver.last_archived_time)
FROM pg_stat_archiver AS archiver WHERE archiver.last_archived_time IS NOT NULL
UNION ALL SELECT 'archive_failing', '', (archiver.last_failed_time > coalesce(archiver.last_archived_time, '-infinity'))::int
FROM pg_stat_archiver AS archiver WHERE archiver.last_failed_time IS NOT NULL
UNION ALL SELECT 'connections', coalesce(session.state, 'other'), count(*) FROM api_sessions() AS session
GROUP BY coalesce(session.state, 'other')
ORDER BY name, label
