-- jam_hours: reports by weekday and hour of the city, and how many of them lay near a jam of that time.
--
-- params   %(ids)s report ids; %(zone)s of the city; %(reach_m)s metres; %(soon_s)s seconds before and behind
-- returns  weekday (1 is Monday), hour integer; reports, near bigint: those with a point, and of these near a jam
-- index    reports_report_pkey, jam_open_line, jam_past (tstzrange(first_at, last_at), line)
-- caller   api.casework.jam_hours._hours
--
-- A row of jams is one version of a jam: one that reached the report's place and time is enough.
WITH report AS MATERIALIZED (
    SELECT report.point, report.submitted_at AT TIME ZONE %(zone)s AS local,
        ST_Expand(
            report.point, %(reach_m)s / 111320.0 / cos(radians(ST_Y(report.point))), %(reach_m)s / 110500.0
        ) AS box,
        tstzrange(
            report.submitted_at - %(soon_s)s * interval '1 second',
            report.submitted_at + %(soon_s)s * interval '1 second', '[]'
        ) AS span
    FROM reports_report AS report
    WHERE report.id = ANY (%(ids)s::bigint[]) AND report.point IS NOT NULL
), met AS (
    SELECT report.local, EXISTS (
            SELECT FROM layers_jam AS now
            WHERE now.closed_at IS NULL AND now.line && report.box
            AND tstzrange(now.first_at, now.last_at, '[]') && report.span
            AND ST_DWithin(now.line::geography, report.point::geography, %(reach_m)s)
        ) OR EXISTS (
            SELECT FROM layers_jam AS past
            WHERE past.closed_at IS NOT NULL AND past.line && report.box
            AND tstzrange(past.first_at, past.last_at, '[]') && report.span
            AND ST_DWithin(past.line::geography, report.point::geography, %(reach_m)s)
        ) AS is_near
    FROM report
)
SELECT extract(isodow FROM met.local)::integer AS weekday, extract(hour FROM met.local)::integer AS hour,
    count(*) AS reports, count(*) FILTER (WHERE met.is_near) AS near
FROM met
GROUP BY 1, 2
ORDER BY 1, 2
