-- escalate: append the rungs that turns reached.
--
-- params   %(batch)s jsonb array of objects: turn_id, number, tier, office, official_id, acting, is_vacant, due_at;
--          %(at)s instant of the run
-- returns  id bigint, turn_id bigint, number smallint: those that were appended
-- index    casework_turn_pkey, escalation_identity (turn_id, number)
-- caller   casework.escalation.runs.write
--
-- What another run wrote meanwhile is left to it. A turn that is being answered at this moment is left for the next
-- run, and none is answered while this one is written.
WITH planned AS MATERIALIZED (
    SELECT planned.*
    FROM jsonb_to_recordset(%(batch)s::jsonb) AS planned (
        turn_id bigint, number smallint, tier text, office text, official_id bigint, acting boolean, is_vacant boolean,
        due_at timestamptz
    )
), held AS MATERIALIZED (
    SELECT turn.id
    FROM casework_turn AS turn
    WHERE turn.id IN (SELECT planned.turn_id FROM planned)
      AND (turn.answered_at > %(at)s OR turn.answered_at IS NULL)
      AND (turn.ended_at > %(at)s OR turn.ended_at IS NULL)
    FOR SHARE OF turn SKIP LOCKED
)
INSERT INTO casework_escalation (turn_id, number, tier, office_id, official_id, acting, is_vacant, due_at, at)
SELECT planned.turn_id, planned.number, planned.tier, planned.office, planned.official_id, planned.acting, planned.is_vacant,
    planned.due_at, %(at)s
FROM planned
JOIN held ON held.id = planned.turn_id
ORDER BY planned.turn_id, planned.number
ON CONFLICT (turn_id, number) DO NOTHING
RETURNING id, turn_id, number
