-- climbed: mark turns that reached the last rung of their ladder.
--
-- params   %(batch)s jsonb array of objects: turn_id, number of the last rung, or 0 where the ladder has none for it
-- returns  marked bigint, one row
-- index    casework_turn_pkey, escalation_identity (turn_id, number)
-- caller   casework.escalation.runs.write
--
-- One whose last rung was left for the next run is left, too.
WITH top AS (
    SELECT item.turn_id, item.number
    FROM jsonb_to_recordset(%(batch)s::jsonb) AS item (turn_id bigint, number smallint)
), marked AS (
    UPDATE casework_turn AS turn
    SET is_climbed = true
    FROM top
    WHERE turn.id = top.turn_id AND NOT turn.is_climbed
      AND (top.number = 0 OR EXISTS (
          SELECT
          FROM casework_escalation AS escalation
          WHERE escalation.turn_id = top.turn_id AND escalation.number = top.number
      ))
    RETURNING turn.id
)
SELECT count(*) AS marked
FROM marked
