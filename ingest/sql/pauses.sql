-- pauses: the longest pause of each day between two arrivals of what was not known.
--
-- params   %(feed)s; %(since)s instant; %(zone)s time zone of the city, whose days count
-- returns  seconds integer, one row a day on which a pause ended
-- index    run_newest (feed, started_at), volume_identity (feed, hour)
-- caller   ingest.runs.health.usual_s
--
-- A push makes no run: there the hours in which something came must do.
WITH arrival AS (
    SELECT run.started_at AS at
    FROM ingest_run AS run
    WHERE run.feed = %(feed)s AND run.started_at >= %(since)s AND run.used > 0
    UNION ALL
    SELECT volume.hour
    FROM ingest_volume AS volume
    WHERE volume.feed = %(feed)s AND volume.hour >= %(since)s
      AND NOT EXISTS (
          SELECT
          FROM ingest_run AS run
          WHERE run.feed = volume.feed AND run.used > 0
            AND run.started_at >= volume.hour AND run.started_at < volume.hour + interval '1 hour'
      )
), pause AS (
    SELECT (arrival.at AT TIME ZONE %(zone)s)::date AS day,
        arrival.at - lag(arrival.at) OVER (ORDER BY arrival.at) AS length
    FROM arrival
)
SELECT ceil(extract(epoch FROM max(pause.length)))::integer AS seconds
FROM pause
WHERE pause.length IS NOT NULL
GROUP BY pause.day
ORDER BY seconds
