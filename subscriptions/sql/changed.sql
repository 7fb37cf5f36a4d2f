-- changed: the reports of a choice that changed behind a revision, as the public sees them now; and what left it.
--
-- params   %(places)s text[] of LIKE patterns of codes, %(categories)s text[], %(area)s WKB, EPSG:4326,
--          %(offices)s text[], %(reports)s bigint[]: each may be null. %(revision)s, %(id)s bigint: the last change that is known. %(until)s bigint: the last revision
--          that is looked at. %(limit)s
-- returns  revision, id, feature as the text of a JSON object; null for a report that the public sees no longer, or
--          that is in the choice no longer
-- index    report_revision (revision), former_revision (revision)
-- caller   subscriptions.collect.collect
--
-- What left is asked where the public, and so this receiver, saw it until then; whose office it had is not kept.
SELECT report.revision, report.id, CASE WHEN shown.id IS NOT NULL THEN jsonb_build_object(
    'type', 'Feature', 'id', shown.id, 'geometry', ST_AsGeoJSON(shown.geom, 6)::jsonb,
    'properties', to_jsonb(shown) - 'id' - 'geom'
) END::text AS feature
FROM reports_report AS report
LEFT JOIN analyst.reports AS shown ON shown.id = report.id
WHERE report.revision >= %(revision)s AND report.revision <= %(until)s
  AND (report.revision, report.id) > (%(revision)s, %(id)s)
  AND (%(places)s::text[] IS NULL OR report.kelurahan_code LIKE ANY (%(places)s::text[]))
  AND (%(categories)s::text[] IS NULL OR report.category_id = ANY (%(categories)s::text[]))
  AND (%(area)s::bytea IS NULL OR ST_Intersects(
      coalesce(report.public_point, report.point), ST_GeomFromWKB(%(area)s::bytea, 4326)
  ))
  AND (%(offices)s::text[] IS NULL OR report.office_id = ANY (%(offices)s::text[]))
  AND (%(reports)s::bigint[] IS NULL OR report.id = ANY (%(reports)s::bigint[]))
UNION
SELECT former.revision, former.report, NULL
FROM subscriptions_former AS former
LEFT JOIN reports_report AS report ON report.id = former.report
WHERE former.revision >= %(revision)s AND former.revision <= %(until)s
  AND (former.revision, former.report) > (%(revision)s, %(id)s)
  AND (%(places)s::text[] IS NULL OR former.kelurahan LIKE ANY (%(places)s::text[]))
  AND (%(categories)s::text[] IS NULL OR former.category = ANY (%(categories)s::text[]))
  AND (%(area)s::bytea IS NULL OR ST_Intersects(former.point, ST_GeomFromWKB(%(area)s::bytea, 4326)))
  AND %(offices)s::text[] IS NULL
  AND (%(reports)s::bigint[] IS NULL OR former.report = ANY (%(reports)s::bigint[]))
  AND NOT coalesce(
      (%(places)s::text[] IS NULL OR report.kelurahan_code LIKE ANY (%(places)s::text[]))
      AND (%(categories)s::text[] IS NULL OR report.category_id = ANY (%(categories)s::text[]))
      AND (%(area)s::bytea IS NULL OR ST_Intersects(
          coalesce(report.public_point, report.point), ST_GeomFromWKB(%(area)s::bytea, 4326)
      ))
      AND report.id IS NOT NULL, false)
ORDER BY 1, 2
LIMIT %(limit)s
