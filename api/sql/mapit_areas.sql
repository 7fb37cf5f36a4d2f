-- mapit_areas: boundaries as MapIt's areas, each from the newest of some editions.
--
-- params   %(editions)s bigint array of those asked, %(known)s bigint array of all that were ever in force;
--          %(codes)s and %(levels)s text arrays, %(parent)s and %(prefix)s text: null asks for nothing
-- returns  code, name, level, parent_code; low and high, the first and the last edition that has the code
-- index    boundary_identity (edition, code)
-- caller   api.mapit.areas.find
SELECT DISTINCT ON (boundary.code)
    boundary.code, boundary.name, boundary.level, boundary.parent_code, span.low, span.high
FROM boundaries_boundary AS boundary
JOIN (
    SELECT every.code, min(every.edition_id) AS low, max(every.edition_id) AS high
    FROM boundaries_boundary AS every
    WHERE every.edition_id = ANY (%(known)s)
    GROUP BY every.code
) AS span ON span.code = boundary.code
WHERE boundary.edition_id = ANY (%(editions)s)
  AND (%(codes)s::text[] IS NULL OR boundary.code = ANY (%(codes)s))
  AND (%(levels)s::text[] IS NULL OR boundary.level = ANY (%(levels)s))
  AND (%(parent)s::text IS NULL OR boundary.parent_code = %(parent)s)
  AND (%(prefix)s::text IS NULL OR starts_with(lower(boundary.name), lower(%(prefix)s)))
ORDER BY boundary.code, boundary.edition_id DESC
