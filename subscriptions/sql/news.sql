-- news: the reports of a choice that are new behind a revision, the newest first; and how many there are.
--
-- params   %(places)s text[] of LIKE patterns of codes, %(categories)s text[], %(area)s WKB, EPSG:4326,
--          %(offices)s text[], %(reports)s bigint[]: each may be null. %(revision)s bigint: the last one that was
--          looked at, %(until)s bigint: the last that is; %(since)s timestamptz: what came before is not new;
--          %(known)s bigint[]: what was told; %(limit)s
-- returns  id, name of the category in Bahasa Indonesia and in English, of the kelurahan, received_at, count
-- index    report_revision (revision)
-- caller   casework.citizens.bulletins._tell_new
SELECT report.id, category.name_id, category.name_en, kelurahan.name, report.received_at, count(*) OVER () AS count
FROM reports_report AS report
JOIN reports_category AS category ON category.code = report.category_id
LEFT JOIN analyst.kelurahan AS kelurahan ON kelurahan.code = report.kelurahan_code
WHERE report.revision > %(revision)s AND report.revision <= %(until)s
  AND report.received_at >= %(since)s AND report.status <> 'withdrawn'
  AND report.id <> ALL (%(known)s::bigint[])
  AND (%(places)s::text[] IS NULL OR report.kelurahan_code LIKE ANY (%(places)s::text[]))
  AND (%(categories)s::text[] IS NULL OR report.category_id = ANY (%(categories)s::text[]))
  AND (%(area)s::bytea IS NULL OR ST_Intersects(
      coalesce(report.public_point, report.point), ST_GeomFromWKB(%(area)s::bytea, 4326)
  ))
  AND (%(offices)s::text[] IS NULL OR report.office_id = ANY (%(offices)s::text[]))
  AND (%(reports)s::bigint[] IS NULL OR report.id = ANY (%(reports)s::bigint[]))
ORDER BY report.id DESC
LIMIT %(limit)s
