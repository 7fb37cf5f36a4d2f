-- alerts_tile: one tile of the drivers' alerts that the newest snapshot holds.
--
-- params   see layers/tiles.py
-- returns  bytea, one row
-- index    alert_open (tile_key)
-- caller   layers.tiles.statement_tile
WITH hit AS (
    SELECT alert.id, alert.tile_key, alert.point, alert.type, alert.subtype, alert.street,
        alert.reported_at, alert.reliability, alert.simulated
    FROM layers_alert AS alert
    WHERE alert.closed_at IS NULL
      AND alert.tile_key BETWEEN %(first_key)s AND %(last_key)s
), feature AS (
    SELECT hit.id, hit.point, hit.type, hit.subtype, hit.street,
        to_char(hit.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS reported_at,
        hit.reliability, hit.simulated, NULL::bigint AS count
    FROM hit
    WHERE (SELECT count(*) FROM hit) <= %(screenful)s
    UNION ALL
    SELECT NULL, ST_SetSRID(ST_MakePoint(avg(ST_X(hit.point)), avg(ST_Y(hit.point))), 4326),
        NULL, NULL, NULL, NULL, NULL, NULL, count(*)
    FROM hit
    WHERE (SELECT count(*) FROM hit) > %(screenful)s
    GROUP BY hit.tile_key >> %(cell_shift)s
)
SELECT CASE %(form)s
    WHEN 'mvt' THEN (
        SELECT coalesce(ST_AsMVT(shape, %(layer)s, 4096, 'geom', 'id'), '')
        FROM (
            SELECT feature.id, feature.type, feature.subtype, feature.street, feature.reported_at,
                feature.reliability, feature.simulated, feature.count,
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
                    'type', feature.type, 'subtype', feature.subtype, 'street', feature.street,
                    'reported_at', feature.reported_at, 'reliability', feature.reliability,
                    'simulated', feature.simulated, 'count', feature.count
                )
            )) ORDER BY feature.id, feature.point), '[]')
        )::text, 'utf-8')
        FROM feature
    )
END
