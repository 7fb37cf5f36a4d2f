-- posts: every office, how large its boundary is, and who held it in a time.
--
-- params   %(from)s, %(to)s first and last day in the city; %(on)s the day whose edition counts
-- returns  code, title, level, area_km2 (null where the edition has no such boundary), terms: jsonb array of objects
--          official_id, acting, since, until (days, the last one included), by day
-- index    office_identity, boundary_identity; all terms are read, a few for each office
-- caller   casework.board.posts.posts
SELECT office.code, office.title, office.level, boundary.area_km2, coalesce(held.terms, '[]'::jsonb) AS terms
FROM boundaries_office AS office
LEFT JOIN boundaries_edition AS edition ON edition.validity @> %(on)s::date
LEFT JOIN boundaries_boundary AS boundary
    ON boundary.edition_id = edition.id AND boundary.code = office.boundary_code
LEFT JOIN (
    SELECT term.office_id, jsonb_agg(
        jsonb_build_object(
            'official_id', term.official_id, 'acting', term.acting,
            'since', lower(term.during), 'until', upper(term.during) - 1
        ) ORDER BY term.during
    ) AS terms
    FROM boundaries_term AS term
    WHERE term.during && daterange(%(from)s, %(to)s, '[]')
    GROUP BY term.office_id
) AS held ON held.office_id = office.code
ORDER BY length(office.boundary_code) DESC, office.code
