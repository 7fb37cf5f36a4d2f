-- board: what became of the turns of each office and person in a time, and of which problems they tell.
--
-- params   %(since)s, %(before)s instants: turns that began from the one on and before the other; %(at)s instant: as
--          it was known then; %(office)s code and %(category)s of the reports, or null: any; %(problems)s boolean:
--          whether problems are asked for
-- returns  office_id (null: the unit), official_id (null: the post was vacant, or the unit); holder_id: who holds the
--          office at that instant, and has the turns that are not due yet; judged bytea: 8 bytes for each turn, its
--          seconds times 32, 16 where its holder was acting, and its outcome; problems bytea, null: none: 8 bytes for
--          each turn behind which there may be fewer problems than turns, the report that leads its problem, 0: none
--          of its own, times 2, and 1 where the turn is not due yet
-- index    turn_by_office, or of a short time turn_board (began_at); report_alike (category_id),
--          change_to_duplicate, change_from_duplicate, turn_later, turn_closed_late, report_open, casework_pause_case_id_*
-- caller   casework.board.figures.turns
--
-- A value of 8 bytes for each turn, packed: 105 ms of a year of 192,000 turns, and 155 where each is hashed, for the
-- index is not in the order of the groups. Grouped by outcome too it took 350, two values for each turn 300, and a row
-- for each turn twice that to hand over. Problems cost 60 ms, and 90 by a statement that looked each of their turns up.
-- What else few turns have is asked by statements of its own: looked up here, each list costs 20 to 40 ms. The outcome
-- is asked for once: a second time it is judged again, 100 ms where thousands of reports are merged.
WITH told AS MATERIALIZED (
    SELECT array_agg(told.case_id) AS cases, array_agg(told.problem) AS problems
    FROM (
        SELECT told.case_id, coalesce(told.problem, 0) AS problem
        FROM casework_problems(%(since)s, %(before)s, %(at)s) AS told
        WHERE %(problems)s
        ORDER BY 1, 2
    ) AS told
)
SELECT judged.office_id, judged.official_id, casework_holder(judged.office_id, %(at)s) AS holder_id,
    string_agg(
        int8send(
            judged.seconds::bigint * 32 + CASE WHEN judged.acting THEN 16 ELSE 0 END + judged.outcome
        ),
        ''::bytea
    ) AS judged,
    string_agg(
        int8send(
            (SELECT told.problems FROM told)[width_bucket(judged.case_id, (SELECT told.cases FROM told))] * 2
            + judged.is_ahead::integer
        ),
        ''::bytea
    ) FILTER (WHERE judged.case_id IN (SELECT unnest(told.cases) FROM told)) AS problems
FROM casework_judged(%(since)s, %(before)s, %(at)s) AS judged
WHERE (%(office)s::text IS NULL OR judged.office_id = %(office)s::text)
  AND (%(category)s::text IS NULL OR judged.case_id IN (
      SELECT report.id
      FROM reports_report AS report
      WHERE report.category_id = %(category)s::text
  ))
GROUP BY judged.office_id, judged.official_id
