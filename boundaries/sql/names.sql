-- names: the names of some boundaries in one edition.
--
-- params   %(edition_id)s bigint, %(codes)s text array
-- returns  code, name
-- index    boundary_identity (edition, code)
-- caller   boundaries.lookup.names
SELECT boundary.code, boundary.name
FROM boundaries_boundary AS boundary
WHERE boundary.edition_id = %(edition_id)s
  AND boundary.code = ANY (%(codes)s)
