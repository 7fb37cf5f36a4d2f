-- board_disputed: how many answers of each office and person were disputed.
--
-- params   %(since)s, %(before)s, %(at)s instants, %(office)s and %(category)s as of the board
-- returns  office_id (null: the unit), official_id, turns bigint
-- index    change_to_disputed, turn_identity (case_id, number), casework_turn_pkey
-- caller   casework.board.figures.read
--
-- An answer that is disputed twice at one instant is one that was disputed, as casework/cell has it.
SELECT turn.office_id, turn.official_id, count(DISTINCT turn.id) AS turns
FROM casework_disputed(%(since)s, %(at)s) AS disputed
JOIN casework_turn AS turn ON turn.id = disputed.turn_id
WHERE turn.began_at >= %(since)s AND turn.began_at < %(before)s
  AND (%(office)s::text IS NULL OR turn.office_id = %(office)s::text)
  AND (%(category)s::text IS NULL OR turn.case_id IN (
      SELECT report.id
      FROM reports_report AS report
      WHERE report.category_id = %(category)s::text
  ))
GROUP BY turn.office_id, turn.official_id
