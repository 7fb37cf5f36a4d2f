-- cell: the turns behind one figure of the board, by key.
--
-- params   %(since)s, %(before)s, %(at)s instants as of the board; %(unit)s boolean: the unit's own turns, else those of
--          offices; %(office)s code, %(category)s of the report and %(tier)s level, or null: any; %(official)s id, 0
--          where the post was vacant, or null: any; %(outcomes)s integer array; %(disputed)s boolean: only answers
--          that were disputed; %(distinct)s boolean: of each problem the first turn alone; %(rung)s number of a rung
--          that was reached, or null: any; %(place)s code of the kelurahan in which the report lies, or null: any;
--          %(after)s id of the last turn seen, or 0; %(limit)s integer
-- returns  turn_id, report_id, number, office_id (null: the unit), began_at, due_at, answered_at (as known then), rungs:
--          how far the ladder was climbed by then
-- index    turn_by_office, turn_board (began_at), reports_report_pkey, report_alike, escalation_identity,
--          change_to_disputed, turn_later, change_to_duplicate, change_from_duplicate
-- caller   casework.board.outcomes.cell
--
-- Whose a turn is, is asked in a CASE and where its report lies of a list: so the planner expects about as many turns
-- as there are. Which problem a case tells of is found in two arrays, by halving, and not joined: where the planner
-- expected one turn and thousands came, it went through all problems of the year for each, up to 48 s instead of 0.1.
WITH told AS MATERIALIZED (
    SELECT array_agg(told.case_id) AS cases, array_agg(told.problem) AS problems
    FROM (
        SELECT told.case_id, coalesce(told.problem, 0) AS problem
        FROM casework_problems(%(since)s, %(before)s, %(at)s) AS told
        WHERE %(distinct)s
        ORDER BY 1, 2
    ) AS told
), chosen AS NOT MATERIALIZED (
    SELECT judged.*
    FROM casework_judged(%(since)s, %(before)s, %(at)s) AS judged
    WHERE (judged.office_id IS NULL) = %(unit)s
      AND (%(office)s::text IS NULL OR judged.office_id = %(office)s::text)
      AND (%(tier)s::text IS NULL OR split_part(judged.office_id, '-', 1) = %(tier)s::text)
      AND (%(official)s::bigint IS NULL OR CASE
          WHEN judged.is_ahead
              THEN coalesce(casework_holder(judged.office_id, %(at)s), 0) = %(official)s::bigint
          ELSE coalesce(judged.official_id, 0) = %(official)s::bigint
      END)
      AND (%(category)s::text IS NULL OR judged.case_id IN (
          SELECT report.id
          FROM reports_report AS report
          WHERE report.category_id = %(category)s::text
      ))
      AND judged.outcome = ANY (%(outcomes)s::integer[])
      AND (NOT %(disputed)s OR judged.turn_id IN (
          SELECT disputed.turn_id
          FROM casework_disputed(%(since)s, %(at)s) AS disputed
      ))
      AND (%(rung)s::integer IS NULL OR EXISTS (
          SELECT
          FROM casework_escalation AS escalation
          WHERE escalation.turn_id = judged.turn_id AND escalation.number = %(rung)s::integer
            AND escalation.at <= %(at)s
      ))
      AND (%(place)s::text IS NULL OR judged.case_id IN (
          SELECT report.id
          FROM reports_report AS report
          WHERE report.kelurahan_code = %(place)s::text
      ))
)
SELECT chosen.turn_id, chosen.case_id AS report_id, chosen.number, chosen.office_id, chosen.began_at, chosen.due_at,
    CASE WHEN chosen.answered_at <= %(at)s THEN chosen.answered_at END AS answered_at,
    (
        SELECT count(*)
        FROM casework_escalation AS escalation
        WHERE escalation.turn_id = chosen.turn_id AND escalation.at <= %(at)s
    ) AS rungs
FROM chosen
WHERE chosen.turn_id > %(after)s
  AND (
      NOT %(distinct)s
      OR chosen.case_id NOT IN (SELECT unnest(told.cases) FROM told)
      OR chosen.turn_id IN (
          SELECT min(first.turn_id)
          FROM (
              SELECT one.turn_id, (SELECT told.problems FROM told)[
                  width_bucket(one.case_id, (SELECT told.cases FROM told))
              ] AS problem
              FROM chosen AS one
              WHERE (one.case_id IN (SELECT unnest(told.cases) FROM told)) IS TRUE
          ) AS first
          WHERE first.problem > 0
          GROUP BY first.problem
      )
  )
ORDER BY chosen.turn_id
LIMIT %(limit)s
