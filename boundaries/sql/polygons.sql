-- polygons: the polygons of the kelurahan of one edition.
--
-- params   %(edition_id)s bigint
-- returns  code, geom bytea (WKB, EPSG:4326), ordered by code
-- index    boundary_identity (edition, code)
-- caller   boundaries.bulk.cover
SELECT boundary.code, ST_AsBinary(boundary.geom) AS geom
FROM boundaries_boundary AS boundary
WHERE boundary.edition_id = %(edition_id)s
  AND boundary.level = 'kelurahan'
ORDER BY boundary.code
