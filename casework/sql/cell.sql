-- cell: the turns behind one figure of the board, by key.
--
-- params   %(since)s, %(before)s, %(at)s instants as of the board; %(office)s code or null: any; %(tier)s level or
--          null: any; %(official)s id, 0 where the post was vacant, or null: any; %(outcomes)s integer array;
--          %(disputed)s boolean: only answers that were disputed; %(place)s code of the kelurahan in which the report
--          lies, or null: any; %(after)s id of the last turn
--          seen, or 0; %(limit)s integer
-- returns  turn_id, report_id, number, office_id, began_at, due_at, answered_at (as known then), rungs: how far the
--          ladder was climbed by then
-- index    casework_turn_office_id_*, turn_board (began_at), reports_report_pkey, escalation_identity,
--          change_to_disputed
-- caller   casework.board.cell
SELECT judged.turn_id, judged.case_id AS report_id, judged.number, judged.office_id, judged.began_at, judged.due_at,
    CASE WHEN judged.answered_at <= %(at)s THEN judged.answered_at END AS answered_at,
    (
        SELECT count(*)
        FROM casework_escalation AS escalation
        WHERE escalation.turn_id = judged.turn_id AND escalation.at <= %(at)s
    ) AS rungs
FROM casework_judged(%(since)s, %(before)s, %(at)s) AS judged
WHERE (%(office)s::text IS NULL OR judged.office_id = %(office)s::text)
  AND (%(tier)s::text IS NULL OR split_part(judged.office_id, '-', 1) = %(tier)s::text)
  AND (%(official)s::bigint IS NULL OR coalesce(judged.official_id, 0) = %(official)s::bigint)
  AND judged.outcome = ANY (%(outcomes)s::integer[])
  AND (NOT %(disputed)s OR judged.turn_id IN (
      SELECT disputed.turn_id
      FROM casework_disputed(%(since)s, %(at)s) AS disputed
  ))
  AND judged.turn_id > %(after)s
  AND (%(place)s::text IS NULL OR %(place)s::text = (
      SELECT report.kelurahan_code
      FROM reports_report AS report
      WHERE report.id = judged.case_id
  ))
ORDER BY judged.turn_id
LIMIT %(limit)s
