-- displace: end the editions that another one takes over from a day on.
--
-- params   %(edition_id)s bigint, the one that takes over; %(since)s date, or null for all days
-- returns  id of each edition that was shortened, or is no longer in force at all
-- index    boundaries_edition_pkey
-- caller   boundaries.editions.put_in_force
UPDATE boundaries_edition AS edition
SET validity = nullif(edition.validity - daterange(%(since)s::date, NULL), 'empty'::daterange)
WHERE edition.id <> %(edition_id)s
  AND edition.validity && daterange(%(since)s::date, NULL)
RETURNING edition.id
