-- due: say of the clocks that run when the answer is due.
--
-- params   %(norms)s jsonb array of category, who (an office, else a tier, "" none), unit, amount: the norm of an answer;
--          %(days)s jsonb array of amount, on, due_at, is_sure: working days; %(paused)s jsonb array of id,
--          due_at, is_sure: the turns that were paused; %(cases)s bigint array, or null: of all;
--          %(unset)s boolean: only those that have no due date yet; %(zone)s time zone of the city
-- returns  changed bigint, one row
-- index    turn_waiting, turn_identity
-- caller   casework.dues.fill
--
-- Where no norm holds there is none, and a fault says so.
WITH norm AS MATERIALIZED (
    SELECT item.*
    FROM jsonb_to_recordset(%(norms)s::jsonb) AS item (category text, who text, unit text, amount integer)
), day AS MATERIALIZED (
    SELECT item.*
    FROM jsonb_to_recordset(%(days)s::jsonb) AS item (amount integer, "on" date, due_at timestamptz, is_sure boolean)
), stood AS MATERIALIZED (
    SELECT item.*
    FROM jsonb_to_recordset(%(paused)s::jsonb) AS item (id bigint, due_at timestamptz, is_sure boolean)
), held AS (
    -- Joined twice and not by either: what is said of the office itself comes before what is said of its tier.
    SELECT turn.id, turn.began_at, turn.due_at, turn.due_is_sure, coalesce(own.unit, norm.unit) AS unit,
        coalesce(own.amount, norm.amount) AS amount
    FROM casework_turn AS turn
    JOIN reports_report AS report ON report.id = turn.case_id
    LEFT JOIN boundaries_office AS office ON office.code = turn.office_id
    LEFT JOIN norm AS own ON own.category = report.category_id AND own.who = turn.office_id
    LEFT JOIN norm
        ON norm.category = report.category_id AND norm.who = coalesce(nullif(office.level, 'provinsi'), '')
    WHERE turn.began_at IS NOT NULL AND turn.answered_at IS NULL AND turn.ended_at IS NULL
      AND (%(cases)s::bigint[] IS NULL OR turn.case_id = ANY (%(cases)s::bigint[]))
      AND (turn.due_at IS NULL OR NOT %(unset)s)
), reckoned AS MATERIALIZED (
    SELECT turn.id, turn.due_at AS former_at, turn.due_is_sure AS was_sure,
        CASE
            WHEN stood.id IS NOT NULL THEN stood.due_at
            WHEN turn.unit = 'hours' THEN turn.began_at + make_interval(hours => turn.amount)
            ELSE day.due_at
        END AS due_at,
        CASE WHEN stood.id IS NOT NULL THEN stood.is_sure ELSE coalesce(day.is_sure, true) END AS is_sure
    FROM held AS turn
    LEFT JOIN stood ON stood.id = turn.id
    LEFT JOIN day
        ON turn.unit = 'working_days' AND day.amount = turn.amount
        AND day.on = (turn.began_at AT TIME ZONE %(zone)s)::date
), changed AS (
    UPDATE casework_turn AS turn
    SET due_at = reckoned.due_at, due_is_sure = reckoned.is_sure
    FROM reckoned
    WHERE turn.id = reckoned.id
      AND (reckoned.due_at, reckoned.is_sure) IS DISTINCT FROM (reckoned.former_at, reckoned.was_sure)
    RETURNING turn.id
)
SELECT count(*) AS changed
FROM changed
