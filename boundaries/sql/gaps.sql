-- gaps: the days on which nobody held a territorial office, after somebody had.
--
-- params   %(on)s date in the city: a gap that lasts counts until this day
-- returns  office, title, since date, until date (null: it lasts), before: who held it, after: who did then or null
-- index    one_official_at_a_time
-- caller   boundaries.terms.gaps
--
-- Two terms of one office never overlap: the database refuses it.
WITH held AS (
    SELECT term.office_id, official.name, upper(term.during) AS since,
        lead(lower(term.during)) OVER turns AS next_since, lead(official.name) OVER turns AS after
    FROM boundaries_term AS term
    JOIN boundaries_official AS official ON official.id = term.official_id
    WINDOW turns AS (PARTITION BY term.office_id ORDER BY lower(term.during) NULLS FIRST)
)
SELECT held.office_id AS office, office.title, held.since, held.next_since - 1 AS until, held.name AS before, held.after
FROM held
JOIN boundaries_office AS office ON office.code = held.office_id
WHERE held.since IS NOT NULL
  AND (held.next_since > held.since OR (held.next_since IS NULL AND held.since <= %(on)s::date))
ORDER BY held.since DESC, held.office_id
