-- holders: every office, and who holds it on one day.
--
-- params   %(on)s date in Asia/Jakarta
-- returns  office, tier, boundary_code, title, official_id, name, acting; the last three null where it is vacant
-- index    none: all of them, some hundreds
-- caller   casework.escalation.holders.Holders
SELECT office.code AS office, office.level AS tier, office.boundary_code, office.title, term.official_id, official.name,
    term.acting
FROM boundaries_office AS office
LEFT JOIN boundaries_term AS term ON term.office_id = office.code AND term.during @> %(on)s::date
LEFT JOIN boundaries_official AS official ON official.id = term.official_id
ORDER BY office.code
