-- newest: the newest reports of a choice, as the public sees them.
--
-- params   %(places)s text[] of LIKE patterns of codes, %(categories)s text[], %(area)s WKB, EPSG:4326,
--          %(offices)s text[], %(reports)s bigint[]: each may be null. %(after)s bigint: the last id of the page before. %(reach)s bigint: how many ids back one looks at
--          all. %(limit)s
-- returns  id, category, its names in Bahasa Indonesia and English, name of the kelurahan, status, text,
--          submitted_at, updated_at, lon, lat
-- index    reports_report_pkey, backwards
-- caller   subscriptions.newest.newest
SELECT report.id, report.category, category.name_id, category.name_en, kelurahan.name, report.status, report.text,
    report.submitted_at, report.updated_at, ST_X(report.geom), ST_Y(report.geom)
FROM analyst.reports AS report
JOIN reports_category AS category ON category.code = report.category
LEFT JOIN analyst.kelurahan AS kelurahan ON kelurahan.code = report.kelurahan
WHERE report.id < %(after)s
  AND report.id > (SELECT max(last.id) FROM reports_report AS last) - %(reach)s
  AND (%(places)s::text[] IS NULL OR report.kelurahan LIKE ANY (%(places)s::text[]))
  AND (%(categories)s::text[] IS NULL OR report.category = ANY (%(categories)s::text[]))
  AND (%(area)s::bytea IS NULL OR ST_Intersects(report.geom, ST_GeomFromWKB(%(area)s::bytea, 4326)))
  AND (%(offices)s::text[] IS NULL OR report.office = ANY (%(offices)s::text[]))
  AND (%(reports)s::bigint[] IS NULL OR report.id = ANY (%(reports)s::bigint[]))
ORDER BY report.id DESC
LIMIT %(limit)s
