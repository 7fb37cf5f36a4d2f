-- feed_runs: the runs of a feed, the newest first, from one on.
--
-- params   %(feed)s  text; %(below)s  bigint, the id of the last run that is known already; %(limit)s  integer
-- returns  id, simulated, started_at, finished_at, outcome, error, fetched, new, changed, rejected, unread text[]
-- index    run_newest (feed, started_at)
-- caller   api.staff_feeds.runs
SELECT
    run.id, run.simulated, run.started_at, run.finished_at, run.outcome, run.error,
    run.fetched, run.new, run.changed, run.rejected,
    ARRAY(SELECT jsonb_array_elements_text(run.unread)) AS unread
FROM ingest_run AS run
WHERE run.feed = %(feed)s AND run.id < %(below)s
ORDER BY run.id DESC
LIMIT %(limit)s
