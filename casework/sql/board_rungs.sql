-- board_rungs: how many turns of each office and person reached each rung of the ladder.
--
-- params   %(since)s, %(before)s, %(at)s instants, %(office)s and %(category)s as of the board
-- returns  office_id (null: the unit), official_id, number of the rung, turns bigint
-- index    escalation_by_office, or of a short time escalation_board (turn_began_at); casework_turn_pkey
-- caller   casework.figures.read
--
-- Where a due date was moved behind the instant since, a turn that was told of is not due yet: it is, as in all other
-- columns, that of who holds the office then.
SELECT escalation.turn_office_id AS office_id, whose.official_id, escalation.number, count(*) AS turns
FROM casework_escalation AS escalation
JOIN casework_turn AS turn ON turn.id = escalation.turn_id
LEFT JOIN casework_away(%(at)s) AS away ON away.turn_id = escalation.turn_id
CROSS JOIN LATERAL (SELECT CASE
    WHEN away.turn_id IS NOT NULL THEN away.official_id
    WHEN least(CASE WHEN turn.due_is_sure THEN turn.due_at END, turn.answered_at, turn.ended_at) <= %(at)s
        THEN escalation.turn_official_id
    ELSE casework_holder(escalation.turn_office_id, %(at)s)
END AS official_id) AS whose
WHERE escalation.turn_began_at >= %(since)s AND escalation.turn_began_at < %(before)s AND escalation.at <= %(at)s
  AND (%(office)s::text IS NULL OR escalation.turn_office_id = %(office)s::text)
  AND (%(category)s::text IS NULL OR escalation.turn_id IN (
      SELECT turn.id
      FROM casework_turn AS turn
      JOIN reports_report AS report ON report.id = turn.case_id
      WHERE report.category_id = %(category)s::text
  ))
GROUP BY escalation.turn_office_id, whose.official_id, escalation.number
