-- tile: one tile of the boundaries of a level, from the edition in force.
--
-- params   see layers/tiles.py, and %(level)s text
-- returns  bytea, one row
-- index    outline_identity (boundary, zoom); an edition has 317 boundaries
-- caller   layers.tiles.statement_tile
--
-- Outlines are kept in EPSG:3857 for zooms 8 to 15 (boundaries/coverage.py): nothing is simplified here.
WITH box AS (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS tile,
        ST_Expand(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 40075016.685578488 / 2 ^ %(z)s * %(buffer)s) AS wide
), feature AS (
    SELECT boundary.id, boundary.code, boundary.name, boundary.parent_code AS parent, edition.schematic,
        ST_X(boundary.label) AS label_lon, ST_Y(boundary.label) AS label_lat,
        outline.geom, box.tile, box.wide
    FROM boundaries_edition AS edition
    JOIN boundaries_boundary AS boundary
        ON boundary.edition_id = edition.id AND boundary.level = %(level)s
    JOIN boundaries_outline AS outline
        ON outline.boundary_id = boundary.id AND outline.zoom = least(greatest(%(z)s, 8), 15)
    JOIN box ON outline.geom && box.wide
    WHERE edition.validity @> %(today)s::date
)
SELECT CASE %(form)s
    WHEN 'mvt' THEN (
        SELECT coalesce(ST_AsMVT(shape, %(layer)s, 4096, 'geom', 'id'), '')
        FROM (
            SELECT feature.id, feature.code, feature.name, feature.parent, feature.schematic,
                feature.label_lon, feature.label_lat,
                ST_AsMVTGeom(feature.geom, feature.tile, 4096, (4096 * %(buffer)s)::integer, true) AS geom
            FROM feature
        ) AS shape
        WHERE shape.geom IS NOT NULL
    )
    ELSE (
        SELECT convert_to(json_build_object(
            'type', 'FeatureCollection',
            'features', coalesce(json_agg(json_build_object(
                'type', 'Feature',
                'id', shape.id,
                'geometry', ST_AsGeoJSON(ST_Transform(shape.clipped, 4326), %(digits)s)::json,
                'properties', json_build_object(
                    'code', shape.code, 'name', shape.name, 'parent', shape.parent,
                    'schematic', shape.schematic,
                    'label_lon', round(shape.label_lon::numeric, 5),
                    'label_lat', round(shape.label_lat::numeric, 5)
                )
            ) ORDER BY shape.code), '[]')
        )::text, 'utf-8')
        FROM (SELECT feature.*, ST_ClipByBox2D(feature.geom, feature.wide) AS clipped FROM feature) AS shape
        WHERE NOT ST_IsEmpty(shape.clipped)
    )
END
