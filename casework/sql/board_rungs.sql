-- board_rungs: how many turns of each office and person reached each rung of the ladder.
--
-- params   %(since)s, %(before)s, %(at)s instants, %(office)s and %(category)s as of the board
-- returns  office_id (null: the unit), official_id, number of the rung, turns bigint
-- index    escalation_by_office, or of a short time escalation_board (turn_began_at)
-- caller   casework.figures.read
SELECT escalation.turn_office_id AS office_id, escalation.turn_official_id AS official_id, escalation.number,
    count(*) AS turns
FROM casework_escalation AS escalation
WHERE escalation.turn_began_at >= %(since)s AND escalation.turn_began_at < %(before)s AND escalation.at <= %(at)s
  AND (%(office)s::text IS NULL OR escalation.turn_office_id = %(office)s::text)
  AND (%(category)s::text IS NULL OR escalation.turn_id IN (
      SELECT turn.id
      FROM casework_turn AS turn
      JOIN reports_report AS report ON report.id = turn.case_id
      WHERE report.category_id = %(category)s::text
  ))
GROUP BY escalation.turn_office_id, escalation.turn_official_id, escalation.number
