-- locate: set the kelurahan of reports from their points.
--
-- params   %(ids)s bigint array, %(reach_m)s metres, %(zone)s time zone of the city
-- returns  id bigint of each report that has another kelurahan now, or has it for another reason
-- index    reports_report_pkey; inside boundaries_place: boundary_place, border_left, border_right
-- caller   reports.intake.locate
--
-- A place that people declared is theirs: it is left alone. So is one that the rule read in the words, until
-- there is a point.
WITH placed AS (
    SELECT report.id, report.kelurahan_code AS former_code, report.placed_by AS formerly_by,
        place.edition_id, place.code, place.placed_by, place.border_m, place.neighbour_code
    FROM reports_report AS report
    LEFT JOIN LATERAL (
        SELECT place.*
        FROM boundaries_place(
            report.point, (report.submitted_at AT TIME ZONE %(zone)s)::date, %(reach_m)s
        ) AS place
        WHERE report.point IS NOT NULL
        OFFSET 0  -- else the planner looks for a place of each report that has no point too
    ) AS place ON true
    WHERE report.id = ANY (%(ids)s)
      AND (report.placed_by IS DISTINCT FROM 'declared' OR (report.by_rule AND report.point IS NOT NULL))
), written AS (
    UPDATE reports_report AS report
    SET edition_id = placed.edition_id,
        kelurahan_code = placed.code,
        placed_by = placed.placed_by,
        border_m = placed.border_m,
        neighbour_code = placed.neighbour_code,
        by_rule = false
    FROM placed
    WHERE placed.id = report.id
      AND (report.edition_id, report.kelurahan_code, report.placed_by, report.border_m, report.neighbour_code)
          IS DISTINCT FROM
          (placed.edition_id, placed.code, placed.placed_by, placed.border_m, placed.neighbour_code)
    RETURNING report.id,
        (placed.former_code, placed.formerly_by) IS DISTINCT FROM (placed.code, placed.placed_by) AS moved
)
SELECT written.id
FROM written
WHERE written.moved
