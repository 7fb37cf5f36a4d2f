-- near_reports: other reports near one, of about its time.
--
-- params   %(id)s report id; %(lon)s, %(lat)s degrees, from where is measured; %(ranges)s jsonb array of [first, last] tile keys that hold all that is near;
--          %(related)s jsonb array of [category, category, share]; %(reach_m)s metres; %(round_s)s seconds before it
--          and behind it; %(limit)s how many
-- returns  id bigint, what jsonb, distance_m, age_s double precision; the same category first, then related ones,
--          then the nearest
-- index    reports_report_pkey, report_tile (tile_key, submitted_at), casework_case_pkey
-- caller   casework.desk.context.context
WITH one AS MATERIALIZED (
    SELECT report.id, ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326) AS point,
        report.submitted_at, report.category_id
    FROM reports_report AS report
    WHERE report.id = %(id)s
), range AS MATERIALIZED (
    SELECT (item ->> 0)::bigint AS first, (item ->> 1)::bigint AS last
    FROM jsonb_array_elements(%(ranges)s::jsonb) AS item
), related AS MATERIALIZED (
    SELECT CASE WHEN item ->> 0 = one.category_id THEN item ->> 1 ELSE item ->> 0 END AS category_id
    FROM jsonb_array_elements(%(related)s::jsonb) AS item, one
    WHERE one.category_id IN (item ->> 0, item ->> 1)
), met AS MATERIALIZED (
    -- The limit is never reached; it keeps the planner from reading all reports for the sake of a few ranges. Of a
    -- place that has years of reports those of the time alone are read: the index knows when each came.
    SELECT other.*
    FROM one
    CROSS JOIN range
    CROSS JOIN LATERAL (
        -- Of sensitive ones, where all may see them: three distances would tell where one is.
        SELECT report.id, report.category_id, report.status, report.channel, report.submitted_at,
            coalesce(report.public_point, report.point) AS point
        FROM reports_report AS report
        WHERE report.tile_key BETWEEN range.first AND range.last
          AND report.submitted_at BETWEEN one.submitted_at - %(round_s)s * interval '1 second'
              AND one.submitted_at + %(round_s)s * interval '1 second'
        ORDER BY report.tile_key
        LIMIT 1000000
    ) AS other
), near AS MATERIALIZED (
    SELECT met.id, met.category_id, met.status, met.channel,
        ST_Distance(met.point::geography, one.point::geography) AS distance_m,
        extract(epoch FROM one.submitted_at - met.submitted_at)::double precision AS age_s,
        CASE
            WHEN met.category_id = one.category_id THEN 0
            WHEN met.category_id IN (SELECT related.category_id FROM related) THEN 1
            ELSE 2
        END AS rank
    FROM one
    JOIN met
        ON met.id <> one.id AND met.status <> 'withdrawn'
        AND ST_DWithin(met.point::geography, one.point::geography, %(reach_m)s)
)
SELECT near.id, jsonb_build_object(
        'category', near.category_id, 'channel', near.channel, 'status', near.status, 'state', held.state_id
    )::text AS what, near.distance_m, near.age_s
FROM near
LEFT JOIN casework_case AS held ON held.report_id = near.id
ORDER BY near.rank, near.distance_m, near.id
LIMIT %(limit)s
