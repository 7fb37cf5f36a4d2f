-- left: which reports left a choice lately: they are elsewhere, of another kind, or the public sees them no longer.
--
-- params   %(places)s text[] of LIKE patterns of codes, %(categories)s text[], %(area)s WKB, EPSG:4326,
--          %(offices)s text[], %(reports)s bigint[]: each may be null. %(since)s timestamptz: since when, %(limit)s
-- returns  id, left_at; the last that left first
-- index    former_left (left_at)
-- caller   subscriptions.newest.left
--
-- What left is asked where it was, and of whose office it was nothing is kept; a point that was exact is rounded now where a kind became sensitive since, or
-- one could feel one's way to it afterwards.
SELECT former.report, max(former.left_at) AS left_at
FROM subscriptions_former AS former
LEFT JOIN reports_report AS report ON report.id = former.report
LEFT JOIN reports_category AS kind ON kind.code = former.category
LEFT JOIN reports_category AS other ON other.code = report.category_id
WHERE former.left_at >= %(since)s
  AND (%(places)s::text[] IS NULL OR former.kelurahan LIKE ANY (%(places)s::text[]))
  AND (%(categories)s::text[] IS NULL OR former.category = ANY (%(categories)s::text[]))
  AND (%(area)s::bytea IS NULL OR ST_Intersects(
      coalesce(reports_rounded(former.point, least(kind.public_digits, other.public_digits)), former.point),
      ST_GeomFromWKB(%(area)s::bytea, 4326)
  ))
  AND %(offices)s::text[] IS NULL
  AND (%(reports)s::bigint[] IS NULL OR former.report = ANY (%(reports)s::bigint[]))
  AND NOT coalesce(
      (%(places)s::text[] IS NULL OR report.kelurahan_code LIKE ANY (%(places)s::text[]))
      AND (%(categories)s::text[] IS NULL OR report.category_id = ANY (%(categories)s::text[]))
      AND (%(area)s::bytea IS NULL OR ST_Intersects(
          coalesce(report.public_point, report.point), ST_GeomFromWKB(%(area)s::bytea, 4326)
      ))
      AND report.status <> 'withdrawn', false)
GROUP BY former.report
ORDER BY left_at DESC, former.report DESC
LIMIT %(limit)s
