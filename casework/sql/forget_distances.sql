-- forget_distances: leave no distance from the true point of sensitive reports to a border in why whose turn it was.
--
-- params   %(ids)s bigint array: ids of reports
-- returns  id bigint of each turn that told one
-- index    reports_report_pkey, turn_identity (case_id, number)
-- caller   casework.citizens.anonymise._strike
UPDATE casework_turn AS turn
SET explanation = turn.explanation || '{"border_m": null}'
FROM reports_report AS report
WHERE report.id = ANY (%(ids)s) AND report.public_point IS NOT NULL
  AND turn.case_id = report.id AND turn.explanation ->> 'border_m' IS NOT NULL
RETURNING turn.id
