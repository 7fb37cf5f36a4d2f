-- dated: give turns that have begun the deadline that held then, if they have none.
--
-- params   %(cases)s bigint array, or null: of all
-- returns  nothing
-- index    turn_undated (case_id), reports_report_pkey, boundaries_office_pkey
-- caller   casework.clock.dues.fill
--
-- Those of the first turns are given as they begin. Where none held a turn has no due date, and a fault says so.
WITH undated AS MATERIALIZED (
    SELECT turn.id, held.deadline_id
    FROM casework_turn AS turn
    JOIN reports_report AS report ON report.id = turn.case_id
    LEFT JOIN boundaries_office AS office ON office.code = turn.office_id
    CROSS JOIN LATERAL casework_deadline_of(
        report.category_id, turn.office_id, office.level, turn.began_at
    ) AS held
    WHERE turn.began_at IS NOT NULL AND turn.due_at IS NULL AND turn.deadline_id IS NULL
      AND (%(cases)s::bigint[] IS NULL OR turn.case_id = ANY (%(cases)s::bigint[]))
)
UPDATE casework_turn AS turn
SET deadline_id = undated.deadline_id
FROM undated
WHERE turn.id = undated.id
