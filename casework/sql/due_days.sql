-- due_days: what is allowed to the turns that are to be reckoned, and on which days of the city they began.
--
-- params   %(cases)s bigint array, or null: of all; %(anew)s, %(settled)s boolean: which turns, see casework_reckoned;
--          %(zone)s time zone of the city
-- returns  unit text, amount integer, on date
-- index    turn_waiting, turn_undated, turn_identity
-- caller   casework.clock.dues.fill
SELECT DISTINCT turn.unit, turn.amount, (turn.began_at AT TIME ZONE %(zone)s)::date AS on
FROM casework_reckoned(%(cases)s::bigint[], %(anew)s, %(settled)s) AS turn
