-- mapit_measures: parts, box, middle and area of some boundaries, each from the newest of some editions.
--
-- params   %(editions)s bigint array, %(codes)s text array
-- returns  code, and the rest by MapIt's own names: _lon and _lat in degrees, _e and _n in metres of
--          EPSG:32748 (UTM 48 south), area in square metres
-- index    boundary_identity (edition, code)
-- caller   api.mapit.shapes.measures
SELECT measured.code,
    ST_NumGeometries(measured.geom) AS parts,
    ST_XMin(measured.geom) AS min_lon, ST_YMin(measured.geom) AS min_lat,
    ST_XMax(measured.geom) AS max_lon, ST_YMax(measured.geom) AS max_lat,
    ST_X(measured.middle) AS centre_lon, ST_Y(measured.middle) AS centre_lat,
    32748 AS srid_en,
    ST_Area(measured.metric) AS area,
    ST_XMin(measured.metric) AS min_e, ST_YMin(measured.metric) AS min_n,
    ST_XMax(measured.metric) AS max_e, ST_YMax(measured.metric) AS max_n,
    ST_X(ST_Centroid(measured.metric)) AS centre_e, ST_Y(ST_Centroid(measured.metric)) AS centre_n
FROM (
    SELECT DISTINCT ON (boundary.code) boundary.code, boundary.geom,
        ST_Centroid(boundary.geom) AS middle, ST_Transform(boundary.geom, 32748) AS metric
    FROM boundaries_boundary AS boundary
    WHERE boundary.edition_id = ANY (%(editions)s)
      AND boundary.code = ANY (%(codes)s)
    ORDER BY boundary.code, boundary.edition_id DESC
) AS measured
ORDER BY measured.code
