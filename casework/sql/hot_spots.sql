-- hot_spots: in how many turns of offices in a time nobody answered, by the kelurahan in which the reports lie.
--
-- params   %(since)s, %(before)s, %(at)s instants as of the board
-- returns  code, turns, the most first
-- index    turn_board (began_at), reports_report_pkey
-- caller   casework.brief.contents.make
SELECT report.kelurahan_code AS code, count(*) AS turns
FROM casework_judged(%(since)s, %(before)s, %(at)s) AS judged
JOIN reports_report AS report ON report.id = judged.case_id
WHERE judged.outcome = 8 AND judged.office_id IS NOT NULL AND report.kelurahan_code IS NOT NULL
GROUP BY report.kelurahan_code
ORDER BY turns DESC, code
