-- mapit_box: the boundaries of one edition whose boxes hold a point.
--
-- params   %(edition_id)s bigint, %(lon)s and %(lat)s degrees
-- returns  code
-- index    boundary_identity (edition, code): a few hundred rows, and only their boxes are looked at
-- caller   api.mapit.areas.boxed
SELECT boundary.code
FROM boundaries_boundary AS boundary
WHERE boundary.edition_id = %(edition_id)s
  AND ST_Covers(ST_Envelope(boundary.geom), ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))
ORDER BY boundary.code
