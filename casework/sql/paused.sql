-- paused: the turns to be reckoned whose clock stood still meanwhile, with the times in which that of their cases did.
--
-- params   %(cases)s bigint array, or null: of all; %(anew)s, %(settled)s boolean: which turns, see casework_reckoned
-- returns  id bigint, began_at, unit text, amount integer, and these times: since and until, each an array of instants
-- index    casework_pause_case_id_*, casework_member_case_id_*, casework_member_merge_id_*, turn_waiting, turn_undated, turn_identity
-- caller   casework.clock.dues.fill
SELECT turn.turn_id AS id, turn.began_at, turn.unit, turn.amount, stop.since, stop.until
FROM casework_reckoned(%(cases)s::bigint[], %(anew)s, %(settled)s) AS turn
CROSS JOIN LATERAL (
    SELECT array_agg(one.since ORDER BY one.since, one.until) AS since,
        array_agg(one.until ORDER BY one.since, one.until) AS until
    FROM casework_stops(turn.case_id) AS one
) AS stop
WHERE turn.case_id IN (
    SELECT pause.case_id
    FROM casework_pause AS pause
    UNION ALL
    SELECT member.case_id
    FROM casework_unmerge AS undone
    JOIN casework_member AS member ON member.merge_id = undone.merge_id
)
