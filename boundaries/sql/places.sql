-- places: every kelurahan, kecamatan and kota of an edition by name, and the box round each.
--
-- params   %(edition_id)s bigint
-- returns  code, level, name, parent text, west, south, east, north double precision, by code
-- index    boundary_identity (edition, code)
-- caller   boundaries.places.places
SELECT boundary.code, boundary.level, boundary.name, boundary.parent_code AS parent,
    ST_XMin(boundary.geom) AS west, ST_YMin(boundary.geom) AS south,
    ST_XMax(boundary.geom) AS east, ST_YMax(boundary.geom) AS north
FROM boundaries_boundary AS boundary
WHERE boundary.edition_id = %(edition_id)s
ORDER BY boundary.code
