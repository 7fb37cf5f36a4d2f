-- forget_pins: let where people put the pins of sensitive reports lose digits, as the reports' own points do.
--
-- params   %(ids)s bigint array: ids of reports
-- returns  id bigint of each row that lost some
-- index    reports_report_pkey, reports_category's key, reports_placement_report_id_*
-- caller   casework.citizens.anonymise._strike
UPDATE reports_placement AS said
SET point = ST_SnapToGrid(said.point, power(10, -category.public_digits)::double precision),
    from_point = ST_SnapToGrid(said.from_point, power(10, -category.public_digits)::double precision)
FROM reports_report AS report
JOIN reports_category AS category ON category.code = report.category_id
WHERE report.id = ANY (%(ids)s) AND said.report_id = report.id AND category.public_digits IS NOT NULL
  AND coalesce(said.point, said.from_point) IS NOT NULL
RETURNING said.id
