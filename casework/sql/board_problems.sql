-- board_problems: the turns of each office and person behind which there are fewer problems than turns.
--
-- params   %(since)s, %(before)s, %(at)s instants, %(office)s and %(category)s as of the board
-- returns  office_id (null: the unit), official_id; turns bigint; problems bytea: 8 bytes for each of them that tells
--          of a problem, the report that leads it; one problem may come more than once
-- index    change_to_duplicate, change_of_case, turn_later, turn_identity (case_id, number)
-- caller   casework.figures.read
--
-- OFFSET 0 keeps the look-up of each case: joined, the planner reads all turns for a tenth of them, 320 ms instead
-- of 70.
SELECT turn.office_id, whose.official_id, count(*) AS turns,
    coalesce(string_agg(int8send(told.problem), ''::bytea), '') AS problems
FROM casework_problems(%(since)s, %(before)s, %(at)s) AS told
CROSS JOIN LATERAL (
    SELECT turn.id, turn.office_id, CASE
        WHEN least(CASE WHEN turn.due_is_sure THEN turn.due_at END, turn.answered_at, turn.ended_at) <= %(at)s
            THEN turn.official_id
        ELSE casework_holder(turn.office_id, %(at)s)
    END AS official_id
    FROM casework_turn AS turn
    WHERE turn.case_id = told.case_id
      AND turn.began_at >= %(since)s AND turn.began_at < least(%(before)s, %(at)s)
    OFFSET 0
) AS turn
LEFT JOIN casework_away(%(at)s) AS away ON away.turn_id = turn.id
CROSS JOIN LATERAL (
    SELECT CASE WHEN away.turn_id IS NULL THEN turn.official_id ELSE away.official_id END AS official_id
) AS whose
WHERE (%(office)s::text IS NULL OR turn.office_id = %(office)s::text)
  AND (%(category)s::text IS NULL OR told.case_id IN (
      SELECT report.id
      FROM reports_report AS report
      WHERE report.category_id = %(category)s::text
  ))
GROUP BY turn.office_id, whose.official_id
