-- deciding: which rule decides for each kind of problem in each kelurahan, and where that leads to no office.
--
-- params   %(edition_id)s id of the edition in force
-- returns  category, number integer (null: no rule fits); places bigint, of them without an office: homeless bigint,
--          and the lowest code of those: example
-- index    boundary_identity, casework_rule_number_key, office_identity
-- caller   casework.routing.checks.find
--
-- A report that lies nowhere is looked at too, for a rule may decide only those; that no rule fits it is no fault.
WITH place AS (
    SELECT boundary.code
    FROM boundaries_boundary AS boundary
    WHERE boundary.edition_id = %(edition_id)s AND boundary.level = 'kelurahan'
    UNION ALL
    SELECT NULL
), decided AS (
    SELECT category.code AS category, place.code, first.number, first.office_id
    FROM reports_category AS category
    CROSS JOIN place
    LEFT JOIN LATERAL (
        SELECT rule.number, rule.office_id
        FROM casework_rules(category.code, place.code) AS rule
        ORDER BY rule.number
        LIMIT 1
    ) AS first ON true
)
SELECT decided.category, decided.number, count(*) AS places,
    count(*) FILTER (WHERE decided.office_id IS NULL AND decided.code IS NOT NULL) AS homeless,
    min(decided.code) FILTER (WHERE decided.office_id IS NULL) AS example
FROM decided
GROUP BY decided.category, decided.number
ORDER BY decided.category, decided.number
