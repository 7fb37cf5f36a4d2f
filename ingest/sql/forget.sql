-- forget: delete the runs and the hours of long ago, and empty the cursors that newer ones have overtaken.
--
-- params   %(before)s instant: runs that began earlier are old
-- returns  forgotten bigint, one row: how many runs were deleted
-- index    run_newest (feed, started_at); ingest_volume is read whole
-- caller   ingest.keeping.retention.forget_runs
--
-- A folder's cursor names each of its files, so one a run is by far the most of this table. What stays of each
-- feed: its newest run, the newest with a cursor, the one that got furthest, the newest that brought anything.
WITH first AS (
    SELECT run.id,
        row_number() OVER (latest) AS newest,
        row_number() OVER (
            PARTITION BY run.feed, run.simulated ORDER BY run.cursor IS NULL, run.started_at DESC, run.id DESC
        ) AS newest_cursor,
        row_number() OVER (
            PARTITION BY run.feed, run.simulated ORDER BY run.reached_at DESC NULLS LAST, run.id DESC
        ) AS furthest,
        row_number() OVER (
            PARTITION BY run.feed, run.simulated ORDER BY run.fetched = 0, run.started_at DESC, run.id DESC
        ) AS newest_full
    FROM ingest_run AS run
    WINDOW latest AS (PARTITION BY run.feed, run.simulated ORDER BY run.started_at DESC, run.id DESC)
), emptied AS (
    UPDATE ingest_run AS run
    SET cursor = NULL
    FROM first
    WHERE first.id = run.id AND first.newest_cursor > 1 AND run.cursor IS NOT NULL
      AND run.started_at >= %(before)s
), deleted AS (
    DELETE FROM ingest_run AS run
    USING first
    WHERE first.id = run.id AND run.started_at < %(before)s
      AND least(first.newest, first.newest_cursor, first.furthest, first.newest_full) > 1
    RETURNING run.id
), hours AS (
    DELETE FROM ingest_volume AS volume
    WHERE volume.hour < %(before)s
)
SELECT count(*) AS forgotten
FROM deleted
