-- mapit_shapes: the polygons of some boundaries as text, each from the newest of some editions.
--
-- params   %(editions)s bigint array, %(codes)s text array; %(tolerance)s degrees by which lines may be
--          simplified; %(form)s geojson, kml or wkt
-- returns  code, name, body text
-- index    boundary_identity (edition, code)
-- caller   api.mapit.shapes.shapes
SELECT shape.code, shape.name,
    CASE %(form)s
        WHEN 'geojson' THEN ST_AsGeoJSON(shape.geom, 6)
        WHEN 'kml' THEN ST_AsKML(shape.geom, 6)
        ELSE ST_AsText(shape.geom, 6)
    END AS body
FROM (
    SELECT DISTINCT ON (boundary.code) boundary.code, boundary.name,
        CASE WHEN %(tolerance)s = 0 THEN boundary.geom
        ELSE ST_SimplifyPreserveTopology(boundary.geom, %(tolerance)s) END AS geom
    FROM boundaries_boundary AS boundary
    WHERE boundary.edition_id = ANY (%(editions)s)
      AND boundary.code = ANY (%(codes)s)
    ORDER BY boundary.code, boundary.edition_id DESC
) AS shape
ORDER BY shape.code
