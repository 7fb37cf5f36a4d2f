-- paused: the turns to be reckoned whose clock stood still meanwhile, with the pauses of their cases.
--
-- params   %(cases)s bigint array, or null: of all; %(anew)s, %(settled)s boolean: which turns, see casework_reckoned
-- returns  id bigint, began_at, unit text, amount integer, and the pauses: since and until, each an array of instants
-- index    casework_pause_case_id_*, turn_waiting, turn_undated, turn_identity
-- caller   casework.dues.fill
SELECT turn.turn_id AS id, turn.began_at, turn.unit, turn.amount, stop.since, stop.until
FROM casework_reckoned(%(cases)s::bigint[], %(anew)s, %(settled)s) AS turn
CROSS JOIN LATERAL (
    SELECT array_agg(pause.since ORDER BY pause.id) AS since,
        array_agg(least(pause.until, pause.ended_at) ORDER BY pause.id) AS until
    FROM casework_pause AS pause
    WHERE pause.case_id = turn.case_id
) AS stop
WHERE turn.case_id IN (SELECT pause.case_id FROM casework_pause AS pause)
