-- areas: the boundaries of a level with their outlines, for a map of counts.
--
-- params   %(edition_id)s bigint, %(level)s text,
--          %(zoom)s integer: outlines as simplified for this zoom (8 to 15); 99: as surveyed, 0: none
-- returns  code text, name text, parent text, area_km2 double precision, geometry text (GeoJSON or null)
-- index    boundary_identity (edition, code), outline_identity (boundary, zoom)
-- caller   api.questions.areas.areas
SELECT boundary.code, boundary.name, boundary.parent_code, boundary.area_km2,
    CASE
        WHEN %(zoom)s = 99 THEN ST_AsGeoJSON(boundary.geom, 6)
        ELSE ST_AsGeoJSON(ST_Transform(outline.geom, 4326), 6)
    END AS geometry
FROM boundaries_boundary AS boundary
LEFT JOIN boundaries_outline AS outline ON outline.boundary_id = boundary.id AND outline.zoom = %(zoom)s
WHERE boundary.edition_id = %(edition_id)s AND boundary.level = %(level)s
ORDER BY boundary.code
