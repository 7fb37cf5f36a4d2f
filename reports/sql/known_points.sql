-- known_points: the points of some reports and the kelurahan that they are in, page by page.
--
-- params   %(after)s bigint, the last id of the page before; %(since)s timestamptz, or null for all;
--          %(items)s integer, how many a page has
-- returns  id, lon, lat, kelurahan_code, is_open; ordered by id
-- index    reports_report_pkey
-- caller   reports.activation.preview
--
-- What people declared stays theirs, and what took the nearest kelurahan off the coast is not inside any.
SELECT report.id, ST_X(report.point) AS lon, ST_Y(report.point) AS lat, report.kelurahan_code,
    report.status <> 'done' AS is_open
FROM reports_report AS report
WHERE report.id > %(after)s
  AND report.point IS NOT NULL
  AND (%(since)s::timestamptz IS NULL OR report.submitted_at >= %(since)s)
  AND (report.placed_by IS NULL OR report.placed_by = 'inside')
ORDER BY report.id
LIMIT %(items)s
