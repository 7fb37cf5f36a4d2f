-- place: where one point is on one day, with the names of the tiers.
--
-- params   %(lon)s, %(lat)s degrees, %(on)s date in Asia/Jakarta, %(reach_m)s metres
-- returns  one row if an edition is in force that day: edition (id, name, valid_from, schematic), codes and
--          names of the three tiers, placed_by, border_m, neighbour
-- index    boundary_place, border_left, border_right, boundary_identity
-- caller   boundaries.lookup.at
SELECT
    edition.id AS edition_id,
    edition.name AS edition_name,
    lower(edition.validity) AS valid_from,
    edition.schematic,
    kelurahan.code AS kelurahan_code,
    kelurahan.name AS kelurahan_name,
    kecamatan.code AS kecamatan_code,
    kecamatan.name AS kecamatan_name,
    kota.code AS kota_code,
    kota.name AS kota_name,
    place.placed_by,
    place.border_m,
    neighbour.code AS neighbour_code,
    neighbour.name AS neighbour_name
FROM boundaries_place(
    ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(on)s::date, %(reach_m)s
) AS place
JOIN boundaries_edition AS edition ON edition.id = place.edition_id
LEFT JOIN boundaries_boundary AS kelurahan
    ON kelurahan.edition_id = edition.id AND kelurahan.code = place.code
LEFT JOIN boundaries_boundary AS kecamatan
    ON kecamatan.edition_id = edition.id AND kecamatan.code = kelurahan.parent_code
LEFT JOIN boundaries_boundary AS kota
    ON kota.edition_id = edition.id AND kota.code = kecamatan.parent_code
LEFT JOIN boundaries_boundary AS neighbour
    ON neighbour.edition_id = edition.id AND neighbour.code = place.neighbour_code
