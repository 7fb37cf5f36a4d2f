-- pois_tile: one tile of a layer of points of interest.
--
-- params   see layers/tiles.py, and %(kinds)s text array: the kinds that this layer shows
-- returns  bytea, one row
-- index    poi_open (kind, tile_key)
-- caller   layers.tiles.statement_tile
WITH hit AS (
    SELECT poi.id, poi.tile_key, poi.point, poi.name, poi.brand, poi.kind, poi.simulated,
        poi.attributes ->> 'opening_hours' AS opening_hours
    FROM layers_poi AS poi
    WHERE poi.closed_at IS NULL
      AND poi.kind = ANY (%(kinds)s)
      AND poi.tile_key BETWEEN %(first_key)s AND %(last_key)s
), feature AS (
    SELECT hit.id, hit.point, hit.name, hit.brand, hit.kind, hit.opening_hours, hit.simulated,
        NULL::bigint AS count
    FROM hit
    WHERE (SELECT count(*) FROM hit) <= %(screenful)s
    UNION ALL
    SELECT NULL, ST_SetSRID(ST_MakePoint(avg(ST_X(hit.point)), avg(ST_Y(hit.point))), 4326),
        NULL, NULL, NULL, NULL, NULL, count(*)
    FROM hit
    WHERE (SELECT count(*) FROM hit) > %(screenful)s
    GROUP BY hit.tile_key >> %(cell_shift)s
)
SELECT CASE %(form)s
    WHEN 'mvt' THEN (
        SELECT coalesce(ST_AsMVT(shape, %(layer)s, 4096, 'geom', 'id'), '')
        FROM (
            SELECT feature.id, feature.name, feature.brand, feature.kind, feature.opening_hours,
                feature.simulated, feature.count,
                ST_AsMVTGeom(
                    ST_Transform(feature.point, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 0, false
                ) AS geom
            FROM feature
        ) AS shape
    )
    ELSE (
        SELECT convert_to(json_build_object(
            'type', 'FeatureCollection',
            'features', coalesce(json_agg(json_strip_nulls(json_build_object(
                'type', 'Feature',
                'id', feature.id,
                'geometry', ST_AsGeoJSON(feature.point, %(digits)s)::json,
                'properties', json_build_object(
                    'name', feature.name, 'brand', feature.brand, 'kind', feature.kind,
                    'opening_hours', feature.opening_hours, 'simulated', feature.simulated,
                    'count', feature.count
                )
            )) ORDER BY feature.id, feature.point), '[]')
        )::text, 'utf-8')
        FROM feature
    )
END
