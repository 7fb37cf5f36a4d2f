-- redecided: the turns that the rules would give to another office now, for the report lies elsewhere.
--
-- params   %(near_m)s metres within which a border is near, %(limit)s integer, at most so many
-- returns  case_id bigint, office_id, rule_id, explanation
-- index    turn_running, reports_report_pkey
-- caller   casework.routing.turns.reroute
--
-- Only those that rules gave to an office: what people decided stays. The unit's own are looked at each time, for
-- an office may be there by now; another rule alone takes no case from anybody.
WITH moved AS MATERIALIZED (
    SELECT turn.case_id, turn.office_id AS former_id, report.edition_id, report.category_id, report.kelurahan_code,
        report.placed_by, report.border_m, report.neighbour_code, report.office_id AS report_office_id,
        coalesce(report.border_m <= %(near_m)s, false) AS is_near
    FROM casework_turn AS turn
    JOIN reports_report AS report ON report.id = turn.case_id
    WHERE turn.began_at IS NOT NULL AND turn.ended_at IS NULL AND turn.answered_at IS NULL
      AND turn.explanation ->> 'decided_by' = 'rules'
      AND (
          turn.office_id IS NULL
          OR (turn.explanation ->> 'polygon', turn.explanation ->> 'category')
             IS DISTINCT FROM (report.kelurahan_code, report.category_id)
      )
), decided AS MATERIALIZED (
    -- Compared as texts: what may be null is not hashed, and all of them would be compared with all.
    SELECT place.category_id, place.is_near, coalesce(place.kelurahan_code, '') AS code,
        coalesce(place.neighbour_code, '') AS neighbour, decision.rule_id, decision.office_id, decision.said
    FROM (SELECT DISTINCT category_id, kelurahan_code, neighbour_code, is_near FROM moved) AS place
    CROSS JOIN LATERAL casework_decide(
        place.category_id, place.kelurahan_code, place.neighbour_code, place.is_near
    ) AS decision
)
SELECT moved.case_id, decided.office_id, decided.rule_id, decided.said || jsonb_build_object(
    'decided_by', 'rules',
    'edition', moved.edition_id,
    'category', moved.category_id,
    'polygon', moved.kelurahan_code,
    'placed_by', moved.placed_by,
    'border_m', round(moved.border_m::numeric, 1),
    'neighbour', moved.neighbour_code,
    'is_near_border', moved.is_near,
    'report_office', moved.report_office_id
) AS explanation
FROM moved
JOIN decided
    ON decided.category_id = moved.category_id AND decided.is_near = moved.is_near
    AND decided.code = coalesce(moved.kelurahan_code, '') AND decided.neighbour = coalesce(moved.neighbour_code, '')
WHERE decided.office_id IS DISTINCT FROM moved.former_id
ORDER BY moved.case_id
LIMIT %(limit)s
