-- due_days: on which days of the city the clocks began that still run.
--
-- params   %(cases)s bigint array, or null: of all; %(unset)s boolean: only those that have no due date yet;
--          %(zone)s time zone of the city
-- returns  on date
-- index    turn_waiting, turn_identity
-- caller   casework.dues.fill
SELECT DISTINCT (turn.began_at AT TIME ZONE %(zone)s)::date AS on
FROM casework_turn AS turn
WHERE turn.began_at IS NOT NULL AND turn.answered_at IS NULL AND turn.ended_at IS NULL
  AND (%(cases)s::bigint[] IS NULL OR turn.case_id = ANY (%(cases)s::bigint[]))
  AND (turn.due_at IS NULL OR NOT %(unset)s)
