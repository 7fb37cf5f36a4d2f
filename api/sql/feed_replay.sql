-- feed_replay: how the last replay of a feed's rejections fares.
--
-- params   %(lock)s  text, that of the job
-- returns  status text, of procrastinate; asked_at timestamptz; none where nobody has asked of late
-- index    procrastinate_jobs_queueing_lock_idx_v1 while it waits; ended jobs are kept for two days
-- caller   api.staff_feeds._replaying
SELECT job.status::text AS status, min(event.at) AS asked_at
FROM procrastinate_jobs AS job
LEFT JOIN procrastinate_events AS event ON event.job_id = job.id
WHERE job.queueing_lock = %(lock)s
GROUP BY job.id
ORDER BY job.id DESC
LIMIT 1
