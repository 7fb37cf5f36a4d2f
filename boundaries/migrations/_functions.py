"""SQL functions of this app's first migrations; a changed one is a new migration."""

PLACE = """
-- Where a point is on a day: the one statement behind look-ups of one point and of a million.
--
-- point     EPSG:4326
-- on_date   the day in Asia/Jakarta whose edition counts
-- reach_m   metres on the spheroid: how far off the coast a point may lie and take the nearest kelurahan
-- returns   one row if an edition is in force that day, none otherwise; code is null where no kelurahan is
--
-- A point on a shared edge or corner meets several polygons: min() makes it the lowest code, always, and
-- keeps the spatial index where ORDER BY code LIMIT 1 would walk the index of codes. Degrees only narrow the
-- search: one degree is at least 100 km below 25 degrees of latitude.
CREATE FUNCTION boundaries_place(point geometry, on_date date, reach_m double precision)
RETURNS TABLE (edition_id bigint, code text, placed_by text, border_m double precision, neighbour_code text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT
        edition.id,
        coalesce(inside.code, nearest.code),
        CASE WHEN inside.code IS NOT NULL THEN 'inside' WHEN nearest.code IS NOT NULL THEN 'nearest' END,
        across.border_m,
        across.code
    FROM boundaries_edition AS edition
    CROSS JOIN LATERAL (
        SELECT min(boundary.code) AS code
        FROM boundaries_boundary AS boundary
        WHERE boundary.edition_id = edition.id
          AND boundary.level = 'kelurahan'
          AND ST_Covers(boundary.geom, point)
    ) AS inside
    LEFT JOIN LATERAL (
        SELECT boundary.code
        FROM boundaries_boundary AS boundary
        WHERE inside.code IS NULL
          AND ST_Covers(edition.sea, point)
          AND boundary.edition_id = edition.id
          AND boundary.level = 'kelurahan'
          AND ST_DWithin(boundary.geom, point, reach_m / 100000)
          AND ST_DWithin(boundary.geom::geography, point::geography, reach_m)
        ORDER BY ST_Distance(boundary.geom::geography, point::geography), boundary.code
        LIMIT 1
    ) AS nearest ON true
    LEFT JOIN LATERAL (
        SELECT
            ST_Distance(border.geom::geography, point::geography) AS border_m,
            CASE border.left_code
                WHEN coalesce(inside.code, nearest.code) THEN border.right_code
                ELSE border.left_code
            END AS code
        FROM boundaries_border AS border
        WHERE border.edition_id = edition.id
          AND coalesce(inside.code, nearest.code) IN (border.left_code, border.right_code)
        ORDER BY border.geom <-> point, border.left_code, border.right_code
        LIMIT 1
    ) AS across ON true
    WHERE edition.validity @> on_date
$$;
"""
DROP_PLACE = "DROP FUNCTION boundaries_place(geometry, date, double precision);"

# The distance is measured to the point of the border that is nearest in degrees, as the border itself is
# chosen: along all of it, it took a sixth of the time of storing a report. Within this province both differ by
# less than 0.002 percent: an oblique border's foot point lies off by 0.6 percent of the distance, sideways.
ALONG_BORDER = "ST_Distance(border.geom::geography, point::geography)"
TO_NEAREST_POINT = "ST_Distance(ST_ClosestPoint(border.geom, point)::geography, point::geography)"
PLACE_ANEW = PLACE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
PLACE_TO_NEAREST_POINT = PLACE_ANEW.replace(ALONG_BORDER, TO_NEAREST_POINT)
