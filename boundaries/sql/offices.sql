-- offices: the offices that answer for some boundaries, and who held each on one day.
--
-- params   %(codes)s text array, %(on)s date in Asia/Jakarta
-- returns  code, title, level, name, acting, since, until; the last four null where the office was vacant
-- index    office_identity, one_official_at_a_time
-- caller   boundaries.lookup.at
SELECT
    office.code,
    office.title,
    office.level,
    official.name,
    term.acting,
    lower(term.during) AS since,
    upper(term.during) - 1 AS until
FROM boundaries_office AS office
LEFT JOIN boundaries_term AS term ON term.office_id = office.code AND term.during @> %(on)s::date
LEFT JOIN boundaries_official AS official ON official.id = term.official_id
WHERE office.boundary_code = ANY (%(codes)s)
ORDER BY length(office.boundary_code) DESC, office.code
