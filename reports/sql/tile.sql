-- tile: one tile of the reports that have a point.
--
-- params   see layers/tiles.py
-- returns  bytea, one row
-- index    report_tile (tile_key)
-- caller   layers.tiles.tile
--
-- Columns that the public may see, and no other. Where more points than a screenful lie in the tile, all
-- of them are counted in cells, at the mean position of each cell's points; nothing is cut off.
WITH size AS (
    SELECT count(*) <= %(screenful)s AS fits
    FROM (
        SELECT FROM reports_report AS report
        WHERE report.tile_key BETWEEN %(first_key)s AND %(last_key)s AND report.status <> 'withdrawn'
        LIMIT %(screenful)s + 1
    ) AS enough
), feature AS (
    SELECT report.id, report.point, report.category_id AS category, report.status, report.channel,
        %(today)s::date - (report.submitted_at AT TIME ZONE %(zone)s)::date AS age_days,
        report.kelurahan_code AS kelurahan, report.placed_by, report.simulated,
        NULL::bigint AS count, NULL::bigint AS waiting, NULL::bigint AS in_progress, NULL::bigint AS done
    FROM reports_report AS report
    WHERE (SELECT size.fits FROM size)
      AND report.tile_key BETWEEN %(first_key)s AND %(last_key)s
      AND report.status <> 'withdrawn'
    UNION ALL
    SELECT NULL, ST_SetSRID(ST_MakePoint(avg(ST_X(report.point)), avg(ST_Y(report.point))), 4326),
        NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        count(*),
        count(*) FILTER (WHERE report.status = 'waiting'),
        count(*) FILTER (WHERE report.status = 'in_progress'),
        count(*) FILTER (WHERE report.status = 'done')
    FROM reports_report AS report
    WHERE NOT (SELECT size.fits FROM size)
      AND report.tile_key BETWEEN %(first_key)s AND %(last_key)s
      AND report.status <> 'withdrawn'
    GROUP BY report.tile_key >> %(cell_shift)s
)
SELECT CASE %(form)s
    WHEN 'mvt' THEN (
        SELECT coalesce(ST_AsMVT(shape, %(layer)s, 4096, 'geom', 'id'), '')
        FROM (
            SELECT feature.id, feature.category, feature.status, feature.channel, feature.age_days,
                feature.kelurahan, feature.placed_by, feature.simulated, feature.count, feature.waiting,
                feature.in_progress, feature.done,
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
                    'category', feature.category, 'status', feature.status, 'channel', feature.channel,
                    'age_days', feature.age_days, 'kelurahan', feature.kelurahan,
                    'placed_by', feature.placed_by, 'simulated', feature.simulated,
                    'count', feature.count, 'waiting', feature.waiting,
                    'in_progress', feature.in_progress, 'done', feature.done
                )
            )) ORDER BY feature.id, feature.point), '[]')
        )::text, 'utf-8')
        FROM feature
    )
END
