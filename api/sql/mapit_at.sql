-- mapit_at: the kelurahan of one edition that covers a point, and what lies above it.
--
-- params   %(edition_id)s bigint, %(lon)s and %(lat)s degrees
-- returns  code, of up to three tiers
-- index    boundary_place
-- caller   api.mapit.areas.covering
SELECT unnest(ARRAY[kelurahan.code, left(kelurahan.code, 8), left(kelurahan.code, 5)]) AS code
FROM (
    SELECT boundary.code
    FROM boundaries_boundary AS boundary
    WHERE boundary.level = 'kelurahan'
      AND boundary.edition_id = %(edition_id)s
      AND ST_Covers(boundary.geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))
    -- House, decision 7: a border belongs to the lower code.
    ORDER BY boundary.code
    LIMIT 1
) AS kelurahan
