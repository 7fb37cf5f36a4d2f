-- would_decide: the cases of which the rules, as they are now, would decide otherwise than they did.
--
-- params   %(near_m)s metres within which a border is near
-- returns  former: the office whose turn it is, office: that of the rules now (each null: the unit), cases bigint,
--          example bigint: the newest of them
-- index    turn_running, reports_report_pkey
-- caller   casework.routing.trials.run
--
-- Only what rules decided and nobody answered yet. What an office has stays there; what the unit has goes.
WITH open AS MATERIALIZED (
    SELECT turn.case_id, turn.office_id AS former_id, report.category_id, report.kelurahan_code,
        report.neighbour_code, coalesce(report.border_m <= %(near_m)s, false) AS is_near
    FROM casework_turn AS turn
    JOIN reports_report AS report ON report.id = turn.case_id
    WHERE turn.began_at IS NOT NULL AND turn.ended_at IS NULL AND turn.answered_at IS NULL
      AND turn.explanation ->> 'decided_by' = 'rules'
), decided AS MATERIALIZED (
    -- Compared as texts: what may be null is not hashed, and all of them would be compared with all.
    SELECT place.category_id, place.is_near, coalesce(place.kelurahan_code, '') AS code,
        coalesce(place.neighbour_code, '') AS neighbour, decision.office_id
    FROM (SELECT DISTINCT category_id, kelurahan_code, neighbour_code, is_near FROM open) AS place
    CROSS JOIN LATERAL casework_decide(
        place.category_id, place.kelurahan_code, place.neighbour_code, place.is_near
    ) AS decision
)
SELECT open.former_id AS former, decided.office_id AS office, count(*) AS cases, max(open.case_id) AS example
FROM open
JOIN decided
    ON decided.category_id = open.category_id AND decided.is_near = open.is_near
    AND decided.code = coalesce(open.kelurahan_code, '') AND decided.neighbour = coalesce(open.neighbour_code, '')
WHERE decided.office_id IS DISTINCT FROM open.former_id
GROUP BY open.former_id, decided.office_id
ORDER BY cases DESC, open.former_id, decided.office_id
