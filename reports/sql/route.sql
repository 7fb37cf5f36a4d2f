-- route: set the office that answers each report, and who held it on the report's day.
--
-- params   %(ids)s bigint array, %(zone)s time zone of the city
-- returns  id bigint of each report that was given another office or official
-- index    reports_report_pkey, one_official_at_a_time
-- caller   reports.intake.route
--
-- Where no office or no holder is found NULL is written: the former one never stays. Every change is appended
-- to the history.
WITH office AS MATERIALIZED (
    -- All of them: joined in their index by level alone, which the planner prefers, they take 37 us a report.
    SELECT office.code, office.level, office.boundary_code
    FROM boundaries_office AS office
), due AS (
    SELECT report.id, report.edition_id, office.code AS office_id, term.official_id
    FROM reports_report AS report
    JOIN reports_category AS category ON category.code = report.category_id
    LEFT JOIN office
        ON office.level = category.answered_by
        AND office.boundary_code = reports_tier(report.kelurahan_code, category.answered_by)
    LEFT JOIN boundaries_term AS term
        ON term.office_id = office.code
        AND term.during @> (report.submitted_at AT TIME ZONE %(zone)s)::date
    WHERE report.id = ANY (%(ids)s)
), routed AS (
    UPDATE reports_report AS report
    SET office_id = due.office_id, official_id = due.official_id
    FROM due
    WHERE due.id = report.id
      AND (report.office_id, report.official_id) IS DISTINCT FROM (due.office_id, due.official_id)
    RETURNING report.id, report.office_id, report.official_id, report.edition_id
)
INSERT INTO reports_assignment (report_id, office_id, official_id, edition_id, assigned_at)
SELECT routed.id, routed.office_id, routed.official_id, routed.edition_id, now()
FROM routed
RETURNING report_id
