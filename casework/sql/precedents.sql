-- precedents: what was done about cases of one kind nearby, and worked: resolved, and never disputed since.
--
-- params   %(id)s bigint: the report that something is looked for; %(at)s instant: what was chosen before it;
--          %(limit)s integer
-- returns  alternative_id bigint: the newest of them; what, office_id, office, cost_idr bigint (median),
--          days double precision: median from choice to resolution; times bigint; near: kelurahan or kecamatan;
--          cases bigint array: at most five, the newest first
-- index    report_alike, boundary_identity, casework_alternative_case_id_*, casework_choice_alternative_id_*,
--          change_of_case
-- caller   casework.steps.precedents.suggest
--
-- Two alternatives are the same where office and words are, whatever their capitals and spaces. Those of the
-- kelurahan come first, then those of the other kelurahan of its kecamatan; of each what worked most often.
WITH sought AS MATERIALIZED (
    SELECT report.id, report.category_id, report.kelurahan_code, report.edition_id, home.parent_code
    FROM reports_report AS report
    LEFT JOIN boundaries_boundary AS home
        ON home.edition_id = report.edition_id AND home.code = report.kelurahan_code
    WHERE report.id = %(id)s
), around AS MATERIALIZED (
    SELECT sought.kelurahan_code AS code, 'kelurahan' AS near FROM sought WHERE sought.kelurahan_code IS NOT NULL
    UNION ALL
    SELECT other.code, 'kecamatan'
    FROM sought
    JOIN boundaries_boundary AS other
        ON other.edition_id = sought.edition_id AND other.level = 'kelurahan'
        AND other.parent_code = sought.parent_code AND other.code <> sought.kelurahan_code
), alike AS MATERIALIZED (
    SELECT report.id, around.near
    FROM sought
    CROSS JOIN around
    JOIN reports_report AS report
        ON report.category_id = sought.category_id AND report.kelurahan_code = around.code
        AND report.id <> sought.id
    JOIN casework_case AS held ON held.report_id = report.id AND held.state_id = 'resolved' AND held.since <= %(at)s
), worked AS MATERIALIZED (
    SELECT alike.id, alike.near, last.id AS alternative_id, last.what, last.who_id, last.cost_idr,
        extract(epoch FROM solved.at - last.chosen_at)::double precision / 86400 AS days
    FROM alike
    CROSS JOIN LATERAL (
        SELECT alternative.id, alternative.what, alternative.who_id, alternative.cost_idr, choice.at AS chosen_at
        FROM casework_alternative AS alternative
        JOIN casework_choice AS choice ON choice.alternative_id = alternative.id
        WHERE alternative.case_id = alike.id
        ORDER BY choice.at DESC, choice.id DESC
        LIMIT 1
    ) AS last
    CROSS JOIN LATERAL (
        SELECT max(change.at) FILTER (WHERE change.to_state_id = 'resolved') AS at,
            bool_or(change.to_state_id = 'disputed') AS is_disputed
        FROM casework_change AS change
        WHERE change.case_id = alike.id
    ) AS solved
    WHERE NOT solved.is_disputed AND solved.at >= last.chosen_at
), grouped AS (
    SELECT max(worked.alternative_id) AS alternative_id, worked.who_id, worked.near, count(*) AS times,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY worked.days) AS days,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY worked.cost_idr)::bigint AS cost_idr,
        (array_agg(worked.id ORDER BY worked.id DESC))[1:5] AS cases
    FROM worked
    GROUP BY regexp_replace(lower(btrim(worked.what)), '\s+', ' ', 'g'), worked.who_id, worked.near
)
SELECT grouped.alternative_id, newest.what, grouped.who_id AS office_id, office.title AS office, grouped.cost_idr,
    grouped.days, grouped.times, grouped.near, grouped.cases
FROM grouped
JOIN casework_alternative AS newest ON newest.id = grouped.alternative_id
LEFT JOIN boundaries_office AS office ON office.code = grouped.who_id
ORDER BY grouped.near = 'kelurahan' DESC, grouped.times DESC, grouped.days, grouped.alternative_id
LIMIT %(limit)s
