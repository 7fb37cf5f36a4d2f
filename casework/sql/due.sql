-- due: say of turns when their answer is due, by the deadline that they have.
--
-- params   %(days)s jsonb array of amount, on, due_at, is_sure: working days; %(paused)s jsonb array of id, due_at,
--          is_sure: the turns that were paused; %(cases)s bigint array, or null: of all; %(anew)s, %(settled)s
--          boolean: which turns, see casework_reckoned; %(at)s instant of the run, null where all have no date yet;
--          %(zone)s time zone of the city
-- returns  changed bigint, one row: how many are due at another time now
-- index    turn_waiting, turn_undated, turn_identity; those that are settled are looked for among all
-- caller   casework.clock.dues.fill
--
-- What has passed is moved to later at most, and nothing is moved into the past.
WITH day AS MATERIALIZED (
    SELECT item.*
    FROM jsonb_to_recordset(%(days)s::jsonb) AS item (amount integer, "on" date, due_at timestamptz, is_sure boolean)
), stood AS MATERIALIZED (
    SELECT item.*
    FROM jsonb_to_recordset(%(paused)s::jsonb) AS item (id bigint, due_at timestamptz, is_sure boolean)
), reckoned AS MATERIALIZED (
    SELECT turn.turn_id, turn.due_at AS former_at, turn.due_is_sure AS was_sure,
        CASE
            WHEN stood.id IS NOT NULL THEN stood.due_at
            WHEN turn.unit = 'hours' THEN turn.began_at + make_interval(hours => turn.amount)
            ELSE day.due_at
        END AS due_at,
        CASE WHEN stood.id IS NOT NULL THEN stood.is_sure ELSE coalesce(day.is_sure, true) END AS is_sure
    FROM casework_reckoned(%(cases)s::bigint[], %(anew)s, %(settled)s) AS turn
    LEFT JOIN stood ON stood.id = turn.turn_id
    LEFT JOIN day
        ON turn.unit = 'working_days' AND day.amount = turn.amount
        AND day.on = (turn.began_at AT TIME ZONE %(zone)s)::date
), meant AS (
    SELECT reckoned.turn_id, reckoned.former_at, reckoned.was_sure, reckoned.is_sure,
        CASE
            WHEN least(reckoned.former_at, reckoned.due_at) <= %(at)s::timestamptz
                THEN greatest(reckoned.former_at, reckoned.due_at)
            ELSE reckoned.due_at
        END AS due_at
    FROM reckoned
), changed AS (
    UPDATE casework_turn AS turn
    SET due_at = meant.due_at, due_is_sure = meant.is_sure
    FROM meant
    WHERE turn.id = meant.turn_id
      AND (meant.due_at, meant.is_sure) IS DISTINCT FROM (meant.former_at, meant.was_sure)
    RETURNING turn.id
)
SELECT count(*) AS changed
FROM changed
