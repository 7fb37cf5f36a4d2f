-- any_in_force: whether an edition is in force on any day at all.
--
-- params   none
-- returns  boolean, one row
-- index    none: there are a few editions
-- caller   boundaries.lookup.at
SELECT EXISTS (SELECT FROM boundaries_edition AS edition WHERE edition.validity IS NOT NULL)
