-- photos: the photos of a report, oldest first, with what its judges found.
--
-- params   %(id)s report id
-- returns  the fields of casework.desk.photos.Pictured; doubts: jsonb array of the fields of its Matched
-- index    reports_report_pkey, photo_identity (channel, external_id), reports_photo_pkey, doubt_identity,
--          casework_proof_photo_id_*
-- caller   casework.desk.photos.of_case
--
-- Of a photo that was judged for several resolutions the doubts of the last one count.
SELECT photo.id, CASE WHEN photo.shown_at IS NULL THEN 'before' ELSE 'proof' END AS role, photo.digest,
    photo.media_type, photo.shown_at, photo.taken_at,
    round(ST_Distance(photo.point::geography, report.point::geography)::numeric, 1)::float AS distance_m,
    photo.expired_at IS NULL AS is_kept,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'kind', kind.code, 'name_id', kind.name_id, 'name_en', kind.name_en, 'amount', doubt.amount,
            'most', doubt.most, 'unit', kind.unit, 'earlier_photo_id', earlier.id,
            'earlier_report_id', theirs.id, 'earlier_at', coalesce(earlier.shown_at, theirs.submitted_at)
        ) ORDER BY doubt.id), '[]')
        FROM casework_doubt AS doubt
        JOIN casework_doubtkind AS kind ON kind.code = doubt.kind_id
        LEFT JOIN reports_photo AS earlier ON earlier.id = doubt.earlier_id
        LEFT JOIN reports_report AS theirs
            ON theirs.channel = earlier.channel AND theirs.external_id = earlier.external_id
        WHERE doubt.proof_id = (SELECT max(proof.id) FROM casework_proof AS proof WHERE proof.photo_id = photo.id)
    ) AS doubts
FROM reports_report AS report
JOIN reports_photo AS photo ON photo.channel = report.channel AND photo.external_id = report.external_id
WHERE report.id = %(id)s
ORDER BY coalesce(photo.shown_at, report.submitted_at), photo.id
