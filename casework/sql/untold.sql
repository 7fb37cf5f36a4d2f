-- untold: the next reports by id, and of which of them no clues were taken yet, or of another version.
--
-- params   %(after)s id behind which to look; %(limit)s reports at most;
--          %(since)s instant: what was submitted earlier is left alone
-- returns  one row for each report, lowest id first: is_wanted, and the fields of casework.clues.Telling
-- index    reports_report_pkey (id), casework_clue_pkey (report_id), photo_identity (channel, external_id)
-- caller   casework.duplicates.untold
--
-- Those that are not wanted come as well: the next page begins behind them. Looking for wanted ones alone would
-- read the whole table for each page.
WITH page AS MATERIALIZED (
    SELECT report.*
    FROM reports_report AS report
    WHERE report.id > %(after)s
    ORDER BY report.id
    LIMIT %(limit)s
)
SELECT page.submitted_at >= %(since)s AND clue.version IS DISTINCT FROM page.digest AS is_wanted,
    page.id, page.digest AS version, page.public_text AS text, page.hint,
    coalesce(boundary.name, '') AS kelurahan, page.author_hash, page.submitted_at,
    ST_X(page.point) AS lon, ST_Y(page.point) AS lat,
    ARRAY(
        SELECT photo.looks
        FROM reports_photo AS photo
        WHERE photo.channel = page.channel AND photo.external_id = page.external_id
        ORDER BY photo.looks
    ) AS looks
FROM page
LEFT JOIN LATERAL (
    SELECT told.version
    FROM casework_clue AS told
    WHERE told.report_id = page.id
    ORDER BY told.report_id
    LIMIT 1
) AS clue ON true
LEFT JOIN boundaries_boundary AS boundary
    ON boundary.edition_id = page.edition_id AND boundary.code = page.kelurahan_code
ORDER BY page.id
