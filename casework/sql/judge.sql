-- judge: look at the photos of answers whose cases are resolved, each once for a resolution, and store the doubts.
--
-- params   %(after_change)s and %(after_photo)s ids: resolutions or photos behind them are looked at;
--          %(at)s instant; %(limit)s integer, at most so many photos
-- returns  judged, doubted: how many photos; one row
-- index    casework_change_pkey, reports_photo_pkey, photo_identity, change_of_case, photo_pieces (GIN),
--          proof_identity, merge_member_of_case
-- caller   casework.steps.proof.judge
--
-- A photo belongs to the resolution if it was shown since the case was last opened anew: so one that was refused
-- and is shown again is an earlier one. A picture that another report of the same cluster shows is no other
-- problem's: one repair is shown to all who reported it.
WITH resolved AS MATERIALIZED (
    SELECT held.report_id, last.id AS change_id, report.channel, report.external_id, report.point,
        report.submitted_at, casework_lead(held.report_id) AS lead_id,
        coalesce((
            SELECT max(coalesce(opened.said_at, opened.at))
            FROM casework_change AS opened
            WHERE opened.case_id = held.report_id
              AND (opened.from_state_id = 'resolved' OR opened.to_state_id = 'disputed')
        ), '-infinity') AS opened_at
    FROM (
        SELECT change.case_id
        FROM casework_change AS change
        WHERE change.id > %(after_change)s AND change.to_state_id = 'resolved'
        UNION
        SELECT report.id
        FROM reports_photo AS photo
        JOIN reports_report AS report
            ON report.channel = photo.channel AND report.external_id = photo.external_id
        WHERE photo.id > %(after_photo)s AND photo.shown_at IS NOT NULL
    ) AS wanted (report_id)
    JOIN casework_case AS held ON held.report_id = wanted.report_id AND held.state_id = 'resolved'
    JOIN reports_report AS report ON report.id = held.report_id
    CROSS JOIN LATERAL (
        SELECT change.id
        FROM casework_change AS change
        WHERE change.case_id = held.report_id AND change.to_state_id = 'resolved'
        ORDER BY change.id DESC
        LIMIT 1
    ) AS last
), shown AS MATERIALIZED (
    SELECT resolved.*, photo.id AS photo_id, photo.looks, photo.shown_at, photo.taken_at, photo.point AS taken_where
    FROM resolved
    JOIN reports_photo AS photo ON photo.channel = resolved.channel AND photo.external_id = resolved.external_id
    WHERE photo.shown_at > resolved.opened_at
      AND NOT EXISTS (
          SELECT
          FROM casework_proof AS proof
          WHERE proof.change_id = resolved.change_id AND proof.photo_id = photo.id
      )
    ORDER BY photo.id
    LIMIT %(limit)s
), judged AS (
    INSERT INTO casework_proof (change_id, photo_id, at)
    SELECT shown.change_id, shown.photo_id, %(at)s
    FROM shown
    ORDER BY shown.photo_id
    ON CONFLICT (change_id, photo_id) DO NOTHING
    RETURNING id, photo_id
), measured AS (
    SELECT shown.photo_id, 'seen_before' AS kind, before.bits::double precision AS amount, before.photo_id AS earlier_id
    FROM shown
    CROSS JOIN LATERAL (
        SELECT earlier.id AS photo_id, bit_count((earlier.looks # shown.looks)::bit(64)) AS bits
        FROM reports_photo AS earlier
        JOIN reports_report AS theirs
            ON theirs.channel = earlier.channel AND theirs.external_id = earlier.external_id
        WHERE reports_pieces(earlier.looks) && reports_pieces(shown.looks)
          AND (coalesce(earlier.shown_at, theirs.submitted_at), earlier.id) < (shown.shown_at, shown.photo_id)
          AND CASE
              -- Its own photo of the problem, and what it showed before the case was opened anew.
              WHEN theirs.id = shown.report_id THEN earlier.shown_at IS NULL OR earlier.shown_at <= shown.opened_at
              ELSE casework_lead(theirs.id) <> shown.lead_id
          END
        ORDER BY bit_count((earlier.looks # shown.looks)::bit(64)), earlier.id
        LIMIT 1
    ) AS before
    UNION ALL
    SELECT shown.photo_id, 'far_off', ST_Distance(shown.taken_where::geography, shown.point::geography), NULL
    FROM shown
    WHERE shown.taken_where IS NOT NULL AND shown.point IS NOT NULL
    UNION ALL
    SELECT shown.photo_id, 'too_early', extract(epoch FROM shown.submitted_at - shown.taken_at), NULL
    FROM shown
    WHERE shown.taken_at IS NOT NULL
), doubted AS (
    INSERT INTO casework_doubt (proof_id, kind_id, amount, most, earlier_id)
    SELECT judged.id, kind.code, round(measured.amount::numeric, 1), kind.most, measured.earlier_id
    FROM measured
    JOIN judged ON judged.photo_id = measured.photo_id
    JOIN casework_doubtkind AS kind ON kind.code = measured.kind
    WHERE CASE kind.code WHEN 'seen_before' THEN measured.amount <= kind.most ELSE measured.amount > kind.most END
    ORDER BY judged.id, kind.code
    RETURNING proof_id
)
SELECT (SELECT count(*) FROM judged) AS judged, (SELECT count(DISTINCT proof_id) FROM doubted) AS doubted
