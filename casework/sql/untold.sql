-- untold: the next reports by id, and of which of them no clues were taken yet, or of another state.
--
-- params   %(after)s id behind which to look; %(limit)s reports at most;
--          %(since)s instant: what was submitted earlier is left alone
-- returns  one row for each report, lowest id first: is_wanted, and the fields of casework.duplicates.clues.Telling
-- index    reports_report_pkey (id), casework_clue_pkey (report_id), photo_identity (channel, external_id)
-- caller   casework.duplicates.candidates.untold
--
-- Those that are not wanted come as well: the next page begins behind them. Looking for wanted ones alone would
-- read the whole table for each page. A version is the digest of all that clues and candidates are made of: a
-- report that is placed, given a photo, read otherwise or withdrawn later has the same content as it had.
WITH page AS MATERIALIZED (
    SELECT report.*
    FROM reports_report AS report
    WHERE report.id > %(after)s
    ORDER BY report.id
    LIMIT %(limit)s
), told AS MATERIALIZED (
    SELECT page.id, page.public_text AS text, page.hint, coalesce(boundary.name, '') AS kelurahan,
        page.author_hash, page.submitted_at, ST_X(page.point) AS lon, ST_Y(page.point) AS lat,
        ARRAY(
            SELECT photo.looks
            FROM reports_photo AS photo
            WHERE photo.channel = page.channel AND photo.external_id = page.external_id AND photo.step = ''
            ORDER BY photo.looks
        ) AS looks,
        page.category_id, page.status = 'withdrawn' AS is_withdrawn
    FROM page
    LEFT JOIN boundaries_boundary AS boundary
        ON boundary.edition_id = page.edition_id AND boundary.code = page.kelurahan_code
), versioned AS MATERIALIZED (
    SELECT told.*, sha256(convert_to(jsonb_build_array(
        told.text, told.hint, told.kelurahan, told.author_hash, extract(epoch FROM told.submitted_at),
        told.lon, told.lat, told.looks, told.category_id, told.is_withdrawn
    )::text, 'UTF8')) AS version
    FROM told
)
SELECT versioned.submitted_at >= %(since)s AND clue.version IS DISTINCT FROM versioned.version AS is_wanted,
    versioned.id, versioned.version, versioned.text, versioned.hint, versioned.kelurahan,
    versioned.author_hash, versioned.submitted_at, versioned.lon, versioned.lat, versioned.looks
FROM versioned
LEFT JOIN LATERAL (
    SELECT known.version
    FROM casework_clue AS known
    WHERE known.report_id = versioned.id
    ORDER BY known.report_id
    LIMIT 1
) AS clue ON true
ORDER BY versioned.id
