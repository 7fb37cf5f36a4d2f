-- paused: the turns whose clock runs and stood still meanwhile, with the pauses of their cases.
--
-- params   %(cases)s bigint array, or null: of all; %(unset)s boolean: only those that have no due date yet
-- returns  id bigint, began_at, category, tier (null: no office, or one of the province), office (null: the unit),
--          and the pauses: since and until, each an array of instants
-- index    casework_pause_case_id_*, turn_running, turn_waiting
-- caller   casework.dues.fill
SELECT turn.id, turn.began_at, report.category_id AS category, nullif(office.level, 'provinsi') AS tier,
    turn.office_id AS office, stop.since, stop.until
FROM casework_turn AS turn
JOIN reports_report AS report ON report.id = turn.case_id
LEFT JOIN boundaries_office AS office ON office.code = turn.office_id
CROSS JOIN LATERAL (
    SELECT array_agg(pause.since ORDER BY pause.id) AS since,
        array_agg(least(pause.until, pause.ended_at) ORDER BY pause.id) AS until
    FROM casework_pause AS pause
    WHERE pause.case_id = turn.case_id
) AS stop
WHERE turn.began_at IS NOT NULL AND turn.answered_at IS NULL AND turn.ended_at IS NULL
  AND (%(cases)s::bigint[] IS NULL OR turn.case_id = ANY (%(cases)s::bigint[]))
  AND (turn.due_at IS NULL OR NOT %(unset)s)
  AND turn.case_id IN (SELECT pause.case_id FROM casework_pause AS pause)
