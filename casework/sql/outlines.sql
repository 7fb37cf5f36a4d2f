-- outlines: the boundaries of a tier as a map of one zoom shows them.
--
-- params   %(on)s the day whose edition counts, %(level)s tier, %(zoom)s integer
-- returns  code, name, shape: the outline as well-known binary, EPSG:3857
-- index    boundary_identity (edition, code), outline_identity (boundary, zoom)
-- caller   casework.brief.shaded_map.outlines
SELECT boundary.code, boundary.name, ST_AsBinary(outline.geom) AS shape
FROM boundaries_edition AS edition
JOIN boundaries_boundary AS boundary ON boundary.edition_id = edition.id AND boundary.level = %(level)s
JOIN boundaries_outline AS outline ON outline.boundary_id = boundary.id AND outline.zoom = %(zoom)s
WHERE edition.validity @> %(on)s::date
ORDER BY boundary.code
