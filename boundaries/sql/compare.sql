-- compare: what an edition has otherwise than another one: boundaries that came, went, or changed name or size.
--
-- params   %(edition_id)s bigint: the one that is looked at; %(former)s bigint, or null: the one in force
-- returns  level, code, name, former_name, area_km2, former_area_km2 (those of the former null: it came; the others
--          null: it went)
-- index    boundary_identity
-- caller   boundaries.editions.compare
--
-- A hundredth of its size is the same: editions round and simplify.
WITH boundary AS (
    SELECT item.* FROM boundaries_boundary AS item WHERE item.edition_id = %(edition_id)s
), other AS (
    SELECT item.* FROM boundaries_boundary AS item WHERE item.edition_id = %(former)s::bigint
)
SELECT coalesce(boundary.level, other.level) AS level, coalesce(boundary.code, other.code) AS code,
    boundary.name, other.name AS former_name, boundary.area_km2, other.area_km2 AS former_area_km2
FROM boundary
FULL JOIN other ON other.code = boundary.code
WHERE boundary.id IS NULL OR other.id IS NULL OR lower(boundary.name) <> lower(other.name)
   OR abs(boundary.area_km2 - other.area_km2) > 0.01 * other.area_km2
ORDER BY code
