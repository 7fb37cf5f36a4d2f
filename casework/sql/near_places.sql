-- near_places: the points of interest of a kind that are nearest to a point.
--
-- params   %(lon)s, %(lat)s degrees, from where is measured; %(kind)s OpenStreetMap's value of amenity;
--          %(reach_m)s metres; %(limit)s how many; %(at)s instant that ages count from
-- returns  id bigint, what jsonb, distance_m, age_s double precision; the nearest first
-- index    poi_open_point
-- caller   casework.desk.context.context
WITH one AS MATERIALIZED (
    SELECT here.point, ST_Expand(
        here.point, %(reach_m)s / 111320.0 / cos(radians(%(lat)s)), %(reach_m)s / 110500.0
    ) AS box
    FROM (SELECT ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326) AS point) AS here
)
SELECT poi.id, jsonb_build_object('name', poi.name, 'brand', poi.brand)::text AS what,
    ST_Distance(poi.point::geography, one.point::geography) AS distance_m,
    extract(epoch FROM %(at)s - poi.last_at)::double precision AS age_s
FROM one
JOIN layers_poi AS poi ON poi.closed_at IS NULL AND poi.point && one.box AND poi.kind = %(kind)s
WHERE ST_DWithin(poi.point::geography, one.point::geography, %(reach_m)s)
ORDER BY distance_m, poi.id
LIMIT %(limit)s
