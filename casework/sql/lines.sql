-- lines: what a notice says of each escalation in it; nothing of the citizen, and none of their words.
--
-- params   %(ids)s bigint array of escalations
-- returns  one row an escalation, the longest overdue first: id, report_id, category and kelurahan by name (the latter
--          empty where it is not known), title of the office whose turn it is (empty: the unit), the official (empty:
--          vacant when it fell due), acting, due_at of the answer, passed_at, is_own: who is told is that office
-- index    casework_escalation_pkey, casework_turn_pkey, reports_report_pkey, boundaries_office_pkey, boundary_identity
-- caller   casework.escalation.letters.lines
SELECT escalation.id, turn.case_id AS report_id, category.name_id AS category, coalesce(boundary.name, '') AS kelurahan,
    coalesce(office.title, '') AS title, coalesce(official.name, '') AS official, turn.acting, turn.due_at, turn.passed_at,
    coalesce(escalation.office_id = turn.office_id, false) AS is_own
FROM casework_escalation AS escalation
JOIN casework_turn AS turn ON turn.id = escalation.turn_id
LEFT JOIN boundaries_office AS office ON office.code = turn.office_id
LEFT JOIN boundaries_official AS official ON official.id = turn.official_id
JOIN reports_report AS report ON report.id = turn.case_id
JOIN reports_category AS category ON category.code = report.category_id
LEFT JOIN boundaries_boundary AS boundary
    ON boundary.edition_id = report.edition_id AND boundary.code = report.kelurahan_code
WHERE escalation.id = ANY (%(ids)s)
ORDER BY turn.due_at, turn.case_id, escalation.id
