-- irregularities_tile: one tile of the irregularities that the newest snapshot holds.
--
-- params   see layers/tiles.py
-- returns  bytea, one row
-- index    irregularity_open_line (gist, open rows only)
-- caller   layers.tiles.statement_tile
--
-- Simplified to half a pixel of the zoom before anything else: of 2,000 jams of 30 vertices in a tile of zoom 9 to
-- project 2 and not 30 took 9 ms and not 38, and the tile 25 kB and not 65.
WITH feature AS (
    SELECT irregularity.id,
        ST_Simplify(irregularity.line, (%(east)s - %(west)s) / 512, true) AS line,
        irregularity.type, irregularity.speed_kmh, irregularity.regular_speed_kmh,
        irregularity.delay_s, irregularity.length_m, irregularity.street, irregularity.simulated,
        to_char(irregularity.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS reported_at
    FROM layers_irregularity AS irregularity
    WHERE irregularity.closed_at IS NULL
      AND irregularity.line && ST_Expand(
          ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326),
          (%(east)s - %(west)s) * %(buffer)s
      )
)
SELECT CASE %(form)s
    WHEN 'mvt' THEN (
        SELECT coalesce(ST_AsMVT(shape, %(layer)s, 4096, 'geom', 'id'), '')
        FROM (
            SELECT feature.id, feature.type, feature.speed_kmh, feature.regular_speed_kmh, feature.delay_s,
                feature.length_m, feature.street, feature.reported_at, feature.simulated,
                ST_AsMVTGeom(
                    ST_Transform(feature.line, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s),
                    4096, (4096 * %(buffer)s)::integer, true
                ) AS geom
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
                'geometry', ST_AsGeoJSON(shape.geom, %(digits)s)::json,
                'properties', json_build_object(
                    'type', shape.type, 'speed_kmh', shape.speed_kmh,
                    'regular_speed_kmh', shape.regular_speed_kmh, 'delay_s', shape.delay_s,
                    'length_m', shape.length_m, 'street', shape.street,
                    'reported_at', shape.reported_at, 'simulated', shape.simulated
                )
            ) ORDER BY shape.id), '[]')
        )::text, 'utf-8')
        FROM (
            SELECT feature.*, ST_ClipByBox2D(feature.line, ST_Expand(
                ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326),
                (%(east)s - %(west)s) * %(buffer)s
            )) AS geom
            FROM feature
        ) AS shape
        WHERE NOT ST_IsEmpty(shape.geom)
    )
END
