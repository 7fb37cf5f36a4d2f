-- near_jams: the traffic jams near a report that were there about its hour.
--
-- params   %(id)s report id; %(lon)s, %(lat)s degrees, from where is measured; %(reach_m)s metres; %(soon_s)s seconds before it and behind it
-- returns  id bigint, what jsonb, distance_m, age_s double precision; each once, the nearest first
-- index    reports_report_pkey, jam_open_line, jam_past (tstzrange(first_at, last_at), line)
-- caller   casework.desk.context.context
--
-- A row is one version of a thing (ADR 0005): of several that of the hour is taken that is nearest to the report.
-- What is on the map still and what is not lie in an index each.
WITH one AS MATERIALIZED (
    SELECT here.point, report.submitted_at AS at, ST_Expand(
        here.point, %(reach_m)s / 111320.0 / cos(radians(%(lat)s)), %(reach_m)s / 110500.0
    ) AS box,
        tstzrange(
            report.submitted_at - %(soon_s)s * interval '1 second',
            report.submitted_at + %(soon_s)s * interval '1 second', '[]'
        ) AS span
    FROM reports_report AS report
    CROSS JOIN (SELECT ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326) AS point) AS here
    WHERE report.id = %(id)s
), met AS (
    SELECT now.*
    FROM one
    JOIN layers_jam AS now
        ON now.closed_at IS NULL AND now.line && one.box AND tstzrange(now.first_at, now.last_at, '[]') && one.span
    UNION ALL
    SELECT past.*
    FROM one
    JOIN layers_jam AS past
        ON past.closed_at IS NOT NULL AND tstzrange(past.first_at, past.last_at, '[]') && one.span
        AND past.line && one.box
), seen AS (
    SELECT DISTINCT ON (met.feed, met.external_id) met.*,
        ST_Distance(met.line::geography, one.point::geography) AS distance_m,
        extract(epoch FROM CASE
            WHEN one.at > met.last_at THEN one.at - met.last_at
            WHEN one.at < met.first_at THEN one.at - met.first_at
            ELSE interval '0'
        END)::double precision AS age_s
    FROM met
    CROSS JOIN one
    WHERE ST_DWithin(met.line::geography, one.point::geography, %(reach_m)s)
    ORDER BY met.feed, met.external_id, greatest(one.at - met.last_at, met.first_at - one.at, interval '0'), met.id
)
SELECT seen.id, jsonb_build_object(
        'level', seen.level, 'street', seen.street, 'speed_kmh', seen.speed_kmh, 'delay_s', seen.delay_s,
        'length_m', seen.length_m
    )::text AS what, seen.distance_m, seen.age_s
FROM seen
ORDER BY seen.distance_m, seen.id
