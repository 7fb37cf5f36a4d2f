-- answered_where: what became of the turns of offices in a time, by the kelurahan in which the reports lie.
--
-- params   %(since)s, %(before)s, %(at)s instants and %(category)s as of the board
-- returns  code, turns, due, kept, no_data: as the columns of the board of that name, by code
-- index    turn_board (began_at), reports_report_pkey
-- caller   casework.board.places.of
SELECT report.kelurahan_code AS code, count(*) AS turns,
    count(*) FILTER (WHERE judged.outcome IN (2, 3, 8)) AS due,
    count(*) FILTER (WHERE judged.outcome = 2) AS kept,
    count(*) FILTER (WHERE judged.outcome = 7) AS no_data
FROM casework_judged(%(since)s, %(before)s, %(at)s) AS judged
JOIN reports_report AS report ON report.id = judged.case_id
WHERE judged.office_id IS NOT NULL AND report.kelurahan_code IS NOT NULL
  AND (%(category)s::text IS NULL OR report.category_id = %(category)s::text)
GROUP BY report.kelurahan_code
ORDER BY report.kelurahan_code
