-- mapit_related: the boundaries of one edition that lie to one of them as a word says.
--
-- params   %(edition_id)s bigint, %(code)s text, %(how)s text: touches, overlaps, covers, covered, coverlaps or
--          intersects; covers are those that it covers, covered those that cover it
-- returns  code
-- index    boundary_identity (edition, code)
-- caller   api.mapit.areas.related
--
-- What a kota covers is known by the codes, which are a hierarchy: its polygon is the union of theirs.
SELECT other.code
FROM boundaries_boundary AS one
JOIN boundaries_boundary AS other
    ON other.edition_id = one.edition_id AND other.code <> one.code AND other.geom && one.geom
WHERE one.edition_id = %(edition_id)s
  AND one.code = %(code)s
  AND CASE %(how)s
      WHEN 'covers' THEN starts_with(other.code, one.code)
      WHEN 'covered' THEN starts_with(one.code, other.code)
      WHEN 'coverlaps' THEN starts_with(other.code, one.code)
      WHEN 'intersects' THEN ST_Intersects(other.geom, one.geom)
      WHEN 'touches' THEN ST_Intersects(other.geom, one.geom)
          AND NOT starts_with(other.code, one.code)
          AND NOT starts_with(one.code, other.code)
      ELSE false
  END
ORDER BY other.code
